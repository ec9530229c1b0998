"""A quota, and how the load that reaches it is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cli.estimate.estimation import Estimate, Facts
from cli.estimate.load import load_of
from cli.estimate.settings import Place, Settings

MERCHANTS = 100_000
"""Of the files that are tried out, where the number of merchants doesn't matter."""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A quota, the load that reaches it, and what happens, or has to be set, then."""

    name: str
    reached: str
    then: str


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What the quotas are reckoned for."""

    facts: Facts
    settings: Settings
    place: Place

    def estimate(self, file_bytes: int, merchants: int = MERCHANTS, *, compressed: bool = False) -> Estimate:
        """The estimate of one file."""
        load = load_of(delivered_bytes=file_bytes, merchants=merchants, compressed=compressed)
        return Estimate(load=load, settings=self.settings, place=self.place, facts=self.facts)


def largest(fits: Callable[[int], bool], most: int) -> int:
    """The largest number up to `most` that fits, if all below it fit and none above it."""
    low, high = 1, most
    if fits(high):
        return high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
