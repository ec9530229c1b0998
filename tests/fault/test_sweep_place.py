"""Scheduled sweeps of many keys: where one has to end the next goes on, until all has been compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lambdas.adapters.dynamodb import to_item
from lambdas.domain.order_file import RunId, key_hash
from lambdas.domain.stored_names import key_item, run_item
from tests.fault.functions import ORDERS, RUNS
from tests.fault.seeds import runner
from tests.fault.services.refusals import refusal
from tests.fault.sweeps_in_turn import Sweeps
from tests.fault.world import World, moment_of

HELD = 70
"""Keys of the bucket, of which a page holds 5 and a sweep, at a page a call, sees 60."""
KNOWN = 130
"""Items of the table, of which a page holds 9."""
DAY_STEPS = 24 * 3600


@pytest.fixture
def sweeps() -> Iterator[Sweeps]:
    with runner() as made:
        world = World(seed=1)
        world.faults.calm()
        made._install(world, remember=True)
        yield Sweeps(world)
        world.scheduler.stop()


def hold(sweeps: Sweeps) -> set[str]:
    """Keys of which nobody has told."""
    keys = {f"{number:03}.csv" for number in range(HELD)}
    for key in sorted(keys):
        sweeps.world.put(key, 0)
    return keys


def know(sweeps: Sweeps) -> set[str]:
    """Keys that had a run, and whose versions were all removed for good."""
    keys = {f"{number:03}.csv" for number in range(KNOWN)}
    for key in keys:
        name = key_item(key_hash(ORDERS, key))
        item = name | {"object_key": key, "looks": 1, "revision": 1, "version_id": "v", "status": "SUCCEEDED"}
        sweeps.world.dynamodb.tables[RUNS].setdefault(name["pk"], {})[name["sk"]] = to_item(item)
    return keys


@pytest.mark.parametrize("there", [hold, know], ids=["in the bucket", "in the table"])
def test_what_a_sweep_leaves_is_found_by_the_next(sweeps: Sweeps, there: Any) -> None:
    keys = there(sweeps)
    done, first = sweeps.due()
    assert not done
    assert 0 < len(first) < len(keys)
    assert [line for line in sweeps.log.warnings if "the sweep ends before the end" in line]
    done, second = sweeps.due()
    assert (done, first & second, first | second) == (True, set(), keys)


def test_after_the_end_the_next_begins_at_the_start(sweeps: Sweeps) -> None:
    hold(sweeps)
    done, first = sweeps.due()
    assert set(sweeps.place) >= {"side", "place", "sweeps"}
    done, _ = sweeps.due()
    assert done
    assert set(sweeps.place) == {"pk", "sk", "finished_at"}
    assert sweeps.due() == (False, first)


def test_abandoned_runs_beyond_the_end_of_a_sweep_are_settled_by_the_next(sweeps: Sweeps) -> None:
    know(sweeps)
    last = max(key_hash(ORDERS, f"{number:03}.csv") for number in range(KNOWN))
    run_id = RunId(last, 1)
    values = {
        "run_id": str(run_id),
        "object_key": "x.csv",
        "status": "RUNNING",
        "started_at": "2024-01-01T00:00:00Z",
    }
    execution = sweeps.world.look("x.csv")
    sweeps.world.machine.stop(execution, "ABORTED")
    item = to_item(run_item(run_id) | values | {"execution": execution.arn})
    items = sweeps.world.dynamodb.tables[RUNS][run_item(run_id)["pk"]]
    items[run_item(run_id)["sk"]] = item
    sweeps.due()
    assert items["RUN#00000001"]["status"] == {"S": "RUNNING"}
    sweeps.due()
    assert items["RUN#00000001"]["status"] == {"S": "FAILED"}


def test_of_two_sweeps_at_once_the_later_goes_on_and_the_earlier_ends(sweeps: Sweeps) -> None:
    keys = hold(sweeps)
    sweeps.begin()
    [of_earlier] = sweeps.waiting
    sweeps.waiting.clear()
    sweeps.due()  # it begins behind the first page, and ends 12 pages later
    kept = sweeps.place
    sweeps.call(of_earlier)
    assert (sweeps.waiting, sweeps.place) == ([], kept)
    sweeps.due()
    assert {one.key for one in sweeps.world.machine.executions} == keys
    finished = sweeps.place
    sweeps.call(of_earlier)  # it was delivered once more
    assert (sweeps.waiting, sweeps.place) == ([], finished)


def test_a_sweep_whose_call_broke_goes_on_with_the_next(sweeps: Sweeps) -> None:
    keys = hold(sweeps)
    sweeps.begin()
    sweeps.waiting.clear()
    sweeps.due()
    assert len({one.key for one in sweeps.world.machine.executions}) == 65 < len(keys)


@pytest.mark.parametrize(
    "broken",
    [
        {"side": "elsewhere"},
        {"place": "a.csv"},
        {"place": {"pk": "FILE#1"}},
        {"place": {"KeyMarker": "a.csv", "VersionIdMarker": 7}},
        {"kept_at": "yesterday"},
        {"kept_at": "2024-03-01"},
    ],
    ids=str,
)
def test_of_a_broken_place_the_sweep_begins_at_the_start_and_says_so(
    sweeps: Sweeps, broken: dict[str, Any]
) -> None:
    hold(sweeps)
    _, first = sweeps.due()
    sweeps.change_place(**broken)
    sweeps.log.warnings.clear()
    assert sweeps.due() == (False, first)
    assert "the sweep begins at the start: its place is of no use" in sweeps.log.warnings[0]


def test_an_outdated_place_is_left_for_the_start(sweeps: Sweeps) -> None:
    hold(sweeps)
    _, first = sweeps.due()
    sweeps.world.scheduler.step += 22 * DAY_STEPS
    assert sweeps.due() == (False, first)
    assert "more than 21 days ago" in sweeps.log.warnings[1]


def test_where_s3_refuses_the_place_the_sweep_begins_at_the_start(
    sweeps: Sweeps, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(sweeps)
    _, first = sweeps.due()
    kept, listed = sweeps.place["place"]["KeyMarker"], sweeps.world.s3.list_object_versions

    def refused(**request: Any) -> Any:
        if request.get("KeyMarker") == kept:
            raise refusal("ListObjectVersions", "InvalidArgument", "Invalid version id specified")
        return listed(**request)

    monkeypatch.setattr(sweeps.world.s3, "list_object_versions", refused)
    assert sweeps.due() == (False, first)
    assert "Invalid version id specified" in sweeps.log.warnings[1]


def test_sweeps_that_come_to_no_end_are_counted_until_one_does(sweeps: Sweeps) -> None:
    hold(sweeps)
    for _ in range(3):
        sweeps.due()
    assert sweeps.unfinished() == [0, 1, 0]
    since = sweeps.place["since"]
    assert since > moment_of(0).isoformat()


def test_the_same_first_call_again_is_no_sweep_of_its_own(sweeps: Sweeps) -> None:
    hold(sweeps)
    sweeps.begin()
    sweeps.requests -= 1
    sweeps.begin()
    assert sweeps.unfinished() == [0, 0]
