"""Clients that write down what IAM would be asked about each call, in front of a world's services."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from lambdas.domain.job_failure import JobFailure
from lambdas.domain.stored_names import job_failure_object
from tests.fault.functions import HANDLERS, WORK
from tests.fault.seeds import Runner
from tests.fault.services.refusals import UnsupportedError
from tests.fault.world import World
from tests.infrastructure.permissions.requests import Request, requests_of

JOB_RUN, JOB = f"{'f' * 32}-00000001", "job-1"
ARN = "arn:aws:states:eu-central-1:123456789012"
MAP_RUN, CHILD = f"{ARN}:mapRun:SalesRun/ShardSplits:m1", f"{ARN}:execution:SalesRun/ShardSplits:c1"
Asked = dict[str, set[Request]]


@dataclass
class Recorder:
    """Whom IAM was asked about, and what."""

    asked: Asked = field(default_factory=dict)

    def note(
        self, folder: str, service: str, operation: str, options: dict[str, Any], refused: str = ""
    ) -> None:
        """A call of a function or job; one that isn't known ends the recording."""
        try:
            self.asked.setdefault(folder, set()).update(requests_of(service, operation, options, refused))
        except LookupError as e:
            raise UnsupportedError(str(e)) from e


@dataclass(frozen=True)
class RecordedClient:
    """A client whose every call is noted, and then made."""

    world: World
    recorder: Recorder
    service: str
    client: Any

    def __getattr__(self, name: str) -> Any:
        """An operation, or `exceptions`."""
        found = getattr(self.client, name)
        if not callable(found) or name == "exceptions":
            return found

        def called(*arguments: Any, **options: Any) -> Any:
            # upload_file's path, bucket and key have no names
            named = options | dict(zip(("Filename", "Bucket", "Key"), arguments, strict=False))
            return self._made(name, named, lambda: found(*arguments, **options))

        return called

    def list_objects_v2(self, **options: Any) -> Any:
        """One page, which the harness's client doesn't offer by itself."""
        found = self.world.s3.list_objects_v2
        limit = options.pop("MaxKeys")
        return self._made("list_objects_v2", options, lambda: found(limit=limit, **options))

    def get_paginator(self, operation: str) -> RecordedPages:
        """The pages of an operation."""
        return RecordedPages(self, operation, self.client.get_paginator(operation))

    def _made(self, operation: str, options: dict[str, Any], call: Any) -> Any:
        try:
            answer = call()
        except ClientError as e:
            self.note(operation, options, e.response["Error"]["Code"])
            raise
        self.note(operation, options)
        return answer

    def note(self, operation: str, options: dict[str, Any], refused: str = "") -> None:
        """Note a call of whoever has its turn."""
        worker = self.world.scheduler.current
        assert worker is not None
        self.recorder.note(folder_of(worker.function), self.service, operation, options, refused)


@dataclass(frozen=True)
class RecordedPages:
    """A paginator."""

    client: RecordedClient
    operation: str
    pages: Any

    def paginate(self, **options: Any) -> Iterator[Any]:
        """The pages."""
        self.client.note(self.operation, options)
        return iter(self.pages.paginate(**options))


@dataclass(frozen=True)
class WithFailedMaps:
    """Step Functions, where each execution has had a Map with a child that failed by its Batch job."""

    client: Any

    def __getattr__(self, name: str) -> Any:
        """All the rest."""
        return getattr(self.client, name)

    def list_map_runs(self, **_: Any) -> dict[str, Any]:
        """One."""
        return {"mapRuns": [{"mapRunArn": MAP_RUN}]}

    def list_executions(self, **_: Any) -> dict[str, Any]:
        """One child."""
        return {"executions": [{"executionArn": CHILD}]}

    def describe_execution(self, **options: Any) -> Any:
        """Of the child: its job failed."""
        if options["executionArn"] != CHILD:
            return self.client.describe_execution(**options)
        cause = {"JobId": JOB, "Parameters": {"run_id": JOB_RUN}}
        return {"status": "FAILED", "error": "States.TaskFailed", "cause": json.dumps(cause)}


@dataclass(frozen=True)
class BeforeVersions:
    """S3, where every file is of the time before the bucket kept versions."""

    client: Any

    def __getattr__(self, name: str) -> Any:
        """All the rest."""
        return getattr(self.client, name)

    def head_object(self, **_: Any) -> dict[str, Any]:
        """A file without a version."""
        return {"ContentLength": 1, "VersionId": "null"}


class Topic:
    """SNS."""

    def publish(self, **_: Any) -> dict[str, str]:
        """Take a message."""
        return {"MessageId": "1"}


def folder_of(state: str) -> str:
    """The folder of lambdas/ whose code a worker of the harness runs; a job's name is its own."""
    return HANDLERS[state].__module__.split(".")[1] if state in HANDLERS else state


@dataclass(frozen=True)
class RecordedRunner(Runner):
    """Runs seeds in worlds whose clients note what they are asked."""

    recorder: Recorder

    def _install(self, world: World, *, remember: bool) -> None:
        record_calls(world, self.recorder)
        super()._install(world, remember=remember)


def record_calls(world: World, recorder: Recorder) -> None:
    """Put recording clients in front of a world's services."""
    failure = JobFailure(kind="OrderFileError", message="It is damaged.").to_json()
    world.s3.put_object(Bucket=WORK, Key=job_failure_object(JOB_RUN, JOB), Body=failure.encode())
    clients = {**world.clients, "sns": Topic()}
    clients["stepfunctions"] = WithFailedMaps(clients["stepfunctions"])
    world.clients = {name: RecordedClient(world, recorder, name, client) for name, client in clients.items()}
