"""This system, one process: every line read, checked and typed, and the exact sum by merchant.

With `--shard` everything that a sharding worker does instead: frames for 4 partitions, index and rejects.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.comparison.programs.output import write_sums
from benchmarks.kinds.orders import FORMAT
from lambdas.domain.database import connect
from lambdas.domain.delivered_file import DeliveredFile
from lambdas.domain.open_rows import RowsOpener
from lambdas.domain.order_columns import find_sources
from lambdas.domain.order_format import parse_order_format
from lambdas.domain.order_lines import lines_query, rules_for
from lambdas.domain.partitions import hash_ranges
from lambdas.domain.shards import shard_orders

MEMORY_BYTES = 800_000_000
ORDER_FORMAT = parse_order_format(FORMAT, "kinds.yaml")


def main() -> None:
    """Read the file named last; the sums go to the file named first."""
    out, path = Path(sys.argv[1]), Path(sys.argv[-1])
    with tempfile.TemporaryDirectory(dir=out.parent) as folder, path.open("rb") as orders:
        scratch = Path(folder).resolve()
        with connect(scratch, memory_bytes=MEMORY_BYTES, threads=1) as connection:
            if "--shard" in sys.argv:
                shard_orders(
                    orders=orders,
                    key=path.name,
                    order_format=ORDER_FORMAT,
                    ranges=hash_ranges(4),
                    scratch=scratch,
                    connection=connection,
                )
                return
            delivered = DeliveredFile(orders, key=path.name, limit_bytes=1 << 40)
            rows = RowsOpener(order_format=ORDER_FORMAT, scratch=scratch, connection=connection).whole(
                delivered
            )
            sources = find_sources(ORDER_FORMAT, rows.names, path.name, connection)
            rules = rules_for(sources, rows.guards(sources), rows.types, ORDER_FORMAT, connection)
            rows.load(lines_query(rows.from_sql(sources), rules, ORDER_FORMAT, hash_ranges(1)))
            query = "SELECT merchant_id, sum(amount) FROM lines WHERE reason = 0 GROUP BY ALL"
            write_sums(out, dict(connection.execute(query).fetchall()))


if __name__ == "__main__":
    main()
