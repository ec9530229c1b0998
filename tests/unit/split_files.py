"""Order files cut into splits, for tests: sharded as the workers do, put together as index_shards does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lambdas.domain.cuts import content_sha256, places, require_columns, splits_inside
from lambdas.domain.order_bytes import FileBytes
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.partitions import hash_ranges
from lambdas.domain.plan import Split
from lambdas.domain.sales import compute_sales, read_results
from lambdas.domain.shard_index import ShardIndex
from lambdas.domain.shards import Sharding
from tests.unit.order_files import Processed, opened


def in_splits(
    content: bytes,
    order_format: OrderFormat,
    *,
    scratch: Path,
    key: str,
    split_bytes: int,
    partitions: int = 3,
) -> Processed:
    """Shard the file split by split, those that begin inside quotes once more, and compute its sales."""
    path = scratch / "delivered"
    path.write_bytes(content)
    ranges = list(hash_ranges(partitions))
    starts = range(0, len(content), split_bytes)
    splits = [Split(start=start, end=min(start + split_bytes, len(content))) for start in starts]
    with opened(scratch) as connection:
        sharding = Sharding(order_format=order_format, ranges=ranges, scratch=scratch, connection=connection)
        read = [_sharded(sharding, path, split, key, begins_inside=False) for split in splits]
        for number in splits_inside([index for index, _, _ in read]):
            index, rejects, stored = _sharded(sharding, path, splits[number], key, begins_inside=True)
            assert index.states == read[number][0].states
            read[number] = index, rejects, stored
        indexes = [index for index, _, _ in read]
        require_columns(indexes, key, order_format.name)
        rejects = [
            reject | {"line": reject["line"] + place.lines, "byte": reject["byte"] + place.bytes}
            for place, (_, found, _) in zip(places(indexes), read, strict=True)
            for reject in found
        ]
        outcomes = []
        for number in range(partitions):
            frames = []
            for split, (index, _, stored) in enumerate(read):
                if at := index.frames[number]:
                    frames.append(scratch / f"{split:06d}.frame")
                    frames[-1].write_bytes(stored[at[0] : at[0] + at[1]])
            compute_sales(frames=frames, results=scratch / "results.parquet", connection=connection)
            counts, merchants = read_results(scratch / "results.parquet", connection)
            outcomes.append((counts, list(merchants)))
    return Processed(_together(indexes), rejects, ranges, outcomes)


def _sharded(
    sharding: Sharding, path: Path, split: Split, key: str, *, begins_inside: bool
) -> tuple[ShardIndex, list[dict[str, Any]], bytes]:
    found = sharding.split(FileBytes(path), split, key, begins_inside=begins_inside)
    rejects = [json.loads(line) for line in found.rejects.read_bytes().splitlines()]
    return found.index, rejects, found.shard_object.read_bytes()


def _together(indexes: list[ShardIndex]) -> ShardIndex:
    reasons: dict[str, int] = {}
    for index in indexes:
        for reason, count in index.reject_reasons.items():
            reasons[reason] = reasons.get(reason, 0) + count
    return ShardIndex(
        lines_read=sum(index.lines_read for index in indexes),
        rejected=sum(index.rejected for index in indexes),
        reject_reasons=reasons,
        accepted_money={},
        content_sha256=content_sha256(indexes),
        raw_bytes=sum(index.raw_bytes for index in indexes),
        detected={},
        frames=(),
    )
