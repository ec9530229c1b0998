"""`top` says which keys are partly counted, because the figures above may lack a part of them."""

import json

import pytest
from typer.testing import CliRunner

from cli import main
from tests.unit.cli.dashboard_stack import Stack, put_contribution, put_run, put_total

runner = CliRunner()
TOLD = (
    "partly counted, because a run FAILED: {}; their part of these sales is partly old, partly new; "
    "`merchant-sales run {}` says how to go on"
)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Stack:
    made = Stack()
    monkeypatch.setattr("cli.top.connect", lambda _: made.deployment())
    for merchant, key, net in (("ann", "shop/a.csv", "2"), ("bob", "shop/b.csv", "1")):
        put_total(made, merchant, net)
        put_contribution(made, merchant, key, {"2026-01": net})
    return made


def test_nothing_is_said_where_all_keys_are_whole(stack: Stack) -> None:
    put_run(stack, "shop/a.csv")
    put_run(stack, "shop/b.csv", status="RUNNING")
    answer = runner.invoke(main.app, ["top", "--currency", "usd"])
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert answer.stdout.index("ann") < answer.stdout.index("bob")


def test_a_partly_counted_key_is_named_below_the_lists_and_with_its_merchants(stack: Stack) -> None:
    put_run(stack, "shop/a.csv")
    put_run(stack, "shop/b.csv", status="FAILED")
    assert TOLD.format("shop/b.csv", "shop/b.csv") in runner.invoke(main.app, ["top"]).stderr
    answer = runner.invoke(main.app, ["top", "--json"])
    found = {one["merchant_id"]: one["partly_counted"] for one in json.loads(answer.stdout)["USD"]}
    assert found == {"ann": [], "bob": ["shop/b.csv"]}
    assert TOLD.format("shop/b.csv", "shop/b.csv") in answer.stderr


def test_a_key_whose_merchants_are_not_stored_yet_is_named_too(stack: Stack) -> None:
    put_run(stack, "shop/new.csv", status="FAILED")
    assert (
        TOLD.format("shop/new.csv", "shop/new.csv")
        in runner.invoke(main.app, ["top", "--currency", "USD"]).stderr
    )


def test_so_many_files_of_a_merchant_are_looked_at(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.top.RUNS_LOOKED_AT", 1)
    keys = [f"shop/{number}.csv" for number in range(3)]
    for key in keys:
        put_run(stack, key, status="FAILED", started_at="2025-01-02T03:04:05.000Z")
        put_contribution(stack, "bob", key, {"2026-01": "1"})
    put_run(stack, "shop/a.csv")
    told = runner.invoke(main.app, ["top"]).stderr
    assert all(key in told for key in keys)
    monkeypatch.setattr("cli.partly_counted.FILES_LOOKED_AT", 2)
    told = runner.invoke(main.app, ["top"]).stderr
    assert 0 < sum(key in told for key in keys) < 3


def test_a_key_that_failed_long_ago_is_found_by_the_merchants_shown(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.top.RUNS_LOOKED_AT", 1)
    put_run(stack, "shop/a.csv")
    put_run(stack, "shop/b.csv", status="FAILED", started_at="2025-01-02T03:04:05.000Z")
    assert TOLD.format("shop/b.csv", "shop/b.csv") in runner.invoke(main.app, ["top"]).stderr


def test_of_many_keys_some_are_named(stack: Stack) -> None:
    for n in range(7):
        put_run(stack, f"shop/{n}.csv", status="FAILED")
    names = ", ".join(f"shop/{n}.csv" for n in range(5))
    assert TOLD.format(f"{names} and 2 more", "KEY") in runner.invoke(main.app, ["top"]).stderr
