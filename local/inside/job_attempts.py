"""One attempt of a Batch job: its process, the credentials of its role, its log stream, and how it ended."""

import logging
import os
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.inside import job_process
from local.inside.job_credentials import PATH as CREDENTIALS_PATH
from local.inside.job_credentials import JobCredentials
from local.inside.job_records import TIMED_OUT, Record, environment_of

EXITED = "Essential container in task exited"
SPOT_RECLAIMED = "Your Spot Task was interrupted."
DEFAULT_LOG_GROUP = "/aws/batch/job"

logger = logging.getLogger("merchant-sales")


class Attempts:
    """Makes attempts with what the engine's services hold."""

    def __init__(
        self,
        *,
        batch: Any,
        logs: Any,
        validate_role_arn: Callable[[str], str | None],
        credentials: JobCredentials,
        endpoint: str,
        folder: Path,
        commands: Path,
    ) -> None:
        """Take the services; `commands` is the folder in which jobs find their `python`."""
        self._batch, self._logs = batch, logs
        self._validate_role_arn, self._credentials = validate_role_arn, credentials
        self._endpoint, self._folder, self._commands = endpoint, folder, commands

    def make(self, record: Record, *, array_size: int | None, stop: threading.Event) -> Record:
        """Run the job's command to its end; what DescribeJobs shows of the attempt."""
        started = self._batch._now_ms()
        stream = record["container"]["logStreamName"] = self._log_stream(record)
        role = record["container"].get("jobRoleArn", "")
        if wrong := role and self._validate_role_arn(role):
            reason = f"ECS was unable to assume the role {role!r}: {wrong}"
            return self._attempt(started, stream, job_process.Ended(1, reason=reason), reason)
        secret = self._credentials.give(role, record["jobId"]) if role else ""
        try:
            ended = job_process.run(
                record["container"]["command"],
                environment_of(record, array_size=array_size) | self._surroundings(secret),
                folder=self._folder / secrets.token_hex(8),
                limit_seconds=record["timeout"].get("attemptDurationSeconds"),
                stop=stop,
                say=lambda line: self._say(record, stream, line),
            )
        finally:
            self._credentials.take_back(secret)
        return self._attempt(started, stream, ended, self._status_reason(record, ended))

    def _surroundings(self, secret: str) -> dict[str, str]:
        """What Fargate and the image would set, and where this engine is."""
        region = self._batch.get_region()
        variables = {
            "PATH": os.pathsep.join([str(self._commands), os.defpath]),
            "LANG": "C.UTF-8",
            "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ENDPOINT_URL": self._endpoint,
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        if secret:
            variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"{self._endpoint}{CREDENTIALS_PATH}{secret}"
        return variables

    def _status_reason(self, record: Record, ended: job_process.Ended) -> str:
        """As Batch tells it; who kills a job's process from outside plays Fargate Spot reclaiming it."""
        if ended.timed_out:
            return TIMED_OUT
        return SPOT_RECLAIMED if ended.by_signal and self._on_spot(record) else EXITED

    def _on_spot(self, record: Record) -> bool:
        queue = self._batch._job_queues.get(record["jobQueue"].rsplit("/", 1)[-1]) or {}
        names = [
            order["computeEnvironment"].rsplit("/", 1)[-1]
            for order in queue.get("computeEnvironmentOrder", [])
        ]
        resources = [self._batch._compute_envs[name]["computeResources"] for name in names]
        return any(found.get("type") == "FARGATE_SPOT" for found in resources)

    def _attempt(self, started: int, stream: str, ended: job_process.Ended, status_reason: str) -> Record:
        container = {"exitCode": ended.exit_code, "logStreamName": stream}
        if ended.reason:
            container["reason"] = ended.reason
        return {
            "startedAt": started,
            "stoppedAt": self._batch._now_ms(),
            "statusReason": status_reason,
            "container": container,
        }

    def _log_stream(self, record: Record) -> str:
        group = _log_group(record)
        if group == DEFAULT_LOG_GROUP:
            self._logs._create_log_group({"logGroupName": group})
        options = record["container"].get("logConfiguration", {}).get("options", {})
        prefix = options.get("awslogs-stream-prefix") or record["jobDefinition"].split("/")[-1].split(":")[0]
        stream = f"{prefix}/default/{secrets.token_hex(16)}"
        self._logs._create_log_stream({"logGroupName": group, "logStreamName": stream})
        return stream

    def _say(self, record: Record, stream: str, line: str) -> None:
        event = {"timestamp": self._batch._now_ms(), "message": line}
        status, *_ = self._logs._put_log_events(
            {"logGroupName": _log_group(record), "logStreamName": stream, "logEvents": [event]}
        )
        if status >= 400:  # the group is gone: the engine's own log is the place left
            logger.warning("job %s: %s", record["jobId"], line)


def _log_group(record: Record) -> str:
    options = record["container"].get("logConfiguration", {}).get("options", {})
    return str(options.get("awslogs-group", DEFAULT_LOG_GROUP))
