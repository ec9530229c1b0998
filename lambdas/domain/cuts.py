"""The splits of a file put together: how each begins, where its lines are, what they all are as one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from lambdas.domain.errors import OrderFileError
from lambdas.domain.quotes import starts_inside
from lambdas.domain.shard_index import ShardIndex


@dataclass(frozen=True)
class Place:
    """How many lines and bytes of the text stand before those of a split."""

    lines: int
    bytes: int


def splits_inside(indexes: Sequence[ShardIndex]) -> list[int]:
    """The numbers of the splits that begin inside quotes, though they were read as if they didn't."""
    inside = starts_inside(index.states for index in indexes)
    return [number for number, begins_inside in enumerate(inside) if begins_inside]


def places(indexes: Sequence[ShardIndex]) -> list[Place]:
    """Where the lines of each split begin, by which its rejects are numbered."""
    lines = accumulate((index.text_lines for index in indexes), initial=0)
    sizes = accumulate((index.text_bytes for index in indexes), initial=0)
    return [Place(*place) for place in zip(lines, sizes, strict=True)][: len(indexes)]


def content_sha256(indexes: Sequence[ShardIndex]) -> str:
    """The hash that names the file's content: of its bytes, or of its splits' hashes if it was cut."""
    hashes = [index.content_sha256 for index in indexes if index.content_sha256]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()


def require_columns(indexes: Sequence[ShardIndex], key: str, order_format: str) -> None:
    """Raise OrderFileError where the format uses a column that no split of the file has."""
    with_lines = [set(index.absent_columns) for index in indexes if index.lines_read]
    absent = sorted(set.intersection(*with_lines)) if with_lines else []
    if absent:
        raise OrderFileError(
            f"{key}: the order format {order_format} uses {absent[0]!r}, which no object of the file has. "
            f"Check the name, letter by letter, in the columns of {order_format}.yaml."
        )
