"""A trial: one order file through the real parser and the real sales, on this computer, nothing uploaded."""

from __future__ import annotations

import itertools
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from lambdas.domain.database import connect
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.partitions import hash_ranges
from lambdas.domain.reconciliation import Intake, Outcome, check_currencies, prove_conservation
from lambdas.domain.sales import compute_sales, read_results
from lambdas.domain.shard_index import ShardIndex
from lambdas.domain.shards import shard_orders

ONE_PARTITION = hash_ranges(1)
"""Partitions divide the work among functions; one process is done sooner without them."""
SHARE_OF_MEMORY = 0.5
LEAST_MEMORY_BYTES = 1 << 30


@dataclass(frozen=True, kw_only=True)
class Sharded:
    """What the parser made of a file: `frame` is a Parquet file of the accepted lines, None without any."""

    index: ShardIndex
    frame: Path | None
    rejects: Path

    @property
    def intake(self) -> Intake:
        """What was read, as the laws of a run have it."""
        return Intake(
            lines=self.index.lines_read,
            rejected=self.index.rejected,
            reject_reasons=self.index.reject_reasons,
            accepted_money=self.index.accepted_money,
        )

    def first_rejects(self, count: int) -> list[dict[str, Any]]:
        """The first rejected lines of the file."""
        with self.rejects.open(encoding="utf-8") as file:
            return [json.loads(line) for line in itertools.islice(file, count)]


@dataclass(frozen=True, kw_only=True)
class Workbench:
    """A folder that is gone afterwards, and a database that can reach nothing else."""

    folder: Path
    connection: duckdb.DuckDBPyConnection


@contextmanager
def workbench() -> Iterator[Workbench]:
    """A scratch folder and a database with this computer's processors and half of its memory."""
    with tempfile.TemporaryDirectory(prefix="merchant-sales-") as name:
        folder = Path(name)
        with connect(folder, memory_bytes=_memory_bytes(), threads=os.cpu_count() or 1) as connection:
            yield Workbench(folder=folder, connection=connection)


def shard_file(orders: BinaryIO, *, key: str, order_format: OrderFormat, bench: Workbench) -> Sharded:
    """Read a file as ShardOrders does; raises OrderFileError where the whole file can't be counted."""
    sharded = shard_orders(
        orders=orders,
        key=key,
        order_format=order_format,
        ranges=ONE_PARTITION,
        scratch=bench.folder,
        connection=bench.connection,
    )
    [place] = sharded.index.frames
    if place is None:
        return Sharded(index=sharded.index, frame=None, rejects=sharded.rejects)
    offset, length = place
    if offset:
        raise ValueError("the only frame of a shard object doesn't begin it")
    os.truncate(sharded.shard_object, length)
    return Sharded(index=sharded.index, frame=sharded.shard_object, rejects=sharded.rejects)


def sales_of(sharded: Sharded, bench: Workbench) -> tuple[Outcome, Path]:
    """The outcome and the results file of the accepted lines, as the sales functions compute them.

    Raises OrderFileError where there are too many currencies, RunError where a line or a cent is lost.
    """
    check_currencies(sharded.intake)
    results = bench.folder / "results.parquet"
    frames = [sharded.frame] if sharded.frame else []
    compute_sales(frames=frames, results=results, connection=bench.connection)
    outcome, _ = read_results(results, bench.connection)
    prove_conservation(sharded.intake, outcome)
    return outcome, results


def _memory_bytes() -> int:
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(LEAST_MEMORY_BYTES, int(physical * SHARE_OF_MEMORY))
