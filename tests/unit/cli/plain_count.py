"""What the plain pass of `reconcile` finds in a few bytes, in a form that a test can spell out."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from cli.reconcile.count import Counted, count_file
from tests.unit.order_files import opened, order_format

SHOP_AND_AMOUNT = "columns: {merchant_id: shop, amount: amount}"
JSONL, JSON, PARQUET = "orders.jsonl", "orders.json", "orders.parquet"
Found = tuple[dict[str, str], int]
"""Net sales by merchant, and how many lines were rejected."""


def counted(content: bytes, format_text: str = SHOP_AND_AMOUNT, *, key: str = "orders.csv") -> Counted:
    """The count of a file by a format that lets any share of its lines be rejected."""
    chosen = order_format(f"{format_text}\nmax_reject_ratio: 1")
    with tempfile.TemporaryDirectory() as scratch, opened(Path(scratch)) as connection:
        return count_file(lambda: io.BytesIO(content), key=key, order_format=chosen, connection=connection)


def found(content: bytes, format_text: str = SHOP_AND_AMOUNT, *, key: str = "orders.csv") -> Found:
    """The same, in short."""
    result = counted(content, format_text, key=key)
    nets = {merchant: one.total.attributes()["net_sales"] for (merchant, _), one in result.sales.items()}
    return {merchant: f"{net:f}" for merchant, net in nets.items()}, result.rejected


def lines_and_array(*objects: str) -> list[tuple[bytes, str]]:
    """The same objects as JSON Lines and as an array."""
    return [("\n".join(objects).encode(), JSONL), (f"[{', '.join(objects)}]".encode(), JSON)]


def file_of(columns: Mapping[str, pa.Array], **options: Any) -> bytes:
    """A Parquet file with these columns."""
    sink = io.BytesIO()
    parquet.write_table(pa.table(dict(columns)), sink, **options)
    return sink.getvalue()
