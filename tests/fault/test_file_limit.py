"""A file above maxFileBytes: its run FAILED and says why, nothing is read, what was counted before stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lambdas.domain.order_file import RunId, key_hash
from lambdas.domain.stored_names import plan_object
from tests.fault import checks
from tests.fault.functions import ORDERS, RUNS, SALES, WORK
from tests.fault.order_tables import FILES, FORMATS, order_table
from tests.fault.seeds import runner
from tests.fault.serial_model import counted
from tests.fault.world import World

KEY = "a.csv"
BEFORE, TOO_LARGE = [n for n in range(FILES) if counted(order_table(n), FORMATS[0])][:2]


@pytest.fixture
def world() -> Iterator[World]:
    """A world in which nothing goes wrong by itself."""
    world = World(seed=1)
    world.faults.calm()
    with runner() as made:
        made._install(world, remember=True)
        yield world
        world.scheduler.stop()


def test_a_file_that_is_too_large_fails_before_it_is_read_and_the_one_before_stays_counted(
    world: World,
) -> None:
    world.put(KEY, BEFORE)
    world.run()
    sales = str(world.dynamodb.tables[SALES])
    size = len(order_table(TOO_LARGE).text)
    world.variables["MAX_FILE_BYTES"] = str(size - 1)
    world.put(KEY, TOO_LARGE)
    world.run()
    state = checks.state_of(world, KEY)
    assert (state["revision"], state["status"], state["fence"]) == (2, "FAILED", 1)
    items = world.dynamodb.tables[RUNS][f"FILE#{key_hash(ORDERS, KEY)}"].values()
    [reason] = [item["reason"]["S"] for item in items if "reason" in item]
    assert f"has {size:,} bytes, more than the {size - 1:,}" in reason
    assert str(world.dynamodb.tables[SALES]) == sales
    run_id = str(RunId(key_hash(ORDERS, KEY), 2))
    assert plan_object(run_id) not in world.s3.buckets[WORK]
    assert [name for name in world.s3.buckets[WORK] if run_id in name] == []

    world.variables["MAX_FILE_BYTES"] = str(size)
    world.look(KEY, replay=True)
    world.run()
    assert checks.state_of(world, KEY)["status"] == "SUCCEEDED"
    checks.when_healed(world, [KEY])
