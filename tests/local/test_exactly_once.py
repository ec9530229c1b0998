"""Exactly once: late, repeated and reordered events, quick changes and restored versions move no total."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from lambdas.adapters.runs_table import SUCCEEDED
from lambdas.domain.order_file import DELETED
from tests.local.books import HEADING, Books, plain_pass
from tests.local.command import Command
from tests.local.conftest import Deployed


@pytest.fixture(scope="module")
def books(deployed: Deployed) -> Books:
    return Books(deployed)


def orders(name: str, version: int) -> list[str]:
    """The lines of a version of a file: some merchants stay, some go, one comes; there is a refund."""
    merchants = [*range(4 + version % 3), 100 + version]
    lines = [
        f"~{name}{merchant},{version}.{merchant % 100:02d},o{line},{line},{version},2024-0{line}-09"
        for merchant in merchants
        for line in (1, 2)
    ]
    return [HEADING, *lines, f"~{name}0,-0.75,o1,back,-1,2024-03-01"]


def deliver(books: Books, key: str, times: int, *, replay: bool = False) -> None:
    """Deliver an event about a key so many times at once."""
    machine = books.deployed.outputs["StateMachineArn"]
    told = json.dumps({"key": key, "replay": replay})

    def start(_: int) -> None:
        books.states.start_execution(stateMachineArn=machine, input=told)

    with ThreadPoolExecutor(times) as senders:
        list(senders.map(start, range(times)))


def put(books: Books, key: str, lines: list[str]) -> str:
    return books.put(key, "\n".join(lines).encode())


def test_events_that_come_often_late_and_in_reverse_count_each_version_once(books: Books) -> None:
    key, first, second = "once/events.csv", orders("events", 1), orders("events", 2)
    put(books, key, first)
    deliver(books, key, 6)
    put(books, key, second)
    deliver(books, key, 6)
    runs = books.quiet(key, looks=14)
    assert len(runs) <= 2
    assert runs[-1]["status"] == SUCCEEDED
    books.check("~events", {key: plain_pass(second)})
    deliver(books, key, 3)  # the first version's event, once more: it only says which key to look at
    assert books.quiet(key, looks=17) == runs
    books.check("~events", {key: plain_pass(second)})


def test_a_key_overwritten_five_times_at_once_ends_at_its_last_version(books: Books) -> None:
    key = "once/overwritten.csv"
    versions = [put(books, key, orders("over", version)) for version in range(1, 6)]
    runs = books.quiet(key, looks=5)
    assert (runs[-1]["version_id"], runs[-1]["status"]) == (versions[-1], SUCCEEDED)
    assert len({run["version_id"] for run in runs}) == len(runs)
    books.check("~over", {key: plain_pass(orders("over", 5))})


def test_removing_the_delete_marker_brings_the_file_back(books: Books) -> None:
    key, lines = "once/restored.csv", orders("back", 1)
    version = put(books, key, lines)
    books.quiet(key, looks=1)
    marker = books.delete(key)
    assert books.quiet(key, looks=2)[-1]["version_id"] == DELETED
    books.check("~back", {})
    books.delete(key, marker)
    assert books.quiet(key, looks=3)[-1]["version_id"] == version
    books.check("~back", {key: plain_pass(lines)})


def test_removing_the_current_version_for_good_brings_the_earlier_one_back(books: Books) -> None:
    key, first, second = "once/removed.csv", orders("removed", 1), orders("removed", 2)
    earlier = put(books, key, first)
    books.quiet(key, looks=1)
    current = put(books, key, second)
    books.quiet(key, looks=2)
    books.check("~removed", {key: plain_pass(second)})
    books.delete(key, current)
    assert books.quiet(key, looks=3)[-1]["version_id"] == earlier
    books.check("~removed", {key: plain_pass(first)})
    books.delete(key, earlier)
    assert books.quiet(key, looks=4)[-1]["version_id"] == DELETED
    books.check("~removed", {})


def test_a_version_removed_for_good_before_its_run_can_have_ended_leaves_the_earlier_one(
    books: Books,
) -> None:
    key, first = "once/hasty.csv", orders("hasty", 1)
    earlier = put(books, key, first)
    books.quiet(key, looks=1)
    books.delete(key, put(books, key, orders("hasty", 2)))
    assert books.quiet(key, looks=3)[-1]["version_id"] == earlier
    books.check("~hasty", {key: plain_pass(first)})


def test_removing_an_older_version_for_good_changes_nothing(books: Books) -> None:
    key = "once/older.csv"
    older = put(books, key, orders("older", 1))
    put(books, key, orders("older", 2))
    runs = books.quiet(key, looks=2)
    books.delete(key, older)
    assert books.quiet(key, looks=3) == runs
    books.check("~older", {key: plain_pass(orders("older", 2))})


def test_a_replay_of_a_key_and_of_a_deleted_key_changes_nothing(books: Books, deployed: Deployed) -> None:
    kept, gone, lines = "once/replayed.csv", "once/replayed and gone.csv", orders("replay", 1)
    put(books, kept, lines)
    put(books, gone, orders("replay", 2))
    books.quiet(gone, looks=1)
    books.delete(gone)
    books.quiet(kept, looks=1)
    books.quiet(gone, looks=2)
    books.check("~replay", {kept: plain_pass(lines)})
    Command(deployed).json("replay", kept, gone)
    deliver(books, kept, 3, replay=True)
    deliver(books, gone, 3, replay=True)
    for key, looks, deleted in ((kept, 5, False), (gone, 6, True)):
        runs = books.quiet(key, looks=looks)
        assert len(runs) == looks, "a replay is a run of its own"
        assert (runs[-1]["status"], runs[-1]["version_id"] == DELETED) == (SUCCEEDED, deleted)
    books.check("~replay", {kept: plain_pass(lines)})
