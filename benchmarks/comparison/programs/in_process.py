"""This system in process: Sharding.split over splits, compute_sales over partitions, as the workers do.

A process per processor that it may use: with one, everything happens in one process.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.comparison.order_format import FULL, LEAN
from benchmarks.comparison.programs.output import given, write_sums
from lambdas.domain.cuts import splits_inside
from lambdas.domain.database import connect
from lambdas.domain.order_bytes import FileBytes
from lambdas.domain.order_format import parse_order_format
from lambdas.domain.partitions import hash_ranges, partition_count
from lambdas.domain.plan import Split
from lambdas.domain.sales import compute_sales, read_results
from lambdas.domain.shard_index import ShardIndex
from lambdas.domain.shards import Sharding
from stacks.config import PipelineConfig

MEMORY_BYTES = 1_800_000_000  # as in a function of 3,008 MB
SETTINGS = PipelineConfig()


@dataclass(frozen=True)
class Part:
    """A split of an order file, or with `number` of a partition all of its frames."""

    file: Path
    folder: Path
    splits: tuple[Split, ...]
    number: int
    partitions: int
    indexes: tuple[ShardIndex, ...] = ()
    begins_inside: bool = False


def main() -> None:
    """Shard and compute every file, and add up its contributions."""
    out, files = given()
    with tempfile.TemporaryDirectory(dir=out.parent) as folder, _mapping() as mapped:
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for number, file in enumerate(files):
            own = Path(folder) / str(number)
            own.mkdir()
            for part in mapped(_sales, _partitions(file, own.resolve(), mapped)):
                for merchant, amount in part.items():
                    sums[merchant] += amount
    write_sums(out, sums)


@contextmanager
def _mapping() -> Iterator[Callable[..., Iterable[Any]]]:
    processors = len(os.sched_getaffinity(0))
    if processors == 1:
        yield map
        return
    with ProcessPoolExecutor(processors, mp_context=get_context("spawn")) as pool:
        yield pool.map


def _partitions(file: Path, folder: Path, mapped: Callable[..., Iterable[ShardIndex]]) -> list[Part]:
    """The partitions of a file, once its splits are sharded and its cuts proven."""
    size = file.stat().st_size
    count = -(-size // SETTINGS.split_bytes)
    cuts = itertools.pairwise([size * i // count for i in range(count + 1)])
    splits = tuple(Split(start=start, end=end) for start, end in cuts)
    partitions = partition_count(
        raw_bytes=size, partition_bytes=SETTINGS.partition_bytes, most=SETTINGS.max_partitions
    )
    parts = [Part(file, folder, splits, number, partitions) for number in range(count)]
    indexes = list(mapped(_shard, parts))
    inside = splits_inside(indexes)
    again = [Part(file, folder, splits, number, partitions, (), True) for number in inside]
    for number, index in zip(inside, mapped(_shard, again), strict=True):
        indexes[number] = index
    return [Part(file, folder, splits, number, partitions, tuple(indexes)) for number in range(partitions)]


def _shard(part: Part) -> ShardIndex:
    with tempfile.TemporaryDirectory(dir=part.folder) as folder:
        scratch, split = Path(folder), part.splits[part.number]
        with connect(scratch, memory_bytes=MEMORY_BYTES, threads=1) as connection:
            sharding = Sharding(
                order_format=parse_order_format(FULL if os.environ.get("FULL_FORMAT") else LEAN, "tpch.yaml"),
                ranges=hash_ranges(part.partitions),
                scratch=scratch,
                connection=connection,
            )
            sharded = sharding.split(
                FileBytes(part.file), split, f"tpch/{part.file.name}", begins_inside=part.begins_inside
            )
        sharded.shard_object.rename(part.folder / split.name)
        return sharded.index


def _sales(part: Part) -> dict[str, Decimal]:
    with tempfile.TemporaryDirectory(dir=part.folder) as folder:
        scratch = Path(folder)
        frames = list(_frames(part, scratch))
        with connect(scratch, memory_bytes=MEMORY_BYTES, threads=1) as connection:
            results = scratch / "results.parquet"
            compute_sales(frames=frames, results=results, connection=connection)
            _, contributions = read_results(results, connection)
            return {one.about.merchant_id: one.amounts.net_sales for one in contributions}


def _frames(part: Part, scratch: Path) -> Iterator[Path]:
    for split, index in zip(part.splits, part.indexes, strict=True):
        place = index.frames[part.number]
        if place:
            with (part.folder / split.name).open("rb") as file:
                file.seek(place[0])
                frame = scratch / f"{split.name}.parquet"
                frame.write_bytes(file.read(place[1]))
            yield frame


if __name__ == "__main__":
    main()
