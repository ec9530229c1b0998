"""DuckDB alone: the bare exact sum, which believes the file and checks nothing."""

from __future__ import annotations

import os

import duckdb

from benchmarks.comparison.programs.output import given, write_sums

QUERY = """
    SELECT l_suppkey::VARCHAR, sum(l_extendedprice * (1 - l_discount))
    FROM read_csv($files, types = {'l_extendedprice': 'DECIMAL(18,4)', 'l_discount': 'DECIMAL(18,4)',
                                   'l_suppkey': 'INTEGER'})
    GROUP BY l_suppkey
"""


def main() -> None:
    """Ask DuckDB."""
    out, files = given()
    with duckdb.connect(config={"threads": len(os.sched_getaffinity(0))}) as connection:
        rows = connection.execute(QUERY, {"files": list(map(str, files))}).fetchall()
    write_sums(out, dict(rows))


if __name__ == "__main__":
    main()
