"""A measured rate, and the clock it is measured by."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

REPEATS = 3


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A measured number, and how it was measured."""

    name: str
    value: float
    unit: str
    how: str


def cpu_seconds(work: Callable[[], object], *, repeats: int = REPEATS) -> float:
    """The processor time of the process for some work, all of its threads: the least of some repeats.

    The least, because whatever else the computer does only ever adds to it.
    """
    taken = []
    for _ in range(repeats):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)
