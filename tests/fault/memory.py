"""Sharding and sales are pure functions of bytes: each question goes to DuckDB once, then to memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from lambdas.domain import retractions, sales, shards
from lambdas.domain.ledger import Contribution, MerchantCurrency
from lambdas.domain.order_bytes import OrderBytes
from lambdas.domain.partitions import HashRange
from lambdas.domain.plan import Split
from lambdas.domain.reconciliation import Outcome
from lambdas.domain.shard_index import ShardIndex
from lambdas.domain.shards import ShardedOrders

_shards: dict[object, tuple[bytes, bytes, ShardIndex, list[tuple[int, int | None]]]] = {}
_sales: dict[object, bytes] = {}
_named: dict[object, bytes] = {}
_retracted: dict[object, list[MerchantCurrency]] = {}
_results: dict[bytes, tuple[Outcome, list[Contribution]]] = {}


class Sharding(shards.Sharding):
    """The domain's sharding by content, format, split and ranges; the key only shows in errors.

    What it asks of the bucket is asked again each time, so that a seed does the same with and without memory.
    """

    def split(
        self, orders: OrderBytes, split: Split, key: str, *, begins_inside: bool = False
    ) -> ShardedOrders:
        """One split, by the bytes of the whole file."""
        content = _content(orders)
        question = (
            content,
            Path(key).suffix,
            self.order_format.text,
            tuple(self.ranges),
            split,
            begins_inside,
        )
        if content is None or question not in _shards:
            opened = _Opened(orders)
            found = super().split(opened, split, key, begins_inside=begins_inside)
            stored = found.shard_object.read_bytes(), found.rejects.read_bytes(), found.index
            _shards[question] = (*stored, opened.parts)
        else:
            for start, end in _shards[question][3]:
                orders.open(start, end).read()
        shard_bytes, reject_bytes, index, _ = _shards[question]
        shard_object, rejects = self.scratch / "shard.frames", self.scratch / "rejects.jsonl"
        shard_object.write_bytes(shard_bytes)
        rejects.write_bytes(reject_bytes)
        return ShardedOrders(shard_object=shard_object, rejects=rejects, index=index)


def _content(orders: Any) -> bytes | None:
    """The bytes of the version, seen without asking for them as the functions do; None if it is gone."""
    file, bucket = orders.order_file, orders.order_files.client.s3.buckets[orders.order_file.bucket]
    versions = (one for one in bucket.get(file.key, []) if one.version_id == file.version_id)
    version = next(versions, None)
    return version.body if version else None


class _Opened:
    """An order file that remembers which parts of it were asked for."""

    def __init__(self, orders: OrderBytes) -> None:
        self.orders = orders
        self.parts: list[tuple[int, int | None]] = []

    @property
    def size_bytes(self) -> int:
        return self.orders.size_bytes

    def open(self, start: int = 0, end: int | None = None) -> BinaryIO:
        self.parts.append((start, end))
        return self.orders.open(start, end)


def compute_sales(
    *,
    frames: Sequence[Path],
    results: Path,
    connection: duckdb.DuckDBPyConnection,
    only: HashRange | None = None,
) -> None:
    """The domain's compute_sales by the bytes of the frames and the range."""
    question = only, *(frame.read_bytes() for frame in frames)
    if question not in _sales:
        sales.compute_sales(frames=frames, results=results, connection=connection, only=only)
        _sales[question] = results.read_bytes()
    results.write_bytes(_sales[question])


def read_results(path: Path, connection: duckdb.DuckDBPyConnection) -> tuple[Outcome, Iterator[Contribution]]:
    """The domain's read_results by the bytes of the file."""
    content = path.read_bytes()
    if content not in _results:
        outcome, contributions = sales.read_results(path, connection)
        _results[content] = outcome, list(contributions)
    outcome, known = _results[content]
    return outcome, iter(known)


def not_named_any_more(
    earlier: Sequence[Path], results: Path, connection: duckdb.DuckDBPyConnection
) -> Iterator[MerchantCurrency]:
    """The domain's not_named_any_more by the bytes of the files."""
    question = tuple(path.read_bytes() for path in (*earlier, results))
    if question not in _retracted:
        _retracted[question] = list(retractions.not_named_any_more(earlier, results, connection))
    return iter(_retracted[question])


def write_named(
    results: Path, part: HashRange, *, named: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """The domain's write_named by the bytes of the file and the range."""
    question = part, results.read_bytes()
    if question not in _named:
        retractions.write_named(results, part, named=named, connection=connection)
        _named[question] = named.read_bytes()
    named.write_bytes(_named[question])


def forget(shard_module: Any, sales_module: Any) -> None:
    """Give the functions the domain's own again."""
    shard_module.Sharding = shards.Sharding
    sales_module.compute_sales, sales_module.read_results = sales.compute_sales, sales.read_results
    sales_module.not_named_any_more = retractions.not_named_any_more
    sales_module.write_named = retractions.write_named
