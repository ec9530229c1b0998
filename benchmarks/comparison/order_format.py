"""How TPC-H lineitem maps to order lines: what the sums need, and what months and units need too."""

LEAN = """
prefix: tpch/
columns:
  merchant_id: l_suppkey
  order_id: l_orderkey
  line_id: l_linenumber
  amount: l_extendedprice * (1 - l_discount)
"""
FULL = f"""{LEAN}\
  quantity: l_quantity
  ordered_at: l_shipdate
"""
