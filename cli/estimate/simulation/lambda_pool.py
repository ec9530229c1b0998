"""Lambda's concurrency: what the account allows at once, and how fast a function gains environments."""

from __future__ import annotations

from collections import Counter
from enum import Enum

from cli.estimate.simulation.work import Account


class Admission(Enum):
    """How a call is taken."""

    WARM = "in an environment that has worked before"
    NEW = "in a new environment"
    THROTTLED = "not now: 429"


class LambdaPool:
    """The environments of all functions; a call takes one and gives it back."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._idle: Counter[str] = Counter()
        self._made: Counter[str] = Counter()
        self._first_call: dict[str, float] = {}
        self.busy = self.most_busy = 0

    def admit(self, function: str, now: float) -> Admission:
        """Take a call in, if the account and the function's ramp allow it."""
        if self.busy >= self._account.lambda_concurrency:
            return Admission.THROTTLED
        if self._idle[function]:
            self._idle[function] -= 1
            self._take()
            return Admission.WARM
        if self._made[function] >= self._ramp(function, now):
            return Admission.THROTTLED
        self._made[function] += 1
        self._take()
        return Admission.NEW

    def release(self, function: str) -> None:
        """Give a call's environment back; it stays warm."""
        self.busy -= 1
        self._idle[function] += 1

    def _take(self) -> None:
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)

    def _ramp(self, function: str, now: float) -> int:
        """How many environments a function may have made by now."""
        steps = int((now - self._first_call.setdefault(function, now)) // self._account.ramp_seconds)
        return self._account.ramp_environments * (1 + steps)
