"""The index at the end of a shard object: what one split held, and where the frame of each partition is."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from lambdas.domain.quotes import QuoteStates

LENGTH_BYTES = 8
HASH_BYTES = 4


@dataclass(frozen=True, kw_only=True)
class ShardIndex:
    """What a sharding worker found; `frames` holds (offset, bytes) per partition, None where it is empty.

    `states`, `text_lines` and `text_bytes` put the splits of a file together: how its quotes begin and end,
    and how many lines and bytes its text has, by which the lines of the next split are numbered.
    `packed_merchant_hashes` are kept where the run fans out by merchant: 4 bytes each, the lowest first, and
    no more than one above what such a run may have.
    """

    lines_read: int
    rejected: int
    reject_reasons: dict[str, int]
    accepted_money: dict[str, Decimal]
    content_sha256: str
    raw_bytes: int
    detected: dict[str, str]
    frames: tuple[tuple[int, int] | None, ...]
    absent_columns: tuple[str, ...] = ()
    states: QuoteStates = field(default_factory=QuoteStates)
    text_lines: int = 0
    text_bytes: int = 0
    packed_merchant_hashes: bytes = b""

    @property
    def merchant_hashes(self) -> tuple[int, ...]:
        """The distinct hashes of the merchants that have lines in the split."""
        packed = self.packed_merchant_hashes
        return struct.unpack(f">{len(packed) // HASH_BYTES}I", packed)

    @classmethod
    def empty(cls, partitions: int) -> ShardIndex:
        """The index of a split that has no lines at all."""
        return cls(
            lines_read=0,
            rejected=0,
            reject_reasons={},
            accepted_money={},
            content_sha256="",
            raw_bytes=0,
            detected={},
            frames=(None,) * partitions,
        )

    def to_bytes(self) -> bytes:
        """The tail of a shard object: the index as JSON and its length."""
        fields = asdict(self) | {
            "accepted_money": {code: str(money) for code, money in self.accepted_money.items()},
            "packed_merchant_hashes": base64.b64encode(self.packed_merchant_hashes).decode(),
        }
        text = json.dumps(fields, ensure_ascii=False, sort_keys=True).encode()
        return text + len(text).to_bytes(LENGTH_BYTES, "big")


def partition_bytes(indexes: Sequence[ShardIndex]) -> list[int]:
    """How many bytes of shards each partition has, in all splits together."""
    frames = zip(*(index.frames for index in indexes), strict=True)
    return [sum(frame[1] for frame in of_partition if frame) for of_partition in frames]


def pack_merchant_hashes(merchant_hashes: Sequence[int]) -> bytes:
    """Hashes, the lowest first, as an index keeps them."""
    return struct.pack(f">{len(merchant_hashes)}I", *merchant_hashes)


class ShardIndexTailError(Exception):
    """The tail holds only a part of the index; `needed_bytes` from the end of the object hold all of it."""

    def __init__(self, needed_bytes: int) -> None:
        """`needed_bytes`: how long the tail has to be."""
        super().__init__(f"the index of the shard object needs its last {needed_bytes} bytes")
        self.needed_bytes = needed_bytes


def read_shard_index(tail: bytes) -> ShardIndex:
    """The index from the last bytes of a shard object; raises ShardIndexTailError where they are too few."""
    length = int.from_bytes(tail[-LENGTH_BYTES:], "big")
    if length + LENGTH_BYTES > len(tail):
        raise ShardIndexTailError(length + LENGTH_BYTES)
    fields = json.loads(tail[-LENGTH_BYTES - length : -LENGTH_BYTES])
    fields["accepted_money"] = {code: Decimal(money) for code, money in fields["accepted_money"].items()}
    fields["absent_columns"] = tuple(fields["absent_columns"])
    fields["states"] = QuoteStates(**fields["states"])
    fields["packed_merchant_hashes"] = base64.b64decode(fields.get("packed_merchant_hashes", ""))
    fields["frames"] = tuple(None if frame is None else (frame[0], frame[1]) for frame in fields["frames"])
    return ShardIndex(**fields)
