"""A deployment over a running stack: the run in flight ends as it began, the next one goes the new way."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lambdas.adapters.dynamodb import Item
from lambdas.adapters.work_files import WorkFiles
from local import processes
from local.deployment import Deployment
from tests.local.command import Command
from tests.local.conftest import Deployed, ended_engines
from tests.local.pipeline import LIMIT_SECONDS, Pipeline

HEADING = "merchant_id,amount,order_id,line_id,quantity,ordered_at\n"
IN_FLIGHT, MERCHANTS, FEWER = "in/flight.csv", 3000, 12
BY_PARTITION, BY_MERCHANT = ({"partitionBytes": "50000", "fanOut": way} for way in ("partition", "merchant"))
WORKER = "lambdas.merchant_sales.handler.handler"


def order_file(amount: str, merchants: int) -> bytes:
    """Two lines of each merchant."""
    lines = [f"~{i % merchants},{amount},o{i},1,1,2024-05-06\n" for i in range(2 * merchants)]
    return (HEADING + "".join(lines)).encode()


@dataclass(frozen=True)
class Upgraded:
    """The stack after the upgrade, and the run that was in flight."""

    deployed: Deployed
    run: Item
    before: list[str]

    def plan(self, run: Item) -> Any:
        """The plan of a run."""
        s3, bucket = self.deployed.session.client("s3"), self.deployed.outputs["WorkBucketName"]
        return WorkFiles(client=s3, bucket=bucket).plan(run["run_id"])


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory, cdk_output: Path) -> Iterator[Upgraded]:
    """Deployed by partition, and by merchant while a sales worker stands still in the middle of its work."""
    with ended_engines(tmp_path_factory) as make:
        engine = make()
        engine.start()
        old = Deployment(engine, context=BY_PARTITION, output=cdk_output)
        old.deploy()
        pipeline = Pipeline(Deployed(engine, engine.session(), old.outputs()))
        before = versions(pipeline)
        put = pipeline.s3.put_object(
            Bucket=pipeline.orders_bucket, Key=IN_FLIGHT, Body=order_file("1.25", MERCHANTS)
        )
        stopped = stop_workers(pipeline)
        new = Deployment(engine, context=BY_MERCHANT, output=cdk_output)
        assert new.deploy()
        known = pipeline.key(IN_FLIGHT)
        assert known is not None
        assert known["status"] == "RUNNING"
        for process in stopped:
            os.kill(process, signal.SIGCONT)
        run = pipeline.settled(IN_FLIGHT, put["VersionId"])
        yield Upgraded(Deployed(engine, engine.session(), new.outputs()), run, before)


def versions(pipeline: Pipeline) -> list[str]:
    """The published versions of the sales workers."""
    published = pipeline.deployed.session.client("lambda").list_versions_by_function(
        FunctionName=worker(pipeline)
    )
    return [one["Version"] for one in published["Versions"] if one["Version"] != "$LATEST"]


def worker(pipeline: Pipeline) -> str:
    """The name of the sales workers' function."""
    functions = pipeline.deployed.session.client("lambda").list_functions()["Functions"]
    [name] = [one["FunctionName"] for one in functions if one["Handler"] == WORKER]
    return str(name)


def stop_workers(pipeline: Pipeline) -> list[int]:
    """Stop the sales workers as soon as one of them has committed something."""
    name = worker(pipeline)
    give_up = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < give_up:
        found = processes.naming(pipeline.deployed.engine.folder.scratch, f"-{name}-")
        if found and any(pipeline.totals(f"~{number}") for number in range(0, MERCHANTS, 100)):
            for process in found:
                os.kill(process, signal.SIGSTOP)
            return list(found)
        time.sleep(0.05)
    raise AssertionError("no sales worker has committed anything")


def test_the_run_in_flight_ends_by_its_old_plan_and_loses_nothing(upgraded: Upgraded) -> None:
    run = upgraded.run
    assert (run["status"], run["counts"]["counted"]) == ("SUCCEEDED", 2 * MERCHANTS)
    assert upgraded.plan(run).fan_out == "partition"
    after = versions(Pipeline(upgraded.deployed))
    assert set(upgraded.before) < set(after)  # the run's own versions are still there


def test_the_next_run_takes_the_new_versions_and_a_call_for_each_merchant(upgraded: Upgraded) -> None:
    pipeline = Pipeline(upgraded.deployed)
    run = pipeline.run("in/next.csv", order_file("0.05", FEWER))
    assert (run["status"], run["partitions"]) == ("SUCCEEDED", FEWER)
    assert upgraded.plan(run).fan_out == "merchant"
    assert pipeline.totals("~7")["USD"]["net_sales"] == Decimal("2.60")
    assert pipeline.totals("~2999")["USD"]["net_sales"] == Decimal("2.50")


def test_a_correction_by_merchant_takes_back_what_was_counted_by_partition(upgraded: Upgraded) -> None:
    pipeline = Pipeline(upgraded.deployed)
    run = pipeline.run(IN_FLIGHT, order_file("9.99", FEWER))
    assert run["status"] == "SUCCEEDED"
    assert pipeline.totals("~7")["USD"]["net_sales"] == Decimal("19.98") + Decimal("0.10")
    assert pipeline.totals("~2999")["USD"]["files"] == 0
    assert Command(upgraded.deployed)("reconcile").returncode == 0
