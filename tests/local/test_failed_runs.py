"""Failed and doubtful runs are visible, say why in words, and can be put right."""

import time
from decimal import Decimal

import pytest

from lambdas.adapters.dynamodb import Item, to_item
from lambdas.domain.order_file import RunId, key_hash
from lambdas.domain.partitions import HashRange, hash_ranges
from lambdas.domain.stored_names import key_item, results_object, run_item
from tests.local.command import Command
from tests.local.conftest import Deployed
from tests.local.pipeline import Pipeline

HEADING = "merchant_id,amount,order_id,line_id,quantity,ordered_at\n"


@pytest.fixture(scope="module")
def pipeline(deployed: Deployed) -> Pipeline:
    return Pipeline(deployed)


def orders(merchant: str, amount: str, *, padding_bytes: int = 0) -> bytes:
    """One line; or many of other merchants beside it, to make the file large enough for many partitions."""
    others = "".join(f"~f{n % 50},1,{n},{'x' * 180},1,2024-07-01\n" for n in range(padding_bytes // 200))
    return f"{HEADING}~{merchant},{amount},o,1,1,2024-07-01\n{others}".encode()


def put_results(pipeline: Pipeline, key: str, revision: int, part: HashRange, content: bytes) -> str:
    """Put something where a run will look for its results; the name of the object."""
    run_id = RunId(key_hash(pipeline.orders_bucket, key), revision)
    name = results_object(str(run_id), part)
    pipeline.s3.put_object(Bucket=pipeline.deployed.outputs["WorkBucketName"], Key=name, Body=content)
    return name


def newest(pipeline: Pipeline, key: str, revision: int) -> Item:
    """The item of a key, once this revision has ended."""
    for _ in range(200):
        item = pipeline.key(key)
        if item and item["revision"] == revision and item["status"] != "RUNNING":
            return item
        time.sleep(0.3)
    raise AssertionError(f"revision {revision} of {key} has not ended: {item}")


def test_the_same_bytes_under_another_key_count_and_carry_a_warning(
    pipeline: Pipeline, deployed: Deployed
) -> None:
    first = pipeline.run("failed/original.csv", orders("same", "3.00"))
    twin = pipeline.run("failed/twin.csv", orders("same", "3.00"))
    assert "warnings" not in first
    assert "'failed/original.csv'" in twin["warnings"][0]
    assert pipeline.totals("~same")["USD"]["net_sales"] == Decimal(6)
    assert "SUCCEEDED (warning)" in Command(deployed)("runs").stdout
    again = pipeline.run("failed/original.csv", orders("same", "4.00"))
    assert "warnings" not in again
    assert "warnings" not in pipeline.run("failed/third.csv", orders("same", "4.01"))


def test_a_run_that_is_running_without_its_execution_is_found_and_continued(pipeline: Pipeline) -> None:
    key = "failed/abandoned.csv"
    run = pipeline.run(key, orders("abandoned", "5.00"))
    keyhash = key_hash(pipeline.orders_bucket, key)
    gone = f"{run['execution'].rsplit(':', 1)[0]}:gone"
    for name in (run_item(RunId(keyhash, 1)), key_item(keyhash)):
        pipeline.dynamodb.update_item(
            TableName=pipeline.deployed.outputs["RunsTableName"],
            Key=to_item(name),
            UpdateExpression="SET #status = :running, execution = :gone, started_at = :long_ago",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues=to_item(
                {":running": "RUNNING", ":gone": gone, ":long_ago": "2026-01-01T00:00:00.000Z"}
            ),
        )
    pipeline.look(key)
    assert newest(pipeline, key, 2)["status"] == "SUCCEEDED"
    abandoned = pipeline.run_item(RunId(keyhash, 1))
    assert (abandoned["status"], "gone" in abandoned["reason"]) == ("FAILED", True)
    assert pipeline.totals("~abandoned")["USD"]["net_sales"] == Decimal(5)


@pytest.mark.parametrize(
    ("name", "padding_bytes", "partitions"), [("inline", 0, 1), ("at_scale", 3_500_000, 4)]
)
def test_damaged_results_fail_the_run_in_words_and_a_redrive_puts_it_right(
    pipeline: Pipeline, deployed: Deployed, name: str, padding_bytes: int, partitions: int
) -> None:
    key, merchant = f"failed/{name}.csv", f"damaged {name}"
    pipeline.run(key, orders(merchant, "1.00", padding_bytes=padding_bytes))
    damaged = put_results(pipeline, key, 2, hash_ranges(partitions)[0], b"no parquet")
    run = pipeline.run(key, orders(merchant, "2.00", padding_bytes=padding_bytes))
    assert (run["status"], int(run["partitions"])) == ("FAILED", partitions)
    assert "damaged" in run["reason"]
    shown = Command(deployed)("run", run["run_id"]).stdout
    assert "partly counted" in shown
    assert f"of {partitions} committed" in shown
    pipeline.s3.delete_object(Bucket=deployed.outputs["WorkBucketName"], Key=damaged)
    answer = Command(deployed)("redrive", run["run_id"])
    assert answer.returncode == 0, answer.stderr
    assert newest(pipeline, key, 3)["status"] == "SUCCEEDED"
    assert pipeline.totals(f"~{merchant}")["USD"]["net_sales"] == Decimal(2)
    assert "partly counted" not in Command(deployed)("run", key).stdout
    refused = Command(deployed)("redrive", run["run_id"])
    assert (refused.returncode, "A newer run of the key has taken over" in refused.stderr) == (2, True)


def test_results_that_are_gone_are_noticed_and_their_versions_bring_them_back(
    pipeline: Pipeline, deployed: Deployed
) -> None:
    key, bucket = "failed/gone.csv", deployed.outputs["WorkBucketName"]
    first = pipeline.run(key, orders("gone before", "3.00"))
    name = results_object(first["run_id"], hash_ranges(1)[0])
    marker = pipeline.s3.delete_object(Bucket=bucket, Key=name)["VersionId"]
    run = pipeline.run(key, orders("gone after", "4.00"))
    assert run["status"] == "FAILED"
    assert (
        f"The results of run {first['run_id']} for the partition 00000000-ffffffff are gone" in run["reason"]
    )
    assert pipeline.totals("~gone before")["USD"]["net_sales"] == Decimal(3)
    assert (
        pipeline.totals("~gone after") == {}
    )  # or the sales of a merchant that was renamed would count twice
    pipeline.s3.delete_object(Bucket=bucket, Key=name, VersionId=marker)
    answer = Command(deployed)("redrive", run["run_id"])
    assert answer.returncode == 0, answer.stderr
    assert newest(pipeline, key, 3)["status"] == "SUCCEEDED"
    assert pipeline.totals("~gone before")["USD"]["files"] == 0
    assert pipeline.totals("~gone after")["USD"]["net_sales"] == Decimal(4)
