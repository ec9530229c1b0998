"""The order files of the benchmark: the same orders as every kind of file."""

from __future__ import annotations

from pathlib import Path

import duckdb

KINDS = {
    "orders.csv": "FORMAT csv",
    "orders.csv.gz": "FORMAT csv, COMPRESSION gzip",
    "orders.csv.zst": "FORMAT csv, COMPRESSION zstd",
    "orders.jsonl": "FORMAT json",
    "orders.parquet": "FORMAT parquet",
}
ORDERS = """
    SELECT 'shop' || hash(i) % 10000 AS merchant_id, (hash(i * 7) % 1000000 / 100)::DECIMAL(12,2) AS amount,
           'o' || i // 3 AS order_id, i % 3 AS line_id, 1 + i % 5 AS quantity,
           TIMESTAMP '2024-01-01' + to_seconds(i * 6) AS ordered_at
    FROM range({lines}) t(i)
"""
FORMAT = """
prefix: ''
columns: {merchant_id: merchant_id, amount: amount, order_id: order_id, line_id: line_id, quantity: quantity,
          ordered_at: ordered_at}
"""


def order_files(folder: Path, lines: int) -> list[Path]:
    """The files, made once."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, options in KINDS.items():
        path = folder / name
        if not path.exists():
            half = path.with_suffix(".half")
            duckdb.connect().execute(f"COPY ({ORDERS.format(lines=lines)}) TO '{half}' ({options})")
            half.rename(path)
    return [folder / name for name in KINDS]
