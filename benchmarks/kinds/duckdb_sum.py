"""DuckDB alone, one thread: the exact sum by merchant over the same file, which it believes as it is."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from benchmarks.comparison.programs.output import write_sums

TYPES = "{merchant_id: 'VARCHAR', amount: 'DECIMAL(18,4)'}"


def main() -> None:
    """Read the file named last; the sums go to the file named first."""
    out, path = Path(sys.argv[1]), sys.argv[-1]
    reader = f"read_csv('{path}', types = {TYPES})"
    if path.endswith(".jsonl"):
        reader = f"read_json('{path}', format = 'newline_delimited', columns = {TYPES})"
    elif path.endswith(".parquet"):
        reader = f"read_parquet('{path}')"
    with duckdb.connect(config={"threads": 1}) as connection:
        query = f"SELECT merchant_id, sum(amount)::DECIMAL(38,4) FROM {reader} GROUP BY ALL"
        write_sums(out, dict(connection.execute(query).fetchall()))


if __name__ == "__main__":
    main()
