"""The Batch lane, deployed: the same shards and sales as the functions', and jobs that fail or are killed."""

import gzip
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from random import Random
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lambdas.adapters.dynamodb import Item
from local import processes
from local.install import ROOT
from tests.local.conftest import deployed_stack
from tests.local.engine_jobs import SHOW_CREDENTIALS, EngineJobs, Job
from tests.local.pipeline import Pipeline

HEADING = "merchant_id,amount,order_id,line_id,quantity,ordered_at"
LINES_OF_TWO_ROW_GROUPS = 150_000
CONTEXT = {
    "batchSpot": "true",
    "partitionBytes": "150000",
    "splitBytes": "1400000",
    "oneSplitBytes": "1500000",
    "oversizePartitionBytes": "1000000",
}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory, cdk_output: Path) -> Iterator[Pipeline]:
    """The stack with a format that asks for the Batch lane: keys under batch/, else as by default."""
    app = tmp_path_factory.mktemp("app")
    for name in ("app.py", "cdk.json", "package-lock.json"):
        shutil.copy(ROOT / name, app / name)
    for name in ("stacks", "lambdas", "formats"):
        shutil.copytree(ROOT / name, app / name, ignore=shutil.ignore_patterns("__pycache__"))
    default = (ROOT / "formats" / "default.yaml").read_text()
    (app / "formats" / "batch.yaml").write_text(default.replace('prefix: ""', "prefix: batch/\nlane: batch"))
    with deployed_stack(tmp_path_factory, cdk_output, CONTEXT, app) as stack:
        yield Pipeline(stack)


def orders(merchant: str, lines: int = 5) -> bytes:
    """Lines of 40 merchants, one of which is rejected."""
    good = [f"~{merchant}{n % 40},{n % 900}.5,o{n // 3},{n},1,2024-0{1 + n % 9}-11" for n in range(lines)]
    text = "\n".join([HEADING, *good, f"~{merchant}0,x,o,1,1,2024-01-01", ""])
    return gzip.compress(text.encode(), mtime=0)


def objects_of(pipeline: Pipeline, run: Item, prefix: str, kind: str) -> dict[str, bytes]:
    """The objects that a run has written below a prefix, by what follows its id in their names."""
    bucket, folder = pipeline.deployed.outputs["WorkBucketName"], f"{prefix}/{run['run_id']}/"
    keys = [item["Key"] for item in pipeline.s3.list_objects_v2(Bucket=bucket, Prefix=folder)["Contents"]]
    return {
        key.removeprefix(folder): pipeline.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        for key in keys
        if key.endswith(kind)
    }


def job_of(pipeline: Pipeline, run: Item, status: str, state: str = "ShardOversizeOrders") -> Job:
    """The job of a run and a state."""
    batch = pipeline.deployed.session.client("batch")
    [queue] = batch.describe_job_queues()["jobQueues"]
    jobs = batch.list_jobs(jobQueue=queue["jobQueueName"], jobStatus=status)["jobSummaryList"]
    [job_id] = [job["jobId"] for job in jobs if job["jobName"] == f"{state}-{run['run_id']}"]
    return EngineJobs(pipeline.deployed.session, queue["jobQueueName"]).job(job_id)


@pytest.mark.parametrize("lines", [30, LINES_OF_TWO_ROW_GROUPS])
def test_both_lanes_write_the_same_shards_and_rejects(pipeline: Pipeline, lines: int) -> None:
    content = orders("same", lines)
    by_function = pipeline.run(f"functions/{lines}.csv.gz", content)
    by_job = pipeline.run(f"batch/{lines}.csv.gz", content)
    assert by_job["status"] == by_function["status"] == "SUCCEEDED", (by_job, by_function)
    assert job_of(pipeline, by_job, "SUCCEEDED")["container"]["exitCode"] == 0
    for name in ("counts", "money", "reject_reasons", "content_sha256", "partitions"):
        assert by_job[name] == by_function[name]
    for prefix, kind in (("runs", ".frames"), ("rejects", ".jsonl")):
        ours, theirs = (objects_of(pipeline, run, prefix, kind) for run in (by_job, by_function))
        assert len(ours) == 1
        assert ours == theirs


def test_the_splits_of_a_file_are_the_children_of_an_array_job(pipeline: Pipeline) -> None:
    content = gzip.decompress(orders("cut", LINES_OF_TWO_ROW_GROUPS))
    by_function = pipeline.run("functions/cut.csv", content)
    by_job = pipeline.run("batch/cut.csv", content)
    assert by_job["status"] == by_function["status"] == "SUCCEEDED", (by_job, by_function)
    for name in ("counts", "money", "splits"):
        assert by_job[name] == by_function[name]
    job = job_of(pipeline, by_job, "SUCCEEDED", "ShardOversizeSplits")
    assert job["arrayProperties"]["statusSummary"]["SUCCEEDED"] == by_job["splits"] > 1
    ours, theirs = (objects_of(pipeline, run, "runs", ".frames") for run in (by_job, by_function))
    assert len(ours) >= by_job["splits"]
    assert ours == theirs


def test_a_split_that_fails_for_good_is_named(pipeline: Pipeline) -> None:
    content = gzip.decompress(orders("wrong", LINES_OF_TWO_ROW_GROUPS))
    run = pipeline.run("batch/wrong.csv", content.replace(b"merchant_id", b"merchant", 1))
    assert run["status"] == "FAILED"
    assert "merchant_id" in run["reason"]
    assert run["reason"].startswith("Split ")


def test_what_is_too_large_for_a_function_is_sharded_and_computed_by_jobs(pipeline: Pipeline) -> None:
    random = Random(1)
    lines = [f"~large,1,{random.randbytes(16).hex()},1,1,2024-01-01" for _ in range(80_000)]
    lines += [f"~small{n},2,o,1,1,2024-01-01" for n in range(300)]
    content = gzip.compress("\n".join([HEADING, *lines]).encode())
    assert len(content) > int(CONTEXT["oneSplitBytes"])
    run = pipeline.run("large.csv.gz", content)
    assert (run["status"], run["counts"]["counted"]) == ("SUCCEEDED", 80_300), run
    for state in ("ShardOversizeOrders", "OversizeMerchantSales"):
        assert job_of(pipeline, run, "SUCCEEDED", state)["container"]["exitCode"] == 0
    totals = [pipeline.totals(merchant)["USD"] for merchant in ("~large", "~small0", "~small299")]
    assert [(total["net_sales"], total["lines"]) for total in totals] == [(80_000, 80_000), (2, 1), (2, 1)]


def test_a_job_that_fails_for_good_fails_the_run_with_its_sentence(pipeline: Pipeline) -> None:
    damaged = orders("damaged")[:-20]
    by_function = pipeline.run("functions/damaged.csv.gz", damaged)
    by_job = pipeline.run("batch/damaged.csv.gz", damaged)
    assert by_job["status"] == by_function["status"] == "FAILED"
    assert "ends before its gzip data does" in by_job["reason"]
    assert by_job["reason"] == by_function["reason"].replace("functions/", "batch/")
    assert len(job_of(pipeline, by_job, "FAILED")["attempts"]) == 1
    assert pipeline.totals("~damaged0") == {}


def test_a_job_that_is_killed_as_by_spot_is_tried_again(pipeline: Pipeline) -> None:
    key = "batch/killed.csv.gz"
    version = pipeline.s3.put_object(
        Bucket=pipeline.orders_bucket, Key=key, Body=orders("killed", LINES_OF_TWO_ROW_GROUPS)
    )["VersionId"]
    folder = pipeline.deployed.engine.folder.scratch
    deadline = time.monotonic() + 60
    while not (found := processes.naming(folder, "lambdas.oversize_orders.job")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(found[0], signal.SIGKILL)
    run = pipeline.settled(key, version)
    assert run["status"] == "SUCCEEDED", run
    job = job_of(pipeline, run, "SUCCEEDED")
    assert [attempt["container"]["exitCode"] for attempt in job["attempts"]] == [137, 0]
    assert job["attempts"][0]["statusReason"] == "Your Spot Task was interrupted."


def test_what_a_job_writes_is_in_its_log_group(pipeline: Pipeline) -> None:
    run = pipeline.run("batch/log.csv.gz", orders("log", 30))
    job = job_of(pipeline, run, "SUCCEEDED")
    group = job["container"]["logConfiguration"]["options"]["awslogs-group"]
    lines = EngineJobs(pipeline.deployed.session, job["jobQueue"]).log(job, group)
    assert any('"message":"sharded"' in line and run["run_id"] in line for line in lines), lines


@pytest.mark.parametrize(
    ("kind", "may_write_sales"), [("ShardOversizeOrders", False), ("OversizeMerchantSales", True)]
)
def test_only_the_job_that_computes_sales_may_write_them(
    pipeline: Pipeline, kind: str, may_write_sales: bool, tmp_path: Path
) -> None:
    end = tmp_path / "end"
    session = pipeline.deployed.session
    batch = session.client("batch")
    [queue] = batch.describe_job_queues()["jobQueues"]
    definitions = batch.describe_job_definitions()["jobDefinitions"]
    [definition] = [found["jobDefinitionArn"] for found in definitions if kind in found["jobDefinitionName"]]
    jobs = EngineJobs(session, queue["jobQueueName"])
    command = ["python", "-c", SHOW_CREDENTIALS, str(end)]
    job_id = jobs.submit(definition, containerOverrides={"command": command})
    group = jobs.job(job_id)["container"]["logConfiguration"]["options"]["awslogs-group"]
    role = json.loads(jobs.first_line(job_id, group))
    client = boto3.client(
        "dynamodb",
        endpoint_url=session.endpoint,
        region_name=session.region_name,
        aws_access_key_id=role["AccessKeyId"],
        aws_secret_access_key=role["SecretAccessKey"],
        aws_session_token=role["Token"],
    )
    refused = pytest.raises(ClientError, match="AccessDenied")
    expected: AbstractContextManager[Any] = nullcontext() if may_write_sales else refused
    with expected:
        client.put_item(
            TableName=pipeline.deployed.outputs["SalesTableName"],
            Item={"pk": {"S": "test"}, "sk": {"S": "test"}},
        )
    end.touch()
    assert jobs.ended(job_id)["status"] == "SUCCEEDED"
