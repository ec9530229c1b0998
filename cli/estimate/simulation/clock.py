"""The simulated time: actions happen in the order of their moments."""

from __future__ import annotations

import heapq
from collections.abc import Callable

Action = Callable[[], None]


class Clock:
    """Seconds since the begin; `run` goes on until nothing is left to happen."""

    def __init__(self) -> None:
        self.now = 0.0
        self._waiting: list[tuple[float, int, Action]] = []
        self._asked = 0

    def at(self, moment: float, action: Action) -> None:
        """Do something at a moment, not before what is to happen earlier; never in the past."""
        self._asked += 1
        heapq.heappush(self._waiting, (max(moment, self.now), self._asked, action))

    def after(self, seconds: float, action: Action) -> None:
        """Do something in so many seconds."""
        self.at(self.now + seconds, action)

    def run(self) -> None:
        """Let the time pass."""
        waiting, pop = self._waiting, heapq.heappop
        while waiting:
            self.now, _, action = pop(waiting)
            action()
