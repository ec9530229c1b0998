"""Reconcile on the deployed stack: no difference after real work, and every change by hand is found."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from lambdas.adapters.dynamodb import Item, from_item, to_item
from lambdas.domain.ledger import MerchantCurrency
from lambdas.domain.order_file import key_hash
from lambdas.domain.stored_names import contribution_item, total_item
from tests.local.command import Command
from tests.local.conftest import Deployed
from tests.local.pipeline import Pipeline

HEADING = "merchant_id,amount,order_id,line_id,quantity,ordered_at\n"
FIRST = (
    HEADING + "~rec1,10,o1,1,2,2024-01-31\n~rec1,-2.5,o2,1,1,2024-02-01\n~rec2,3,o3,1,1,2024-02-02\n"
    "~rec2,4,o3,1,1,2024-02-03\n"
)
SECOND = HEADING + "~rec1,11,o1,1,2,2024-01-31\n~rec3,0.0001,o1,1,1,2024-02-01\n"
KEY, GONE = "reconcile/stays.csv", "reconcile/goes.csv"


@pytest.fixture(scope="module")
def pipeline(deployed: Deployed) -> Pipeline:
    """A key that was corrected, and one that was deleted."""
    pipeline = Pipeline(deployed)
    for key, content in ((KEY, FIRST), (GONE, FIRST), (KEY, SECOND), (GONE, None)):
        assert pipeline.run(key, content.encode() if content else None)["status"] == "SUCCEEDED"
    return pipeline


@pytest.fixture
def command(deployed: Deployed) -> Command:
    return Command(deployed)


@contextmanager
def changed_by_hand(pipeline: Pipeline, key: Item, **changes: object) -> Iterator[None]:
    """An item of the sales table with other values, until the block ends."""
    table = pipeline.deployed.outputs["SalesTableName"]
    before = pipeline.dynamodb.get_item(TableName=table, Key=to_item(key), ConsistentRead=True)["Item"]
    pipeline.dynamodb.put_item(TableName=table, Item=to_item(from_item(before) | changes))
    try:
        yield
    finally:
        pipeline.dynamodb.put_item(TableName=table, Item=before)


def differences(command: Command, *keys: str) -> list[dict[str, Any]]:
    """What `reconcile` prints, which ends with exit code 1 where there is anything."""
    answer = command("reconcile", *keys, "--json")
    assert answer.returncode in (0, 1), answer.stderr
    found: list[dict[str, Any]] = json.loads(answer.stdout)["differences"]
    assert answer.returncode == (1 if found else 0)
    return found


@pytest.mark.usefixtures("pipeline")
def test_there_is_no_difference_after_uploads_a_correction_and_a_deletion(command: Command) -> None:
    answer = command("reconcile")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.startswith("No difference")
    assert answer.stdout.count("\n") == 1
    answer = command("reconcile", KEY, GONE)
    assert answer.stdout == "No difference: 2 keys and 5 contributions compared.\n"


def test_a_changed_total_and_a_changed_contribution_are_found(pipeline: Pipeline, command: Command) -> None:
    total = total_item(MerchantCurrency("~rec1", "USD"))
    item = contribution_item(MerchantCurrency("~rec3", "USD"), key_hash(pipeline.orders_bucket, KEY))
    with (
        changed_by_hand(pipeline, total, net_sales=12, leaderboard="TOP#USD#99"),
        changed_by_hand(pipeline, item, units=2, revision=1),
    ):
        found = differences(command)
    named = ("key", "merchant_id", "attribute", "expected", "found")
    assert [tuple(one[name] for name in named) for one in found] == [
        (KEY, "~rec3", "units", "1", "2"),
        (KEY, "~rec3", "revision", "2", "1"),
        (None, "~rec1", "net_sales", "11.0000", "12.0000"),
        (None, "~rec1", "leaderboard", found[3]["expected"], "TOP#USD#99"),
        (None, "~rec3", "units", "2", "1"),
    ]


def test_a_changed_month_is_found(pipeline: Pipeline, command: Command) -> None:
    key = contribution_item(MerchantCurrency("~rec3", "USD"), key_hash(pipeline.orders_bucket, KEY))
    month = {"orders": 1, "lines": 1, "units": 1, "gross_sales": 1, "refunds": 0, "net_sales": 1}
    with changed_by_hand(pipeline, key, months={"2024-03": month}):
        found = differences(command, KEY)
    assert {(one["attribute"], one["expected"], one["found"]) for one in found} >= {
        ("months.2024-02.lines", "1", "nothing"),
        ("months.2024-03.net_sales", "nothing", "1.0000"),
    }


def test_a_contribution_that_a_deleted_key_left_is_found(pipeline: Pipeline, command: Command) -> None:
    key = contribution_item(MerchantCurrency("~rec2", "USD"), key_hash(pipeline.orders_bucket, GONE))
    with changed_by_hand(pipeline, key, lines=1, net_sales=4):
        [found] = differences(command, GONE)
    assert (found["attribute"], found["expected"]) == ("contribution", "nothing")
    assert found["found"] == "1 lines, net sales 4.0000"


def test_a_key_whose_newest_run_failed_is_left_out_by_name(pipeline: Pipeline, command: Command) -> None:
    pipeline.run("reconcile/fails.csv", b"no,such,columns\n")
    answer = command("reconcile", "reconcile/fails.csv")
    assert answer.returncode == 0
    assert "left out: reconcile/fails.csv: its newest run" in answer.stderr
    assert "FAILED" in answer.stderr
    assert answer.stdout.startswith("No difference in what was compared: ")
    assert "1 left out, so not compared: 1 FAILED or partly counted" in answer.stdout


def test_a_key_without_its_plan_is_read_by_the_format_of_this_folder(
    pipeline: Pipeline, command: Command
) -> None:
    run = pipeline.run("reconcile/expired.csv", FIRST.encode())
    work = pipeline.deployed.outputs["WorkBucketName"]
    pipeline.s3.delete_object(Bucket=work, Key=f"runs/{run['run_id']}/plan.json")
    answer = command("reconcile", "reconcile/expired.csv")
    assert answer.returncode == 0, answer.stdout
    assert "its plan has expired; read by the format default as it is here" in answer.stderr


@pytest.mark.parametrize(
    ("key", "told"), [("never/there.csv", "never was one"), ("folder/", "keys that end in /")]
)
def test_a_key_that_never_was_is_bad_input(command: Command, key: str, told: str) -> None:
    answer = command("reconcile", key)
    assert answer.returncode == 2
    assert told in answer.stderr
