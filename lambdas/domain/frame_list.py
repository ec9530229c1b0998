"""The list of a run's frames by partition, made once from the indexes of all splits.

Without it each sales worker would have to read the index of every split. The list begins with the place of
each partition's part in it, so that a worker reads no more than its own part.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.domain.shard_index import ShardIndex

PLACE = struct.Struct(">QQ")
"""First byte and number of bytes of a partition's part."""


@dataclass(frozen=True)
class Frame:
    """One frame: of which split, read from inside quotes or not, and where it is in the shard object."""

    split: int
    begins_inside: bool
    offset: int
    length: int


def frame_list(indexes: Sequence[ShardIndex], inside: Sequence[int], partitions: int) -> bytes:
    """The list for all partitions; `inside` are the numbers of the splits that begin inside quotes."""
    parts = []
    for partition in range(partitions):
        frames = [(number, index.frames[partition]) for number, index in enumerate(indexes)]
        rows = [(number, number in inside, *frame) for number, frame in frames if frame]
        parts.append(json.dumps(rows).encode())
    at = PLACE.size * partitions
    places = []
    for part in parts:
        places.append(PLACE.pack(at, len(part)))
        at += len(part)
    return b"".join((*places, *parts))


def place_of_places(partitions: range) -> tuple[int, int]:
    """First byte and number of bytes of what says where the parts of neighbouring partitions are."""
    return PLACE.size * partitions.start, PLACE.size * len(partitions)


def place_of_parts(places: bytes) -> tuple[int, int]:
    """First byte and number of bytes of their parts."""
    found = list(PLACE.iter_unpack(places))
    return found[0][0], sum(length for _, length in found)


def frames_in(places: bytes, parts: bytes) -> list[Frame]:
    """The frames in their parts: by partition, and in each in the order of the splits."""
    frames, at = [], 0
    for _, length in PLACE.iter_unpack(places):
        frames += [Frame(*row) for row in json.loads(parts[at : at + length])]
        at += length
    return frames
