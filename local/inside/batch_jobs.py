"""Batch jobs, put together: what the engine takes for done is done by processes of this computer."""

import os
from pathlib import Path
from typing import Any

from local.inside import plain_python
from local.inside.batch_requests import BatchRequests
from local.inside.batch_resources import BatchResources
from local.inside.batch_task import BatchTask
from local.inside.job_attempts import Attempts
from local.inside.job_credentials import JobCredentials
from local.inside.job_runner import JobRunner


class BatchJobs:
    """The jobs of one engine."""

    def __init__(
        self, *, batch: Any, logs: Any, sts: Any, iam_evaluator: Any, endpoint: str, folder: Path
    ) -> None:
        """Take the engine's modules; `folder` holds what jobs write, and goes with the engine."""
        self._batch = batch
        self.credentials = JobCredentials(sts)
        attempts = Attempts(
            batch=batch,
            logs=logs,
            validate_role_arn=iam_evaluator.validate_role_arn,
            credentials=self.credentials,
            endpoint=endpoint,
            folder=folder / "work",
            commands=plain_python.make(folder / "python"),
        )
        # a job is meant to take all the processors it can get
        self._runner = JobRunner(attempts.make, jobs_at_once=os.cpu_count() or 1, find=batch._jobs.get)

    def apply(self, stepfunctions: Any, provisioners: Any) -> None:
        """Let requests, templates and state machines reach them."""
        requests = BatchRequests(self._batch, self._runner)
        requests.apply()
        BatchResources(self._batch, requests, provisioners._physical_name).apply(provisioners)
        BatchTask(self._batch, stepfunctions, requests, self._runner).apply()

    def close(self) -> None:
        """End every job's process, because the engine ends."""
        self._runner.close()
