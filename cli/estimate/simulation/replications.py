"""The simulation repeated with different seeds: median and 95th percentile of the time to result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from statistics import fmean, median, quantiles

from cli.estimate.simulation.execution import World, execute
from cli.estimate.simulation.work import Account, Outcome, Stage

SEED = 1
MOST, FEWEST = 100, 5
CALLS_IN_ALL = 100_000
"""How many calls and commits all repeats together may have: more would only take longer."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """A number over all repeats."""

    median: float
    p95: float


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What the repeats say: seconds to the last result and to each stage's end, and means for one run."""

    seconds: Spread
    stages: dict[str, Spread]
    calls: dict[str, float]
    billed_seconds: dict[str, float]
    retries: float
    table_units: float
    index_units: float
    failed_share: float
    throttled: dict[str, float]
    timed_out: dict[str, float]
    stopped: dict[str, float]
    failed_calls: dict[str, float]
    most_at_once: int
    repeats: int


def simulate(runs: Sequence[Sequence[Stage]], account: Account, random: Random) -> Outcome:
    """Let runs begin as fast as the account allows, where nothing else runs."""
    world = World(account, random)
    for number, stages in enumerate(runs):
        world.clock.at(number / account.executions_started_per_second, partial(execute, world, stages))
    world.clock.run()
    world.outcome.table_units = world.table.table_units
    world.outcome.index_units = world.table.index_units
    world.outcome.most_at_once = world.pool.most_busy
    return world.outcome


def forecast(stages: Sequence[Stage], account: Account, *, runs: int = 1, seed: int = SEED) -> Forecast:
    """Simulate runs that are alike, often enough for a 95th percentile where they are small.

    Of very many runs only a part is simulated, and the time to the last result is taken to grow with them.
    """
    events = sum(stage.calls * (1 + stage.transactions) for stage in stages)
    simulated = min(runs, max(1, CALLS_IN_ALL // events))
    repeats = max(FEWEST, min(MOST, CALLS_IN_ALL // (events * simulated)))
    outcomes = [simulate([stages] * simulated, account, Random(seed + i)) for i in range(repeats)]
    return Forecast(
        seconds=_spread([outcome.seconds * runs / simulated for outcome in outcomes]),
        stages={s.name: _spread([outcome.stages[s.name] for outcome in outcomes]) for s in stages},
        calls=_means([outcome.calls for outcome in outcomes], simulated),
        billed_seconds=_means([outcome.billed_seconds for outcome in outcomes], simulated),
        retries=fmean(outcome.retries for outcome in outcomes) / simulated,
        table_units=fmean(outcome.table_units for outcome in outcomes) / simulated,
        index_units=fmean(outcome.index_units for outcome in outcomes) / simulated,
        failed_share=fmean(outcome.failed for outcome in outcomes),
        throttled=_by_stage([outcome.throttled for outcome in outcomes], simulated),
        timed_out=_by_stage([outcome.timed_out for outcome in outcomes], simulated),
        stopped=_by_stage([outcome.stopped for outcome in outcomes], simulated),
        failed_calls=_by_stage([outcome.failed_calls for outcome in outcomes], simulated),
        most_at_once=max(outcome.most_at_once for outcome in outcomes),
        repeats=repeats,
    )


def _spread(values: Sequence[float]) -> Spread:
    return Spread(median=median(values), p95=quantiles(values, n=20, method="inclusive")[-1])


def _by_stage(counts: Sequence[Counter[str]], runs: int) -> dict[str, float]:
    """The mean for one run, of the stages where it isn't nothing."""
    names = sorted({name for count in counts for name in count})
    return {name: fmean(count[name] for count in counts) / runs for name in names}


def _means(counts: Sequence[Mapping[str, float]], runs: int) -> dict[str, float]:
    return {name: fmean(count[name] for count in counts) / runs for name in counts[0]}
