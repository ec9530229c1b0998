"""Executions of the state machine: what has become of one, and why it failed, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.adapters.work_files import WorkFiles
from lambdas.domain.errors import FINAL_ERRORS, RunError, UnforeseenError
from lambdas.domain.job_failure import JobFailure

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

GONE = "GONE"
"""The status of an execution that Step Functions doesn't know (any more)."""
RUN_AGAIN = "Run the file again with `merchant-sales replay`."
GO_ON = (
    "Go on with `merchant-sales redrive`; if it fails in the same way, start anew with "
    "`merchant-sales replay`."
)


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How an execution stands: its status, and the reason where it failed."""

    status: str
    reason: str
    ended_at: datetime | None = None

    @property
    def ended_badly(self) -> bool:
        """Whether the execution has ended, or is gone, without having settled its run."""
        return self.status in {"FAILED", "TIMED_OUT", "ABORTED", GONE}


class Executions:
    """The executions of one state machine."""

    def __init__(self, client: SFNClient, work: WorkFiles) -> None:
        """Take the Step Functions client, and where Batch jobs say why they failed."""
        self.client, self.work = client, work

    def ending(self, execution_arn: str) -> Ending:
        """How an execution stands."""
        try:
            found = self.client.describe_execution(executionArn=execution_arn)
        except self.client.exceptions.ExecutionDoesNotExist:
            return Ending(status=GONE, reason=f"The execution is gone without a trace. {RUN_AGAIN}")
        error, cause = found.get("error", ""), found.get("cause", "")
        for child_error, child_cause in self._failed_children(execution_arn):
            error, cause = child_error, child_cause
            break
        told = self._told_by_job(cause)
        return Ending(
            status=found["status"],
            reason=reason(found["status"], error, told or cause),
            ended_at=stopped.astimezone(UTC) if (stopped := found.get("stopDate")) else None,
        )

    def given_input(self, execution_arn: str) -> str | None:
        """What an execution began with, as JSON; None where it is gone."""
        try:
            return self.client.describe_execution(executionArn=execution_arn).get("input")
        except self.client.exceptions.ExecutionDoesNotExist:
            return None

    def oldest_running(self, state_machine: str) -> datetime | None:
        """When the oldest execution began that goes on; None where none does."""
        pages = self.client.get_paginator("list_executions").paginate(
            stateMachineArn=state_machine, statusFilter="RUNNING", PaginationConfig={"PageSize": 1000}
        )
        return min((one["startDate"] for page in pages for one in page["executions"]), default=None)

    def _told_by_job(self, cause: str) -> str | None:
        """What a failed Batch job said of its failure, as the cause of a function's error would be."""
        job = batch_job(cause)
        run_id, job_id = (job.get("Parameters") or {}).get("run_id"), job.get("JobId")
        if not run_id or not job_id:
            return None
        try:
            failure = self.work.job_failure(run_id, job_id)
        except (ClientError, RunError):
            return None  # Batch's own words have to do then: the run must be marked FAILED in any case
        return _as_cause(failure) if failure else None

    def _failed_children(self, execution_arn: str) -> Iterator[tuple[str, str]]:
        """Error and cause of the failed items of Distributed Maps, whose own error only says: too many."""
        try:
            for map_run in self.client.list_map_runs(executionArn=execution_arn)["mapRuns"]:
                children = self.client.list_executions(mapRunArn=map_run["mapRunArn"], statusFilter="FAILED")
                for child in children["executions"]:
                    found = self.client.describe_execution(executionArn=child["executionArn"])
                    yield found.get("error", ""), found.get("cause", "")
        except ClientError:
            return  # the parent's own cause has to do then: the run must be marked FAILED in any case


def reason(status: str, error: str, cause: str) -> str:
    """Why an execution failed, as a sentence for people."""
    try:
        details = json.loads(cause)
        message, kind = str(details["errorMessage"]), str(details.get("errorType") or error)
    except (ValueError, KeyError, TypeError):
        message, kind = cause, error
    if job := batch_job(cause):
        message, kind = _told_by_batch(job), "the Batch job failed"
    if kind in FINAL_ERRORS and message:
        return message
    if status == "TIMED_OUT" or kind in {"States.Timeout", "Sandbox.Timedout"}:
        return f"A step took longer than its time limit ({message or kind}). {GO_ON}"
    if status == "ABORTED":
        return f"The execution was stopped by hand. {GO_ON}"
    told = f"{kind}: {message}" if message else kind or "no error was given"
    told = message if kind == UnforeseenError.__name__ else told  # which names the error by itself
    return f"A step failed unexpectedly ({told}). The functions' logs have it by the run id. {GO_ON}"


def batch_job(cause: str) -> dict[str, Any]:
    """The description of the Batch job that a cause consists of; empty where it is another one's cause."""
    try:
        job = json.loads(cause)
    except ValueError:
        return {}
    return job if isinstance(job, dict) and "JobId" in job else {}


def _told_by_batch(job: dict[str, Any]) -> str:
    """What Batch knows: the container's reason, such as too little memory, or that of the job's status."""
    container = job.get("Container") or {}
    told = container.get("Reason") or job.get("StatusReason") or job.get("Status", "")
    code = container.get("ExitCode")
    return f"{told}, exit code {code}" if code else str(told)


def _as_cause(failure: JobFailure) -> str:
    split = "" if failure.split is None else f"Split {failure.split}: "
    return json.dumps({"errorType": failure.kind, "errorMessage": f"{split}{failure.message}"})
