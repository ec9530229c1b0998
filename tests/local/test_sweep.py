"""What no event told of is found by a sweep, by the command and by the scheduled function."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.adapters.dynamodb import to_item
from lambdas.domain.order_file import DELETED, RunId, key_hash
from lambdas.domain.stored_names import run_item, sweep_item
from tests.local.command import Command
from tests.local.conftest import Deployed
from tests.local.pipeline import Pipeline

HEADING = "merchant_id,amount,order_id,line_id,quantity,ordered_at\n"
FINISHED = "2026-01-01T00:00:00.000Z"


@pytest.fixture(scope="module")
def pipeline(deployed: Deployed) -> Pipeline:
    return Pipeline(deployed)


@pytest.fixture(scope="module")
def lost_events(pipeline: Pipeline) -> Any:
    """Rules of the orders bucket are switched off while a test changes files."""
    events = pipeline.deployed.session.client("events")
    [rule] = [rule["Name"] for rule in events.list_rules()["Rules"] if "OrderChanged" in rule["Name"]]

    class Lost:
        def __enter__(self) -> None:
            events.disable_rule(Name=rule)

        def __exit__(self, *_: object) -> None:
            time.sleep(1)  # the engine tells of changes a moment later
            events.enable_rule(Name=rule)

    return Lost()


def line(merchant: str, amount: str) -> bytes:
    return f"{HEADING}~{merchant},{amount},o,1,1,2024-06-01\n".encode()


def net_sales(pipeline: Pipeline, merchant: str) -> int:
    return int(pipeline.totals(f"~{merchant}")["USD"]["net_sales"])


def about(found: dict[str, Any], prefix: str) -> dict[str, str]:
    """The findings about keys of one test: others may have left theirs."""
    return {one["key"]: one["why"] for one in found["findings"] if one["key"].startswith(prefix)}


def test_lost_changes_are_told_by_a_dry_run_and_looked_at_by_a_sweep(
    pipeline: Pipeline, deployed: Deployed, lost_events: Any
) -> None:
    command, s3, bucket = Command(deployed), pipeline.s3, pipeline.orders_bucket
    for name in ("same", "changed", "deleted", "purged"):
        pipeline.run(f"sweep/{name}.csv", line(f"sweep {name}", "1.00"))
    with lost_events:
        version = s3.put_object(Bucket=bucket, Key="sweep/new.csv", Body=line("sweep new", "2"))["VersionId"]
        changed = s3.put_object(Bucket=bucket, Key="sweep/changed.csv", Body=line("sweep changed", "3"))
        s3.put_object(Bucket=bucket, Key="sweep/folder/", Body=b"")
        s3.delete_object(Bucket=bucket, Key="sweep/deleted.csv")
        held = s3.head_object(Bucket=bucket, Key="sweep/purged.csv")["VersionId"]
        s3.delete_object(Bucket=bucket, Key="sweep/purged.csv", VersionId=held)
    expected = {
        "sweep/new.csv": "it never had a run",
        "sweep/changed.csv": "it changed after its newest run",
        "sweep/deleted.csv": "it holds nothing any more, and its newest run is of a version",
        "sweep/purged.csv": "it holds nothing any more, and its newest run is of a version",
    }
    assert about(command.json("sweep", "--dry-run"), "sweep/") == expected
    assert pipeline.key("sweep/new.csv") is None
    assert about(command.json("sweep"), "sweep/") == expected
    assert pipeline.settled("sweep/new.csv", version)["status"] == "SUCCEEDED"
    assert pipeline.settled("sweep/changed.csv", changed["VersionId"])["status"] == "SUCCEEDED"
    for name in ("deleted", "purged"):
        assert pipeline.settled(f"sweep/{name}.csv", DELETED)["status"] == "SUCCEEDED"
    found = {name: net_sales(pipeline, f"sweep {name}") for name in ("same", "new", "changed", "deleted")}
    assert found == {"same": 1, "new": 2, "changed": 3, "deleted": 0}
    assert about(command.json("sweep"), "sweep/") == {}


def test_the_scheduled_function_settles_abandoned_runs_and_starts_no_failed_one_again(
    pipeline: Pipeline, deployed: Deployed, lost_events: Any
) -> None:
    key = "sweeper/abandoned.csv"
    pipeline.run(key, line("sweeper", "1"))
    pipeline.run(key, line("sweeper", "2"))
    keyhash = key_hash(pipeline.orders_bucket, key)
    for revision in (1, 2):  # the newest of its key, and one that isn't
        pipeline.dynamodb.update_item(
            TableName=deployed.outputs["RunsTableName"],
            Key=to_item(run_item(RunId(keyhash, revision))),
            UpdateExpression="SET #status = :running, started_at = :long_ago, execution = :gone",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues=to_item(
                {
                    ":running": "RUNNING",
                    ":long_ago": FINISHED,
                    ":gone": deployed.outputs["StateMachineArn"].replace("stateMachine", "execution") + ":x",
                }
            ),
        )
    with lost_events:
        pipeline.s3.put_object(Bucket=pipeline.orders_bucket, Key="sweeper/fresh.csv", Body=line("f", "1"))
    answer = call_sweep(deployed)
    assert answer["done"], answer
    assert answer["abandoned"] >= 2
    for revision in (1, 2):
        run = pipeline.run_item(RunId(keyhash, revision))
        assert (run["status"], "gone" in run["reason"]) == ("FAILED", True)
    known = pipeline.key(key)
    assert known is not None
    assert (known["status"], known["revision"]) == ("FAILED", 2)
    assert call_sweep(deployed)["abandoned"] == 0
    assert pipeline.key("sweeper/fresh.csv") is None  # left to its event, which may still come


def test_the_scheduled_function_goes_on_from_the_place_that_was_kept(
    pipeline: Pipeline, deployed: Deployed
) -> None:
    pipeline.run("sweeper/kept.csv", line("kept", "1"))
    table, last = deployed.outputs["RunsTableName"], {"KeyMarker": "~", "VersionIdMarker": "x"}
    kept = {"side": "bucket", "place": last, "kept_at": datetime.now(UTC).isoformat(), "sweeps": 1}
    pipeline.dynamodb.put_item(TableName=table, Item=to_item(sweep_item() | kept))
    answer = call_sweep(deployed)
    assert (answer["done"], answer["held"]) == (True, 0)
    assert answer["known"] > 0
    item = pipeline.dynamodb.get_item(TableName=table, Key=to_item(sweep_item()))["Item"]
    assert item.keys() == {"pk", "sk", "finished_at"}
    assert call_sweep(deployed)["held"] > 0


def call_sweep(deployed: Deployed) -> dict[str, Any]:
    """Call the function as its schedule does."""
    functions = deployed.session.client("lambda")
    [name] = [
        one["FunctionName"]
        for one in functions.list_functions()["Functions"]
        if one["Handler"] == "lambdas.sweep.handler.handler"
    ]
    answer = functions.invoke(FunctionName=name, Payload=json.dumps({"cursor": None}).encode())
    values: dict[str, Any] = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, values
    return values
