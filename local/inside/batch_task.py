"""Lets state machines run Batch jobs: `batch:submitJob`, and `.sync`, which waits for the end of the job.

As on AWS a failed job is States.TaskFailed with the job's description as its cause, and a job ends with the
task that runs too long and with the execution that is stopped.
"""

import json
import time
from contextvars import ContextVar
from typing import Any

from local.inside.batch_requests import BatchRequests, RefusedRequestError
from local.inside.batch_resources import camel, pascal
from local.inside.function_concurrency import EngineEnds
from local.inside.job_runner import JobRunner

SUBMIT = "arn:aws:states:::batch:submitJob"
SYNC = f"{SUBMIT}.sync"
STOPPED = "The execution that submitted the job was stopped"


class BatchTask:
    """The task, over the engine's Batch and Step Functions."""

    def __init__(self, batch: Any, stepfunctions: Any, requests: BatchRequests, runner: JobRunner) -> None:
        """Take what submits jobs and what runs them."""
        self._batch, self._stepfunctions, self._requests, self._runner = (
            batch,
            stepfunctions,
            requests,
            runner,
        )
        self._execution: ContextVar[dict[str, Any] | None] = ContextVar("execution", default=None)

    def apply(self) -> None:
        """Make the task known, with its own time limit and its own eye on the execution."""
        engine = self._stepfunctions
        execute, with_timeout = engine._execute_task, engine._invoke_resource_with_timeout

        def execute_task(state: Any, data: Any, execution: Any, ctx: Any) -> Any:
            self._execution.set(execution)
            return execute(state, data, execution, ctx)

        def invoke(resource: str, data: Any, timeout: float) -> Any:
            return self.run(data, timeout) if resource == SYNC else with_timeout(resource, data, timeout)

        engine._execute_task, engine._invoke_resource_with_timeout = execute_task, invoke
        engine._SERVICE_DISPATCH[SUBMIT] = lambda resource, data: (
            self.run(data, None) if resource == SYNC else pascal(self._submit(data))
        )

    def run(self, data: Any, timeout: float | None) -> Any:
        """Submit a job and wait for its end: its description, or the error that its failure is."""
        record = self._batch._jobs[self._submit(data)["jobId"]]
        deadline = time.monotonic() + timeout if timeout else None

        def goes_on() -> bool:
            return (deadline is None or time.monotonic() < deadline) and self._execution_runs()

        ended = self._runner.wait(record, goes_on=goes_on)
        if self._runner.closed:
            raise EngineEnds
        error = self._stepfunctions._ExecutionError
        if not ended and not self._execution_runs():
            self._runner.terminate(record["jobId"], STOPPED)
        elif not ended:
            late = f"Task timed out after {timeout} seconds"
            self._runner.terminate(record["jobId"], late)
            raise error("States.Timeout", late)
        elif record["status"] == "FAILED":
            raise error("States.TaskFailed", json.dumps(pascal(record)))
        return pascal(record)  # of a stopped execution too: an error would make it FAILED instead of ABORTED

    def _execution_runs(self) -> bool:
        return bool((self._execution.get() or {}).get("status", "RUNNING") == "RUNNING")

    def _submit(self, data: Any) -> dict[str, Any]:
        try:
            return self._requests.submit(camel(data))
        except RefusedRequestError as refused:
            raise self._stepfunctions._ExecutionError("Batch.ClientException", str(refused)) from refused
