"""What functions and jobs need: what their calls are, and what Lambda and Fargate do on their behalf."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from tests.infrastructure.permissions.needs import Need, role_of, trusted_by
from tests.infrastructure.permissions.requests import PARTITION, Request, arn, table_arn
from tests.infrastructure.permissions.resolving import Resources, machine_of, of_type
from tests.infrastructure.synthesis import ROOT

Recorded = Mapping[str, Sequence[Request]]
BUCKETS = {"orders": "ORDERS_BUCKET", "work": "WORK_BUCKET"}
TABLES = {"sales": "SALES_TABLE", "runs": "RUNS_TABLE"}
ARNS = {"SalesRun": "STATE_MACHINE", "Topic": "NOTICES_TOPIC"}
"""Names in the recording, and the variables that tell a function the real ones."""
S3 = f"arn:{PARTITION}:s3:::"


def recorded_calls() -> Recorded:
    """Run all functions and jobs, in a process of its own, because the harness changes their modules."""
    command = [sys.executable, "-m", "tests.infrastructure.permissions.recording"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the calls of the functions could not be recorded:\n{done.stderr}")
    return {name: [Request(*one) for one in asked] for name, asked in json.loads(done.stdout).items()}


def needs_of_functions(resources: Resources, recorded: Recorded) -> Iterator[Need]:
    """What each function of lambdas/ needs."""
    machine = machine_of(resources)["StateMachineName"]
    for name, function in of_type(resources, "AWS::Lambda::Function").items():
        own_arn, role = arn("lambda", f"function:{name}"), role_of(function["Role"])
        yield trusted_by(role, "lambda.amazonaws.com", f"Lambda runs {name}")
        if not function["Handler"].startswith("lambdas."):
            continue  # the CDK's own
        folder = function["Handler"].split(".")[1]
        variables = function["Environment"]["Variables"]
        for request in recorded[folder]:
            placed = _placed(request, variables, own_arn, machine)
            yield Need(f"lambdas/{folder} calls it", placed, role=role)
        yield from _logs(role, function["LoggingConfig"]["LogGroup"], f"the log of {folder}")
        if function["TracingConfig"]["Mode"] == "Active":
            for action in ("xray:PutTraceSegments", "xray:PutTelemetryRecords"):
                yield Need(f"{folder} is traced", Request(action, "*"), role=role)
        for config in of_type(resources, "AWS::Lambda::EventInvokeConfig").values():
            if config["FunctionName"] == name:
                queue = config["DestinationConfig"]["OnFailure"]["Destination"]
                request = Request("sqs:SendMessage", queue)
                yield Need(f"calls of {folder} that failed are kept", request, role=role)


def needs_of_jobs(resources: Resources, recorded: Recorded) -> Iterator[Need]:
    """What each Batch job needs, and Fargate for it."""
    machine = machine_of(resources)["StateMachineName"]
    for name, definition in of_type(resources, "AWS::Batch::JobDefinition").items():
        container = definition["ContainerProperties"]
        role, execution_role = role_of(container["JobRoleArn"]), role_of(container["ExecutionRoleArn"])
        for one in (role, execution_role):
            yield trusted_by(one, "ecs-tasks.amazonaws.com", f"Fargate runs {name}")
        group = container["LogConfiguration"]["Options"]["awslogs-group"]
        yield from _logs(execution_role, group, f"the log of {name}")
        variables = {pair["Name"]: pair["Value"] for pair in container["Environment"]}
        work = container["Command"][3]
        for request in recorded[work]:
            yield Need(f"the job {work} calls it", _placed(request, variables, "", machine), role=role)
        for url in variables["JOB_ARCHIVES"].split():
            archive = urlsplit(url).path.lstrip("/")
            yield Need(f"the job {work} fetches its code", Request("s3:GetObject", S3 + archive), role=role)
            earlier = re.sub("[0-9a-f]{64}", "0" * 64, archive)
            why = f"the job {work} of a run from before this deployment fetches its code"
            yield Need(why, Request("s3:GetObject", S3 + earlier), role=role)


def _logs(role: str, group: str, why: str) -> Iterator[Need]:
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        yield Need(why, Request(action, arn("logs", f"log-group:{group}:log-stream:one")), role=role)


def _placed(request: Request, variables: Mapping[str, Any], own_arn: str, machine: str) -> Request:
    """The request about what the variables name; a variable that isn't there is an error."""
    place = request.resource
    if place == "Sweep":
        return Request(request.action, own_arn)
    if place in ARNS:
        return Request(request.action, variables[ARNS[place]])
    if place.startswith(S3):
        bucket, slash, key = place.removeprefix(S3).partition("/")
        return Request(request.action, f"{S3}{variables[BUCKETS[bucket]]}{slash}{key}")
    if place.startswith(table_arn("")):
        table, slash, index = place.removeprefix(table_arn("")).partition("/")
        return Request(request.action, table_arn(variables[TABLES[table]]) + slash + index)
    if ":states:" in place:
        return Request(request.action, place.replace(":SalesRun", f":{machine}"))
    return request
