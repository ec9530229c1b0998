"""What `merchant-sales estimate` takes for given is what the stack deploys."""

import dataclasses
from typing import Any

import pytest

from cli.estimate.durations import READERS
from cli.estimate.item_units import NOT_IN_INDEX
from cli.estimate.load import load_of
from cli.estimate.rates import measured
from cli.estimate.requests import transitions
from cli.estimate.run_model import INLINE_AT_ONCE, SHARDING_STATES
from cli.estimate.settings import MIB, Settings
from cli.estimate.shape import Lane, Shape, shape_of
from cli.estimate.simulation.retry import PATIENT, TIMED_OUT, Retry
from lambdas.adapters import read_splits
from lambdas.domain.stored_names import TOTAL
from lambdas.settle_run import handler as settle_run
from stacks import merchant_fan_out
from stacks.config import PipelineConfig
from stacks.job_queue import JOBS_AT_ONCE
from stacks.sales_store import TOTALS_IN_LEADERBOARD
from tests.infrastructure.synthesis import Template, function_of
from tests.unit.cli.estimate.counted_run import SALES, CountedRun

State = dict[str, Any]
ESTIMATED, DEPLOYED = Settings(), PipelineConfig()
SIZES = {"shard_orders": "shard", "merchant_sales": "sales", "plan_run": "control", "index_shards": "control",
         "settle_run": "control"}  # fmt: skip


def test_the_settings_are_those_of_the_stack() -> None:
    common = {field.name for field in dataclasses.fields(DEPLOYED)} & set(vars(ESTIMATED))
    assert {name: getattr(ESTIMATED, name) for name in common} == {
        name: getattr(DEPLOYED, name) for name in common
    }
    assert set(vars(ESTIMATED)) - common == {
        "shard_disk_mb", "sales_disk_mb", "control_disk_mb", "batch_jobs_at_once", "work_limit_seconds",
        "control_limit_seconds",
    }  # fmt: skip
    assert ESTIMATED.batch_jobs_at_once == JOBS_AT_ONCE
    assert merchant_fan_out.INLINE_CONCURRENCY == INLINE_AT_ONCE
    assert read_splits.READERS == settle_run.READERS == READERS


@pytest.mark.parametrize(("folder", "kind"), SIZES.items())
def test_the_functions_have_the_sizes_and_limits_of_the_model(
    template: Template, folder: str, kind: str
) -> None:
    _, function = function_of(template, folder)
    limit = ESTIMATED.control_limit_seconds if kind == "control" else ESTIMATED.work_limit_seconds
    assert function["MemorySize"] == getattr(ESTIMATED, f"{kind}_memory_mb")
    assert function["EphemeralStorage"]["Size"] == getattr(ESTIMATED, f"{kind}_disk_mb")
    assert function["Timeout"] == limit


def test_calls_are_retried_as_in_the_simulation(definition: State) -> None:
    _, patient, _, rest = definition["States"]["ShardOrders"]["Retry"]
    for retry, modelled in ((patient, PATIENT), (rest, TIMED_OUT)):
        assert modelled == Retry(
            attempts=retry["MaxAttempts"],
            first_seconds=retry["IntervalSeconds"],
            backoff=retry["BackoffRate"],
            longest_seconds=retry["MaxDelaySeconds"],
        )
        assert retry["JitterStrategy"] == "FULL"
    assert {"Lambda.TooManyRequestsException", "TimeIsUpError"} <= set(patient["ErrorEquals"])


SHAPES = [
    shape_of(load_of(delivered_bytes=size, merchants=1000, compressed=compressed), ESTIMATED, measured())
    for size, compressed in (
        (1000, False), (128 * MIB, False), (129 * MIB, False), (4096 * MIB, False), (2048 * MIB, True),
        (2 << 40, False),
    )
]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.splits} splits, {shape.partitions}")
def test_a_run_has_as_many_transitions_as_the_state_machine_has_states_on_its_way(
    definition: State, shape: Shape
) -> None:
    assert transitions(shape, per_child_start=1) == entered(definition, shape)


@pytest.mark.parametrize("lane", Lane)
def test_the_model_names_the_states_that_shard(definition: State, lane: Lane) -> None:
    way: dict[str, object] = {"$.run_needed": True, "$.lane": lane.value}
    assert next_of(definition["States"]["Lane?"], way) == SHARDING_STATES[lane]


def test_the_leaderboard_holds_what_the_model_takes_for_its_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    run = CountedRun(ESTIMATED, monkeypatch)
    run.run("orders.csv", b"merchant_id,amount,order_id,line_id,quantity,ordered_at\nm,1,1,1,1,2026-01-01\n")
    [total] = [item for sk, item in run.dynamodb.tables[SALES]["MERCHANT#m"].items() if sk.startswith(TOTAL)]
    in_index = {*TOTALS_IN_LEADERBOARD, "pk", "sk", "leaderboard", "net_sales"}
    assert set(total) - NOT_IN_INDEX == in_index


def entered(definition: State, shape: Shape) -> int:
    """States that are entered on a run's way, those of Maps once for each item, and starts of children."""
    way: dict[str, object] = {
        "$.run_needed": True,
        "$.lane": shape.lane.value,
        "$.shards.cuts_proven": True,
        "$.shards.oversize": shape.oversize_partitions,
        "$.shards.few_partitions": shape.few_partitions or shape.oversize_partitions,
    }
    number, name = 0, definition["StartAt"]
    while name:
        state = definition["States"][name]
        number += 1 + items_of(name, shape) * inside(state)
        name = next_of(state, way)
    return number


def items_of(name: str, shape: Shape) -> int:
    if name == "ShardSplits":
        return shape.splits
    return shape.partitions if shape.oversize_partitions == (name == "ComputeOversizeSales") else 0


def inside(state: State) -> int:
    """How many states an item of a Map passes, and one for the start of an execution of its own."""
    if state["Type"] != "Map":
        return 0
    processor: dict[str, Any] = state["ItemProcessor"]
    assert all(inner["Type"] == "Task" for inner in processor["States"].values())
    distributed: bool = processor["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
    return len(processor["States"]) + distributed


def next_of(state: State, way: dict[str, object]) -> str | None:
    """Where a state leads to, given the values that Choice states ask for."""
    for rule in state.get("Choices", []):
        [wanted] = [value for key, value in rule.items() if key in ("BooleanEquals", "StringEquals")]
        if way[rule["Variable"]] == wanted:
            return str(rule["Next"])
    target = state.get("Default") if state["Type"] == "Choice" else state.get("Next")
    return str(target) if target else None
