"""What is simulated: the stages of a run, and the account that they run in."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field

FULL_SPEED = math.inf


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Calls of one function that a state makes; the stages of a run follow each other.

    `seconds` are those of a warm call without its commits, `limit_seconds` is the function's time limit,
    `new_seconds` what a new environment adds and bills, `start_seconds` what passes before the first call.
    A call commits `transactions` times, each with so many write units on the table and on its index, and
    stops `to_stop_seconds` before its limit; the next attempt looks at each commit for `again_seconds`.
    Without a function they are jobs: each starts anew, and nothing refuses or ends it.
    """

    name: str
    function: str | None
    calls: int
    seconds: float
    limit_seconds: float = math.inf
    new_seconds: float = 0.0
    start_seconds: float = 0.0
    starts_per_second: float = FULL_SPEED
    at_once: int = 1
    transactions: int = 0
    table_units: float = 0.0
    index_units: float = 0.0
    again_seconds: float = 0.0
    to_stop_seconds: float = 0.0

    @property
    def worker(self) -> str:
        """What the calls are counted by: the function, or for jobs the state."""
        return self.function or self.name


@dataclass(frozen=True, kw_only=True)
class Account:
    """The limits that all runs share; seconds, counts, and write units a second."""

    executions_started_per_second: float
    lambda_concurrency: int
    ramp_environments: int
    ramp_seconds: float
    environment_start_seconds: float
    new_table_writes_per_second: float
    most_table_writes_per_second: float
    index_writes_per_second: float
    doubling_seconds: float
    transaction_seconds: float
    straggler_sigma: float


@dataclass
class Outcome:
    """What happened; calls and seconds go by worker, the rest by stage; `stages` holds when each ended."""

    seconds: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    calls: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    billed_seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    throttled: Counter[str] = field(default_factory=Counter)
    timed_out: Counter[str] = field(default_factory=Counter)
    stopped: Counter[str] = field(default_factory=Counter)
    failed_calls: Counter[str] = field(default_factory=Counter)
    table_units: float = 0.0
    index_units: float = 0.0
    most_at_once: int = 0

    @property
    def failed(self) -> bool:
        """Whether a call used up its retries: then the run ends FAILED."""
        return self.failed_calls.total() > 0

    @property
    def retries(self) -> int:
        """Retries of Step Functions, which cost a transition each."""
        tried = self.throttled.total() + self.timed_out.total() + self.stopped.total()
        return tried - self.failed_calls.total()
