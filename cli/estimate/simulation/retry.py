"""The retries of a task that calls a function, as stacks/tasks.py sets them; a test compares the two."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, kw_only=True)
class Retry:
    """Full jitter: a random part of an interval that grows by `backoff` up to `longest_seconds`."""

    attempts: int
    first_seconds: float = 2
    backoff: float = 2
    longest_seconds: float = 60

    def pause(self, attempt: int, random: Random) -> float | None:
        """Seconds before retry number `attempt` (from 0), or None when there is none left."""
        if attempt >= self.attempts:
            return None
        return random.uniform(0, min(self.longest_seconds, self.first_seconds * self.backoff**attempt))


PATIENT = Retry(attempts=180, longest_seconds=300)
"""After a refused call, and after one that stopped because its time was nearly over."""
TIMED_OUT = Retry(attempts=3)
