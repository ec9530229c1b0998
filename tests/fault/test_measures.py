"""The functions put the metrics that the alarms watch, in the situations that the alarms are for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lambdas.adapters.dynamodb import from_item
from lambdas.domain.measures import Measure
from lambdas.domain.stored_names import DONE
from lambdas.settle_run import handler as settle_run
from tests.fault.functions import HANDLERS, RUNS, WORK
from tests.fault.order_tables import FILES, FORMATS, order_table
from tests.fault.seeds import Runner, runner
from tests.fault.serial_model import counted
from tests.fault.world import World

KEY = "a.csv"
GOOD = next(n for n in range(FILES) if (counted(order_table(n), FORMATS[0]) or {}))
BAD = next(n for n in range(FILES) if counted(order_table(n), FORMATS[0]) is None)


@pytest.fixture(scope="module")
def made() -> Iterator[Runner]:
    """One database for all worlds."""
    with runner() as made:
        yield made


@pytest.fixture
def world(made: Runner) -> Iterator[World]:
    """A world in which nothing goes wrong by itself."""
    world = World(seed=1)
    world.faults.calm()
    made._install(world, remember=True)
    yield world
    world.scheduler.stop()


def measured() -> dict[Measure, float]:
    """What the functions have put so far, added up."""
    sums: dict[Measure, float] = {}
    metrics: Any = vars(settle_run)["aws"]().metrics  # the world's by now
    for measure, value in metrics.values:
        sums[measure] = sums.get(measure, 0) + value
    return sums


def call(world: World, state: str, event: dict[str, Any], context: Any = None) -> None:
    """Call a function by itself."""
    body: Callable[[], object] = lambda: HANDLERS[state](event, context)  # noqa: E731
    world.scheduler.spawn(f"by-hand {state}", body)
    world.run()


def test_a_settled_run_is_measured_by_its_lines(world: World) -> None:
    world.put(KEY, GOOD)
    world.run()
    found = measured()
    assert found[Measure.RUNS_SUCCEEDED] == 1
    lines = [found[name] for name in Measure if name.startswith("Lines") and name is not Measure.LINES_READ]
    assert found[Measure.LINES_READ] == sum(lines) > 0
    assert {Measure.REJECTED_PERCENT, Measure.BYTES_READ, Measure.SECONDS_TO_SETTLE} <= found.keys()
    [money] = vars(settle_run)["aws"]().metrics.money
    items = [from_item(item) for items in world.dynamodb.tables[RUNS].values() for item in items.values()]
    [sums] = [item["money"] for item in items if "money" in item]
    assert money == {currency: one["counted"] for currency, one in sums.items()} != {}


def test_a_failed_run_is_measured_with_the_lines_it_rejected(world: World) -> None:
    world.put(KEY, BAD)
    world.run()
    assert measured()[Measure.RUNS_FAILED] == 1


def test_a_look_without_an_outcome_is_measured(world: World) -> None:
    execution = world.look(KEY)
    world.machine.stop(execution, "ABORTED")
    call(world, "FailRun", {"detail": {"executionArn": execution.arn, "input": json.dumps({"key": KEY})}})
    assert measured()[Measure.LOOKS_FAILED] >= 1


def test_a_sweep_measures_what_it_found(world: World) -> None:
    world.put(KEY, GOOD)
    world.pending.clear()  # the event is lost
    world.sweep()
    world.run()
    assert (measured()[Measure.SWEEP_LOOKS], measured()[Measure.SWEEP_ABANDONED]) == (1, 0)
    assert measured()[Measure.SWEEPS_UNFINISHED] == 0


def test_a_sweep_measures_the_oldest_file_that_waits(world: World) -> None:
    world.sweep()
    world.run()
    assert Measure.OLDEST_RUNNING_SECONDS not in measured()  # nothing waits
    world.look(KEY)
    world.scheduler.step += 1000
    world.look("b.csv")
    world.sweep()
    sweeper = world.scheduler.workers[-1]
    while not sweeper.ended:
        world.scheduler.go(sweeper)
    assert 1000 < measured()[Measure.OLDEST_RUNNING_SECONDS] < 1100


def test_lines_that_are_not_accounted_for_are_measured(world: World) -> None:
    world.put(KEY, GOOD)
    world.run()
    [run_id] = {event["run_id"] for event in world.events}
    work = world.s3.buckets[WORK]
    outcomes = {key: json.loads(work[key][-1].body or b"") for key in work if key.endswith(DONE)}
    mark, outcome = next((key, values) for key, values in outcomes.items() if values["counted"])
    changed = json.dumps(outcome | {"counted": outcome["counted"] - 1}).encode()
    world.s3.put_object(Bucket=WORK, Key=mark, Body=changed)
    items = world.dynamodb.tables[RUNS][f"FILE#{run_id[:32]}"]
    items["RUN#00000001"] = {**items["RUN#00000001"], "status": {"S": "RUNNING"}}
    call(world, "SettleRun", {"run_id": run_id})
    assert measured()[Measure.CONSERVATION_FAILURES] == 1
