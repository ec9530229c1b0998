"""Partitions: how the merchants of a run are divided among the sales workers."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

HASHES = 1 << 32


@dataclass(frozen=True, order=True)
class HashRange:
    """The merchants whose hash lies in [lo, hi], both included."""

    lo: int
    hi: int

    @property
    def name(self) -> str:
        """The range as object names hold it: first and last hash, 8 hex digits each."""
        return f"{self.lo:08x}-{self.hi:08x}"

    @classmethod
    def of_name(cls, name: str) -> HashRange:
        """The range of `name`."""
        lo, hi = name.split("-")
        return cls(int(lo, 16), int(hi, 16))

    def __contains__(self, merchant_hash: int) -> bool:
        """Whether a merchant of this hash belongs here."""
        return self.lo <= merchant_hash <= self.hi


def merchant_hash(merchant_id: str) -> int:
    """The hash that places a merchant: the same in SQL, Python and every version of the code."""
    return int(hashlib.md5(merchant_id.encode(), usedforsecurity=False).hexdigest()[:8], 16)


def partition_count(*, raw_bytes: int, partition_bytes: int, most: int) -> int:
    """How many partitions so many bytes of orders need, from 1 to `most`."""
    return max(1, min(most, -(-raw_bytes // partition_bytes)))


def hash_ranges(count: int) -> Sequence[HashRange]:
    """`count` ranges of about equal width that cover every hash once."""
    bounds = [i * HASHES // count for i in range(count + 1)]
    return [HashRange(lo, hi - 1) for lo, hi in itertools.pairwise(bounds)]
