"""How fast a stage of a run goes on, by what was seen of it lately."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

SHORTEST_WINDOW_SECONDS = 60.0
USUAL_STEPS = 2
"""A window holds so many steps where each takes long, so that waiting for one is no standstill."""
STEPS_KEPT = 100


@dataclass(kw_only=True)
class Pace:
    """The looks at one stage; a standstill counts no more a minute, or two slow steps, after its end."""

    began: datetime
    _seconds: list[float] = field(default_factory=lambda: [0.0])
    _done: list[int] = field(default_factory=lambda: [0])
    _steps: list[float] = field(default_factory=list)
    _changed_at: float = 0.0

    def seconds_left(self, now: datetime, done: int, of: int) -> float | None:
        """Look, and say how long the rest takes at the pace of late; None while nothing moves."""
        seconds = max((now - self.began).total_seconds(), self._seconds[-1])
        self._see(seconds, done)
        if not 0 < done < of:
            return None
        window = max(SHORTEST_WINDOW_SECONDS, USUAL_STEPS * median(self._steps or [0.0]))
        start = max(0.0, seconds - window)
        moved = done - self._done_at(start)
        self._forget_before(start)
        return (seconds - start) / moved * (of - done) if moved > 0 else None

    def _see(self, seconds: float, done: int) -> None:
        if done > self._done[-1]:
            self._steps.append((seconds - self._changed_at) / (done - self._done[-1]))
            self._steps = self._steps[-STEPS_KEPT:]
            self._changed_at = seconds
        self._seconds.append(seconds)
        self._done.append(done)

    def _done_at(self, seconds: float) -> float:
        """How much was done then; what was done between two looks is spread evenly over the time between."""
        after = bisect_left(self._seconds, seconds)
        if self._seconds[after] == seconds:
            return self._done[after]
        between = self._seconds[after] - self._seconds[after - 1]
        part = (seconds - self._seconds[after - 1]) / between
        return self._done[after - 1] + part * (self._done[after] - self._done[after - 1])

    def _forget_before(self, seconds: float) -> None:
        """Keep one look at or before a moment, and all after it."""
        old = max(0, bisect_left(self._seconds, seconds) - 1)
        del self._seconds[:old], self._done[:old]
