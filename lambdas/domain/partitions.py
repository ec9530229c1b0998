"""Partitions: how the merchants of a run are divided among the sales workers."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

HASHES = 1 << 32
FanOut = Literal["partition", "merchant"]
"""What a sales worker takes: the merchants of a hash range of about equal width, or one merchant."""
MOST_MERCHANTS = 10_000
"""Of a run that fans out by merchant: each is a call of its own."""


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

    def meets(self, other: HashRange) -> bool:
        """Whether the two have a hash in common."""
        return self.lo <= other.hi and other.lo <= self.hi

    def covers(self, other: HashRange) -> bool:
        """Whether every hash of the other lies in this one."""
        return self.lo <= other.lo and other.hi <= self.hi

    def is_covered_by(self, parts: Iterable[HashRange]) -> bool:
        """Whether every hash of this range lies in one of the parts."""
        first = self.lo
        for part in sorted(parts):
            if part.lo > first:
                return False
            first = max(first, part.hi + 1)
        return first > self.hi


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


def merchant_ranges(merchant_hashes: Iterable[int]) -> Sequence[HashRange]:
    """A range for each of the hashes, which together cover every hash once.

    Each ends with its merchant's hash, the last at the end of the hash space; merchants of equal hashes
    share one. The hashes between are nobody's in this run, but may be a merchant's whose sales it takes back.
    """
    ends = [*sorted(set(merchant_hashes))[:-1], HASHES - 1]
    return [HashRange(before + 1, end) for before, end in itertools.pairwise([-1, *ends])]
