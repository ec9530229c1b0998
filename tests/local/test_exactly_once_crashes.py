"""Exactly once with real processes: workers killed in the middle of a commit, a file deleted during a run."""

import os
import signal
import time
from collections.abc import Callable

import pytest

from lambdas.adapters.runs_table import SUCCEEDED
from lambdas.domain.order_file import DELETED
from local import processes
from tests.local.books import HEADING, Books, plain_pass
from tests.local.conftest import Deployed

MERCHANTS = 3000
LIMIT_SECONDS = 60.0


@pytest.fixture(scope="module")
def books(deployed: Deployed) -> Books:
    return Books(deployed)


@pytest.fixture(scope="module")
def kill_workers(deployed: Deployed) -> Callable[[], int]:
    """Kill -9 every process of merchant_sales; answers how many there were."""
    functions = deployed.session.client("lambda").get_paginator("list_functions").paginate()
    [name] = [
        function["FunctionName"]
        for page in functions
        for function in page["Functions"]
        if function["Handler"] == "lambdas.merchant_sales.handler.handler"
    ]

    def kill() -> int:
        found = processes.naming(deployed.engine.folder.scratch, f"-{name}-")
        for process in found:
            os.kill(process, signal.SIGKILL)
        return len(found)

    return kill


def merchant(name: str, number: int) -> str:
    return f"~{name}{number:05d}"


def orders(name: str, cents: int, numbers: range) -> list[str]:
    """One line for each merchant of the numbers."""
    amounts = ((number, number + cents / 100) for number in numbers)
    lines = (f"{merchant(name, number)},{amount:.2f},o,1,1,2024-06-01" for number, amount in amounts)
    return [HEADING, *lines]


def wait_for_commit(books: Books, key: str, name: str, number: int, revision: int) -> None:
    """Return as soon as the commit of this revision has come to the merchant of this number."""
    give_up = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < give_up:
        stored = books.contribution(merchant(name, number), key)
        if stored and stored["revision"] == revision:
            return
        time.sleep(0.01)
    raise AssertionError(f"revision {revision} of {key} did not come to merchant {number}")


def revisions(books: Books, key: str, name: str) -> set[int]:
    """The revisions that contributions of some of the merchants show; 0 where there is none."""
    stored = [books.contribution(merchant(name, number), key) for number in range(0, MERCHANTS, 75)]
    return {int(item["revision"]) if item else 0 for item in stored}


def test_workers_killed_in_the_middle_of_a_commit_and_of_its_retractions_are_retried_to_the_exact_totals(
    books: Books, kill_workers: Callable[[], int]
) -> None:
    key, some = "once/crash.csv", [merchant("crash", number) for number in range(0, MERCHANTS, 20)]
    first = orders("crash", 25, range(MERCHANTS))
    books.put(key, "\n".join(first).encode())
    wait_for_commit(books, key, "crash", MERCHANTS // 3, revision=1)
    assert kill_workers() > 0
    assert revisions(books, key, "crash") == {0, 1}
    books.balance(some)
    assert [run["status"] for run in books.quiet(key, looks=1)] == [SUCCEEDED]
    books.check("~crash", {key: plain_pass(first)})

    half = orders("crash", 50, range(0, MERCHANTS, 2))
    books.put(key, "\n".join(half).encode())
    for number in (MERCHANTS // 3, MERCHANTS // 3 + 1):  # one of the commit, one of the retractions
        wait_for_commit(books, key, "crash", number, revision=2)
        assert kill_workers() > 0
        assert revisions(books, key, "crash") == {1, 2}
        books.balance(some)
    assert [run["status"] for run in books.quiet(key, looks=2)] == [SUCCEEDED, SUCCEEDED]
    books.check("~crash", {key: plain_pass(half)})


def test_a_file_deleted_during_its_commit_leaves_nothing(books: Books) -> None:
    key = "once/deleted.csv"
    books.put(key, "\n".join(orders("deleted", 25, range(MERCHANTS))).encode())
    wait_for_commit(books, key, "deleted", MERCHANTS // 3, revision=1)
    books.delete(key)
    assert revisions(books, key, "deleted") == {0, 1}
    runs = books.quiet(key, looks=2)
    assert (runs[-1]["version_id"], runs[-1]["status"]) == (DELETED, SUCCEEDED)
    books.check("~deleted", {})


def test_a_file_replaced_during_its_commit_ends_at_the_new_version(books: Books) -> None:
    key, new = "once/replaced.csv", orders("replaced", 75, range(MERCHANTS // 2))
    books.put(key, "\n".join(orders("replaced", 25, range(MERCHANTS))).encode())
    wait_for_commit(books, key, "replaced", MERCHANTS // 3, revision=1)
    books.put(key, "\n".join(new).encode())
    assert revisions(books, key, "replaced") == {0, 1}
    assert books.quiet(key, looks=2)[-1]["status"] == SUCCEEDED
    books.check("~replaced", {key: plain_pass(new)})
