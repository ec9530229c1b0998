"""DuckDB alone: one query that does the same job over one file; it too believes the file.

Exact sums, the last of the lines with the same three ids, distinct orders, units, first and last day, by
merchant and by merchant and month.
"""

from __future__ import annotations

import os

import duckdb

from benchmarks.comparison.programs.output import given, write_sums

QUERY = """
    WITH numbered AS (
        SELECT l_suppkey, l_orderkey, l_linenumber, row_number() OVER () AS line, l_shipdate, l_quantity,
               l_extendedprice * (1 - l_discount) AS amount
        FROM read_csv($files, types = {
            'l_extendedprice': 'DECIMAL(18,4)', 'l_discount': 'DECIMAL(18,4)', 'l_suppkey': 'INTEGER',
            'l_quantity': 'BIGINT', 'l_shipdate': 'DATE'})),
    kept AS (
        SELECT l_suppkey, l_orderkey,
               unnest(arg_max({'amount': amount, 'day': l_shipdate, 'units': l_quantity}, line))
        FROM numbered GROUP BY l_suppkey, l_orderkey, l_linenumber)
    SELECT l_suppkey::VARCHAR, date_trunc('month', day) AS month, count(DISTINCT l_orderkey), count(*),
           sum(units), sum(amount) FILTER (amount >= 0), -sum(amount) FILTER (amount < 0), sum(amount),
           min(day), max(day), grouping(month)
    FROM kept GROUP BY GROUPING SETS ((l_suppkey), (l_suppkey, month))
"""


def main() -> None:
    """Ask DuckDB, and keep the totals."""
    out, files = given()
    with duckdb.connect(config={"threads": len(os.sched_getaffinity(0))}) as connection:
        rows = connection.execute(QUERY, {"files": list(map(str, files))}).fetchall()
    write_sums(out, {row[0]: row[7] for row in rows if row[10]})


if __name__ == "__main__":
    main()
