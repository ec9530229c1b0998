"""What goes wrong at service calls, drawn from the seed and counted by kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random

from botocore.exceptions import ReadTimeoutError

from tests.fault.services.refusals import TransactionInProgressException, cancelled, refusal

CRASH_BEFORE, CRASH_AFTER = "crash before a call", "crash after a call"
NO_ANSWER, THROTTLED = "acknowledgement lost", "throttled"
CONFLICT, BUSY = "TransactionConflict", "transaction throttled"
IN_PROGRESS = "TransactionInProgress"
RACE_409, REPEATED = "ConditionalRequestConflict", "conditional put repeated by the client"
REPEATED_COMPLETION = "completion repeated by the client, its upload gone"
FUNCTIONS = ("PlanRun", "ShardOrders", "IndexShards", "ComputeSales", "ComputeSales", "SettleRun", "FailRun")
LONGEST_WAY = 14
"""Calls of a worker, about."""
ANY = (CRASH_BEFORE, CRASH_AFTER, NO_ANSWER, THROTTLED)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """How likely what is in one world; between 0 and 1, a step, call or start each."""

    call_fault: float = 0.0
    stall: float = 0.0
    stall_at_write: float = 0.0
    stall_at_sore_spot: float = 0.0
    copy: float = 0.0
    event_lost: float = 0.0
    event_twice: float = 0.0
    fail_run_lost: float = 0.0
    timeout: float = 0.0
    time_is_up: float = 0.0
    abort: float = 0.0
    redrive: float = 0.0
    sticky: float = 0.5
    hurry: float = 0.1

    @classmethod
    def drawn(cls, random: Random) -> Profile:
        """Calm or stormy, each hazard by itself."""
        return cls(
            call_fault=random.choice([0.0, 0.005, 0.02, 0.05]),
            stall=random.choice([0.0, 0.003, 0.01, 0.05]),
            stall_at_write=random.choice([0.0, 0.03, 0.1, 0.2]),
            stall_at_sore_spot=random.choice([0.0, 0.5, 0.9]),
            copy=random.choice([0.0, 0.0, 0.1, 0.3]),
            event_lost=random.choice([0.0, 0.0, 0.3]),
            event_twice=random.choice([0.0, 0.2, 0.5]),
            fail_run_lost=random.choice([0.0, 0.0, 0.0, 0.5]),
            timeout=random.choice([0.0, 0.0, 0.005, 0.05]),
            abort=random.choice([0.0, 0.0, 0.002, 0.01]),
            redrive=random.choice([0.0, 0.3, 0.8]),
            time_is_up=random.choice([0.0, 0.0, 0.05, 0.3]),
            sticky=random.choice([0.0, 0.5, 0.9, 0.97]),
            hurry=random.choice([0.01, 0.02, 0.05, 0.2]),
        )

    def quiet(self) -> Profile:
        """The same pace without any fault."""
        return Profile(sticky=self.sticky, hurry=self.hurry)


class Faults:
    """Draws faults, and counts them."""

    def __init__(self, random: Random, profile: Profile) -> None:
        """Take the world's randomness and its weather."""
        self.random, self.profile = random, profile
        # A call of one function at which its workers stall again and again: deep interleavings need that.
        self.sore_spot = (random.choice(FUNCTIONS), random.randint(1, LONGEST_WAY))
        self.counts: Counter[str] = Counter()

    def calm(self) -> None:
        """From here on nothing goes wrong any more."""
        self.profile = self.profile.quiet()

    def happens(self, hazard: str, kind: str) -> bool:
        """Whether a hazard of the profile strikes now; if so it is counted."""
        likely: float = getattr(self.profile, hazard)
        if likely and self.random.random() < likely:
            self.counts[kind] += 1
            return True
        return False

    def at_call(self, operation: str, *, conditional_put: bool, in_race: bool) -> str:
        """The fault of one service call, or nothing."""
        if not self.profile.call_fault or self.random.random() >= self.profile.call_fault:
            return ""
        kinds = [*ANY]
        if operation == "transact_write_items":
            kinds += [CONFLICT, CONFLICT, BUSY, IN_PROGRESS]
        if conditional_put:
            kinds += [REPEATED]
        if operation == "complete_multipart_upload":
            kinds += [REPEATED_COMPLETION]
        if conditional_put and in_race:
            kinds += [RACE_409, RACE_409]
        kind = self.random.choice(kinds)
        self.counts[kind] += 1
        return kind


def error_of(kind: str, service: str, operation: str, actions: int) -> Exception:
    """The error that the caller sees."""
    if kind == CONFLICT:
        return cancelled(["TransactionConflict"] + ["None"] * (actions - 1))
    if kind == BUSY:
        return cancelled(["ThrottlingError"] + ["None"] * (actions - 1))
    if kind == IN_PROGRESS:
        return refusal(operation, "TransactionInProgressException", kind=TransactionInProgressException)
    if kind == RACE_409:
        return refusal(operation, "ConditionalRequestConflict")
    if kind == REPEATED:
        return refusal(operation, "PreconditionFailed")
    if kind == REPEATED_COMPLETION:
        return refusal(operation, "NoSuchUpload")
    if kind == THROTTLED:
        return refusal(operation, "SlowDown" if service == "s3" else "ThrottlingException")
    return ReadTimeoutError(endpoint_url=f"https://{service}")
