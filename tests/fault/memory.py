"""Sharding and sales are pure functions of bytes: each question goes to DuckDB once, then to memory."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from lambdas.domain import sales, shards
from lambdas.domain.ledger import Contribution
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.partitions import HashRange
from lambdas.domain.reconciliation import Outcome
from lambdas.domain.shard_index import ShardIndex
from lambdas.domain.shards import ShardedOrders

_shards: dict[object, tuple[bytes, bytes, ShardIndex]] = {}
_sales: dict[object, bytes] = {}
_results: dict[bytes, tuple[Outcome, list[Contribution]]] = {}


def shard_orders(
    *,
    orders: BinaryIO,
    key: str,
    order_format: OrderFormat,
    ranges: Sequence[HashRange],
    scratch: Path,
    connection: duckdb.DuckDBPyConnection,
) -> ShardedOrders:
    """The domain's shard_orders by content, format and ranges; the key only shows in errors, kept by none."""
    content = orders.read()
    question = (content, Path(key).suffix, order_format.text, tuple(ranges))
    if question not in _shards:
        sharded = shards.shard_orders(
            orders=io.BytesIO(content),
            key=key,
            order_format=order_format,
            ranges=ranges,
            scratch=scratch,
            connection=connection,
        )
        _shards[question] = sharded.shard_object.read_bytes(), sharded.rejects.read_bytes(), sharded.index
    shard_bytes, reject_bytes, index = _shards[question]
    shard_object, rejects = scratch / "shard.frames", scratch / "rejects.jsonl"
    shard_object.write_bytes(shard_bytes)
    rejects.write_bytes(reject_bytes)
    return ShardedOrders(shard_object=shard_object, rejects=rejects, index=index)


def compute_sales(*, frames: Sequence[Path], results: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """The domain's compute_sales by the bytes of the frames."""
    question = tuple(frame.read_bytes() for frame in frames)
    if question not in _sales:
        sales.compute_sales(frames=frames, results=results, connection=connection)
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


def forget(shard_module: Any, sales_module: Any) -> None:
    """Give the functions the domain's own again."""
    shard_module.shard_orders = shards.shard_orders
    sales_module.compute_sales, sales_module.read_results = sales.compute_sales, sales.read_results
