"""Runs the real functions and jobs, and writes down what IAM would be asked about each of their calls.

    python -m tests.infrastructure.permissions.recording

They run in the worlds of the fault harness, where everything happens that can happen: files come, change and
go, workers crash, executions fail, are redriven and given up, the sweep finds what was lost. Besides, a Map's
child fails by a Batch job that says why, jobs fail, and people get messages. Buckets, tables and so on bear
the harness's names; the variables of a template's functions say which real ones they stand for.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

from lambdas.domain.errors import OrderFileError, RunError
from lambdas.domain.run_event import LOOK_FAILED
from lambdas.notify import handler as notify
from lambdas.oversize_orders import job
from lambdas.plan_run import handler as plan_run
from tests.fault.functions import HANDLERS, ORDERS, FaultAws
from tests.fault.order_tables import order_table
from tests.fault.seeds import Runner, runner
from tests.fault.world import World
from tests.infrastructure.permissions.recorded_clients import (
    ARN,
    JOB,
    JOB_RUN,
    Asked,
    BeforeVersions,
    RecordedClient,
    RecordedRunner,
    Recorder,
)
from tests.infrastructure.permissions.requests import Request

SEEDS = range(12)
TOPIC = "Topic"
JOBS = {"shard": ["shard", JOB_RUN, "0"], "sales": ["sales", JOB_RUN, "00000000", "ffffffff"]}


def recorded() -> Asked:
    """What IAM is asked about whom: by folder of lambdas/, and by job."""
    recorder = Recorder()
    with runner() as plain:
        for seed in SEEDS:
            report = RecordedRunner(plain.connection, plain.scratch, recorder).run(seed)
            if report.violation:
                raise RuntimeError(f"seed {seed}: {report.violation}")
        _what_seldom_happens(plain, recorder)
    for name, arguments in JOBS.items():  # a job does what the function does whose work it takes
        work, _ = job.task_of(arguments, {})
        recorder.asked[name] |= recorder.asked[work.__module__.split(".")[1]]
    return recorder.asked


def _what_seldom_happens(plain: Runner, recorder: Recorder) -> None:
    """Runs whose files have expired, versions that were removed for good, a bucket of before its versions."""
    world, aws = _calm_world(plain, recorder)
    request = {"run_id": JOB_RUN, "split": 0, "begins_inside": False}
    part = {"run_id": JOB_RUN, "lo": "00000000", "hi": "ffffffff"}
    for module in (job, notify):
        vars(module)["aws"] = lambda: aws
    event = {"id": "1", "key": "a.csv", "execution": "e", "reason": "r", "ended_at": "2024-01-01T00:00:00Z"}
    _call(world, "notify", lambda: notify.handler({"detail-type": LOOK_FAILED, "detail": event}, None))
    for name, arguments in JOBS.items():
        _call(world, name, lambda: job.main(arguments, {"AWS_BATCH_JOB_ID": JOB}))  # noqa: B023
    for state, asked in (("ShardOrders", request), ("IndexShards", request), ("ComputeSales", part)):
        _call(world, state, lambda: HANDLERS[state](asked, None), refuses=RunError)  # noqa: B023

    _call(world, "PlanRun", lambda: HANDLERS["PlanRun"](_look("a.csv"), None))  # nothing is there
    world.s3.put_object(Bucket=ORDERS, Key="a.csv", Body=order_table(0).text)
    planned = _call(world, "PlanRun", lambda: HANDLERS["PlanRun"](_look("a.csv", "2"), None))
    settled = {"run_id": planned["run_id"]}  # before anything of it is done
    _call(world, "SettleRun", lambda: HANDLERS["SettleRun"](settled, None), refuses=RunError)
    [version] = world.s3.buckets[ORDERS]["a.csv"]
    world.s3.delete_object(bucket=ORDERS, key="a.csv", version_id=version.version_id)
    gone = request | {"run_id": planned["run_id"]}
    _call(world, "ShardOrders", lambda: HANDLERS["ShardOrders"](gone, None), refuses=OrderFileError)
    world.sweep()
    world.run()

    world.clients["s3"] = RecordedClient(world, recorder, "s3", BeforeVersions(world.clients["s3"].client))
    aws.__dict__.pop("order_files")
    _call(world, "PlanRun", lambda: HANDLERS["PlanRun"](_look("b.csv", "3"), None))


def _calm_world(plain: Runner, recorder: Recorder) -> tuple[World, FaultAws]:
    world = World(0)
    world.faults.calm()
    world.variables |= {"NOTICES_TOPIC": TOPIC, "FAN_OUT": "partition"}
    RecordedRunner(plain.connection, plain.scratch, recorder)._install(world, remember=False)
    aws: FaultAws = vars(plan_run)["aws"]()
    return world, aws


def _call(world: World, name: str, task: Callable[[], Any], *, refuses: type[Exception] | None = None) -> Any:
    """Let a function or job run to its end in a world where nothing else happens."""
    worker = world.scheduler.spawn(f"somebody {name}", task)
    while not worker.ended:
        world.scheduler.go(worker)
    if worker.error and not (refuses and isinstance(worker.error, refuses)):
        raise worker.error
    return worker.answer


def _look(key: str, number: str = "1") -> dict[str, Any]:
    return {"key": key, "replay": False, "execution": f"{ARN}:execution:SalesRun:{number}"}


def one_of_each_shape(asked: Iterable[Request]) -> list[Request]:
    """Of requests that differ only by numbers, such as ids of runs, ranges and executions, one."""
    shapes = {
        (one.action, re.sub(r"[0-9a-f]*[0-9][0-9a-f]*", "0", one.resource)): one for one in sorted(asked)
    }
    return list(shapes.values())


def main() -> None:
    """Write it down as JSON."""
    told = {
        name: [[one.action, one.resource] for one in one_of_each_shape(asked)]
        for name, asked in recorded().items()
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
