"""One simulated run: its stages, their calls, and the commits of each call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from cli.estimate.simulation.clock import Clock
from cli.estimate.simulation.lambda_pool import Admission, LambdaPool
from cli.estimate.simulation.retry import PATIENT, TIMED_OUT, Retry
from cli.estimate.simulation.work import Account, Outcome, Stage
from cli.estimate.simulation.write_rate import WriteRate


class World:
    """What all simulated runs share."""

    def __init__(self, account: Account, random: Random) -> None:
        self.account, self.random = account, random
        self.clock = Clock()
        self.pool = LambdaPool(account)
        self.table = WriteRate(account)
        self.outcome = Outcome()

    def stretched(self, seconds: float) -> float:
        """How long it takes this time."""
        sigma = self.account.straggler_sigma
        return seconds * self.random.lognormvariate(0, sigma) if sigma else seconds


def execute(world: World, stages: Sequence[Stage]) -> None:
    """Let a run begin now; its stages follow each other."""
    if not stages:
        world.outcome.seconds = max(world.outcome.seconds, world.clock.now)
        return
    fan_out = _FanOut(world, stages[0], partial(_after, world, stages))
    world.clock.after(stages[0].start_seconds, fan_out.start_calls)


def _after(world: World, stages: Sequence[Stage]) -> None:
    ends = world.outcome.stages
    ends[stages[0].name] = max(ends.get(stages[0].name, 0.0), world.clock.now)
    execute(world, stages[1:])


class _FanOut:
    """The calls of one stage: started one after the other, so many at once."""

    def __init__(self, world: World, stage: Stage, done: Callable[[], None]) -> None:
        self._world, self._stage, self._done = world, stage, done
        self._unstarted, self._open = stage.calls, 0
        self._next_start = world.clock.now + stage.start_seconds
        self._start_is_due = False

    def start_calls(self) -> None:
        """Start what may start now, and come back when the next one may."""
        clock, stage = self._world.clock, self._stage
        while self._unstarted and self._open < stage.at_once:
            if self._next_start > clock.now:
                self._come_back()
                return
            self._unstarted -= 1
            self._open += 1
            self._next_start = max(self._next_start, clock.now) + 1 / stage.starts_per_second
            _Call(self._world, stage, self._ended).try_now()

    def _come_back(self) -> None:
        if not self._start_is_due:
            self._start_is_due = True
            self._world.clock.at(self._next_start, self._start_due)

    def _start_due(self) -> None:
        self._start_is_due = False
        self.start_calls()

    def _ended(self) -> None:
        self._open -= 1
        if self._unstarted:
            self.start_calls()
        elif not self._open:
            self._done()


class _Call:
    """One call with its retries."""

    __slots__ = ("_begun", "_committed", "_done", "_looked", "_stage", "_timed_out", "_waited", "_world")

    def __init__(self, world: World, stage: Stage, done: Callable[[], None]) -> None:
        self._world, self._stage, self._done = world, stage, done
        self._waited = self._timed_out = 0
        self._committed = self._looked = 0
        self._begun = 0.0

    def try_now(self) -> None:
        """Ask Lambda for an environment."""
        world, stage = self._world, self._stage
        self._begun, self._looked = world.clock.now, 0
        function, admission = stage.function, Admission.NEW
        if function:
            admission = world.pool.admit(function, world.clock.now)
        if admission is Admission.THROTTLED:
            world.outcome.throttled[stage.name] += 1
            self._again(PATIENT, self._waited)
            self._waited += 1
            return
        world.outcome.calls[stage.worker] += 1
        seconds = world.stretched(stage.seconds)
        if admission is Admission.NEW:
            self._begun += world.account.environment_start_seconds if function else 0
            seconds += stage.new_seconds
        if seconds > stage.limit_seconds:
            world.clock.at(self._begun + stage.limit_seconds, self._time_out)
        else:
            world.clock.at(self._begun + seconds, self._commit)

    def _commit(self) -> None:
        """One commit after the other: first those again that an attempt before this one has done."""
        world, stage = self._world, self._stage
        now = world.clock.now
        if now - self._begun > stage.limit_seconds - stage.to_stop_seconds:
            self._stop()
        elif self._looked < self._committed:
            self._looked += 1
            world.clock.at(now + stage.again_seconds, self._commit)
        elif self._committed < stage.transactions:
            self._committed += 1
            self._looked += 1
            through = world.table.write(now, stage.table_units, stage.index_units)
            world.clock.at(through + world.account.transaction_seconds, self._commit)
        else:
            self._give_back()
            self._done()

    def _time_out(self) -> None:
        self._give_back()
        self._world.outcome.timed_out[self._stage.name] += 1
        self._timed_out += 1
        self._again(TIMED_OUT, self._timed_out - 1)

    def _stop(self) -> None:
        """Its time is nearly over: another attempt goes on."""
        self._give_back()
        self._world.outcome.stopped[self._stage.name] += 1
        self._again(PATIENT, self._waited)
        self._waited += 1

    def _give_back(self) -> None:
        stage, world = self._stage, self._world
        if stage.function:
            world.pool.release(stage.function)
        world.outcome.billed_seconds[stage.worker] += world.clock.now - self._begun

    def _again(self, retry: Retry, attempt: int) -> None:
        pause = retry.pause(attempt, self._world.random)
        if pause is None:
            self._world.outcome.failed_calls[self._stage.name] += 1
            self._done()
        else:
            self._world.clock.after(pause, self.try_now)
