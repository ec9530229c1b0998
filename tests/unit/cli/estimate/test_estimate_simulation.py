"""The simulation against closed forms, and the laws that it has to keep whatever the numbers."""

import math
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.estimate.simulation.clock import Clock
from cli.estimate.simulation.replications import forecast, simulate
from cli.estimate.simulation.retry import PATIENT, TIMED_OUT
from cli.estimate.simulation.work import Account, Outcome, Stage
from cli.estimate.simulation.write_rate import WriteRate

ACCOUNT = Account(
    executions_started_per_second=math.inf,
    lambda_concurrency=10_000,
    ramp_environments=1000,
    ramp_seconds=10,
    environment_start_seconds=0,
    new_table_writes_per_second=4000,
    most_table_writes_per_second=40_000,
    index_writes_per_second=16_000,
    doubling_seconds=1800,
    transaction_seconds=0,
    straggler_sigma=0,
)
UNLIMITED = replace(ACCOUNT, ramp_environments=10**9)


def fan_out(calls: int, seconds: float, *, at_once: int = 10**6, **more: float) -> Stage:
    return Stage(name="Map", function="worker", calls=calls, seconds=seconds, at_once=at_once, **more)  # type: ignore[arg-type]


def run(*stages: Stage, account: Account = ACCOUNT, seed: int = 1) -> Outcome:
    return simulate([stages], account, Random(seed))


def test_a_million_children_at_100_a_second_take_10_000_seconds_to_start() -> None:
    outcome = run(fan_out(1_000_000, 0.3, at_once=10_000, starts_per_second=100))
    assert outcome.seconds == pytest.approx(999_999 / 100 + 0.3)
    assert outcome.calls == {"worker": 1_000_000}
    assert outcome.most_at_once == pytest.approx(30, abs=1)


@pytest.mark.parametrize("tasks", [1, 9, 10, 11, 100, 1001])
def test_equal_tasks_ten_at_once_take_as_many_rounds_as_it_needs(tasks: int) -> None:
    by_map = run(fan_out(tasks, 7, at_once=10))
    assert by_map.seconds == pytest.approx(7 * math.ceil(tasks / 10))
    assert by_map.throttled.total() == 0
    assert by_map.most_at_once == min(tasks, 10)


def test_stages_follow_each_other() -> None:
    first = replace(fan_out(3, 5), name="first", start_seconds=1)
    outcome = run(first, replace(fan_out(4, 2, at_once=2), name="second", start_seconds=3))
    assert outcome.stages == {"first": pytest.approx(6), "second": pytest.approx(13)}
    assert outcome.seconds == pytest.approx(13)


def test_a_function_gains_a_thousand_environments_at_once_and_then_every_ten_seconds() -> None:
    refused = run(fan_out(2500, 3600))
    assert refused.most_at_once == 2500
    assert refused.throttled.total() >= 1500
    assert 10 + 3600 <= refused.seconds <= 10 + 3600 + 2 * 60
    assert run(fan_out(2500, 3600), account=UNLIMITED).seconds == 3600


def test_what_the_account_refuses_is_retried_and_everything_ends_once() -> None:
    outcome = run(fan_out(60, 4, at_once=40), account=replace(ACCOUNT, lambda_concurrency=10))
    assert outcome.most_at_once == 10
    assert outcome.calls["worker"] == 60
    assert outcome.throttled["Map"] >= 30
    assert not outcome.failed
    assert outcome.seconds >= 24


def test_long_calls_in_a_new_account_wait_for_a_free_place_and_none_fails() -> None:
    outcome = run(fan_out(200, 60, at_once=40), account=replace(ACCOUNT, lambda_concurrency=10))
    assert (outcome.failed, outcome.calls["worker"]) == (False, 200)
    assert 200 / 10 * 60 <= outcome.seconds <= 2 * 200 / 10 * 60


def test_the_table_takes_4000_units_a_second_and_doubles_after_half_an_hour_of_work() -> None:
    def seconds(units: float) -> float:
        table, through = WriteRate(ACCOUNT), 0.0
        for _ in range(int(units // 1000)):
            through = table.write(0, 1000, 0)
        return through

    assert seconds(4_000_000) == pytest.approx(1000)
    assert seconds(4000 * 1800) == pytest.approx(1800)
    assert seconds(4000 * 1800 + 8000 * 600) == pytest.approx(2400)
    assert seconds((4000 + 8000 + 16_000 + 32_000 + 40_000) * 1800) == pytest.approx(5 * 1800)


def test_an_idle_table_neither_doubles_nor_lends_what_it_didn_t_use() -> None:
    table = WriteRate(ACCOUNT)
    assert table.write(0, 4000, 0) == 1
    assert table.write(10_000, 4000, 0) == 10_001


def test_the_index_holds_the_table_back() -> None:
    quick = replace(ACCOUNT, new_table_writes_per_second=40_000)
    assert WriteRate(quick).write(0, 40_000, 0) == 1
    assert WriteRate(quick).write(0, 40_000, 32_000) == 2


def test_a_million_merchants_take_as_long_as_their_write_units() -> None:
    stage = fan_out(512, 1, transactions=40, table_units=200, index_units=100)
    outcome = run(replace(stage, calls=500), account=UNLIMITED)
    assert outcome.table_units == 500 * 40 * 200
    assert outcome.seconds == pytest.approx(1 + 500 * 40 * 200 / 4000, rel=0.001)


def test_a_call_that_never_ends_in_time_is_retried_three_times_and_fails() -> None:
    outcome = run(fan_out(2, 901, limit_seconds=900))
    assert (outcome.timed_out["Map"], outcome.failed_calls["Map"], outcome.calls["worker"]) == (8, 2, 8)
    assert outcome.billed_seconds["worker"] == pytest.approx(8 * 900)
    assert outcome.retries == 6


def test_a_call_stops_in_time_and_another_goes_on_where_its_commits_ended() -> None:
    slow = fan_out(1, 0, limit_seconds=110, to_stop_seconds=10, transactions=950, again_seconds=0.01)
    outcome = run(slow, account=replace(ACCOUNT, transaction_seconds=1))
    assert (outcome.stopped["Map"], outcome.timed_out["Map"], outcome.failed) == (9, 0, False)
    seen_again = sum(100 * attempt for attempt in range(10)) * 0.01
    assert outcome.billed_seconds["worker"] == pytest.approx(950 + seen_again, rel=0.02)


def test_new_environments_start_later_and_are_used_again() -> None:
    account = replace(ACCOUNT, environment_start_seconds=0.5)
    outcome = run(fan_out(20, 2, at_once=10, new_seconds=1), account=account)
    assert outcome.seconds == pytest.approx(0.5 + 1 + 2 + 2)
    assert outcome.billed_seconds["worker"] == pytest.approx(10 * 3 + 10 * 2)


STAGES = st.builds(
    fan_out,
    st.integers(1, 60),
    st.floats(0.1, 30),
    at_once=st.integers(1, 50),
    starts_per_second=st.sampled_from([1.0, 100.0, math.inf]),
    transactions=st.integers(0, 4),
    table_units=st.floats(1, 2000),
    start_seconds=st.floats(0, 5),
)
ACCOUNTS = st.builds(
    lambda concurrency, sigma: replace(ACCOUNT, lambda_concurrency=concurrency, straggler_sigma=sigma),
    st.integers(1, 60),
    st.sampled_from([0.0, 0.3]),
)


@settings(deadline=None, max_examples=150)
@given(stage=STAGES, account=ACCOUNTS, runs=st.integers(1, 3), seed=st.integers(0, 99))
def test_nothing_is_lost_and_nothing_is_counted_twice(
    stage: Stage, account: Account, runs: int, seed: int
) -> None:
    outcome = simulate([[stage]] * runs, account, Random(seed))
    ended = runs * stage.calls - outcome.failed_calls.total()
    assert outcome.calls["worker"] == ended
    assert outcome.table_units == pytest.approx(ended * stage.transactions * stage.table_units)
    assert outcome.most_at_once <= min(account.lambda_concurrency, runs * stage.at_once)
    assert outcome.retries >= 0
    if not account.straggler_sigma and not outcome.failed:
        busy = ended * stage.seconds
        assert outcome.billed_seconds["worker"] >= busy * 0.999
        assert outcome.seconds >= busy / min(account.lambda_concurrency, runs * stage.at_once) * 0.999


MORE: list[tuple[str, Callable[[Stage], Stage]]] = [
    ("calls", lambda stage: replace(stage, calls=stage.calls + 1)),
    ("seconds", lambda stage: replace(stage, seconds=stage.seconds * 2)),
    ("start", lambda stage: replace(stage, start_seconds=stage.start_seconds + 1)),
]


@pytest.mark.parametrize(("what", "more"), MORE)
@settings(deadline=None, max_examples=40)
@given(stage=STAGES)
def test_more_work_never_takes_less_time(what: str, more: Callable[[Stage], Stage], stage: Stage) -> None:
    # Without writes: calls that wait for a table meet less there if they come later, and can be done sooner.
    dry = replace(stage, transactions=0)
    assert run(more(dry)).seconds >= run(dry).seconds * 0.999999, what


@settings(deadline=None, max_examples=40)
@given(stage=STAGES)
def test_more_writes_never_take_less_time_one_call_after_the_other(stage: Stage) -> None:
    alone = replace(stage, at_once=1)
    assert run(replace(alone, transactions=alone.transactions + 1)).seconds >= run(alone).seconds * 0.999999


@settings(deadline=None, max_examples=40)
@given(stage=STAGES)
def test_more_at_once_never_takes_longer_where_nothing_is_refused(stage: Stage) -> None:
    dry = replace(stage, transactions=0)
    assert run(replace(dry, at_once=dry.at_once + 1)).seconds <= run(dry).seconds * 1.000001


def test_the_same_seed_gives_the_same_and_another_one_something_else() -> None:
    stage, account = fan_out(50, 3, at_once=10), replace(ACCOUNT, straggler_sigma=0.3)
    assert run(stage, account=account) == run(stage, account=account)
    assert run(stage, account=account).seconds != run(stage, account=account, seed=2).seconds


def test_stragglers_make_the_last_call_late() -> None:
    stage = fan_out(1000, 10)
    assert run(stage).seconds == 10
    late = run(stage, account=replace(ACCOUNT, straggler_sigma=0.3)).seconds
    assert 10 * math.exp(0.3 * 2.3) < late < 10 * math.exp(0.3 * 5)


def test_a_forecast_has_median_and_95th_percentile_of_its_repeats() -> None:
    small = forecast([fan_out(10, 5)], replace(ACCOUNT, straggler_sigma=0.3))
    assert small.repeats == 100
    assert 5 < small.seconds.median < small.seconds.p95
    assert small.calls == {"worker": 10}
    exact = forecast([fan_out(10, 5)], ACCOUNT)
    assert (exact.seconds.median, exact.seconds.p95) == (5, 5)


def test_of_very_many_runs_a_part_is_simulated_and_the_time_grows_with_them() -> None:
    stage = fan_out(20_000, 1, at_once=100)
    some, all_of_them = forecast([stage], ACCOUNT, runs=5), forecast([stage], ACCOUNT, runs=5000)
    assert all_of_them.seconds.median == pytest.approx(1000 * some.seconds.median)
    assert all_of_them.calls == some.calls == {"worker": 20_000}


def test_executions_start_no_faster_than_the_quota() -> None:
    outcome = simulate(
        [[fan_out(1, 1)]] * 600, replace(ACCOUNT, executions_started_per_second=300), Random(1)
    )
    assert outcome.seconds == pytest.approx(599 / 300 + 1)


def test_retries_wait_a_random_part_of_a_growing_interval() -> None:
    random = Random(1)
    longest = [max(PATIENT.pause(attempt, random) or 0 for _ in range(500)) for attempt in range(12)]
    assert longest == pytest.approx([2, 4, 8, 16, 32, 64, 128, 256, *[300] * 4], rel=0.05)
    assert TIMED_OUT.pause(3, random) is None


def test_the_clock_takes_actions_by_their_moment_and_then_by_their_order() -> None:
    clock, seen = Clock(), list[tuple[float, str]]()
    for moment, name in ((2, "b"), (1, "a"), (2, "c"), (-5, "now")):
        clock.at(moment, lambda name=name: seen.append((clock.now, name)))  # type: ignore[misc]
    clock.run()
    assert seen == [(0, "now"), (1, "a"), (2, "b"), (2, "c")]
