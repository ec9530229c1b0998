"""How the state machine runs a job to its end: time limit, retries and grants are the same for all."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_batch as batch
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from stacks.config_checks import BATCH_ATTEMPTS, BATCH_WAITING_HOURS
from stacks.jobs import PipelineJob
from stacks.tasks import retry

SUBMIT_ERRORS = [  # of submitting; a job that failed is States.TaskFailed, and Batch has tried it again
    "Batch.AWSBatchException",
    "Batch.TooManyRequestsException",
    "Batch.ServerException",
    "Batch.SdkClientException",
]
WAITING_FOR_ROOM = Duration.hours(BATCH_WAITING_HOURS)


class RunJob(tasks.BatchSubmitJob):
    """A job's state with a time limit of its own: the CDK makes `task_timeout` the limit of one attempt."""

    def __init__(self, scope: Construct, construct_id: str, *, limit: Duration, **options: Any) -> None:
        self._limit = limit
        super().__init__(scope, construct_id, **options)

    def to_state_json(self, query_language: sfn.QueryLanguage | None = None) -> Mapping[Any, Any]:
        """Give the state as Step Functions reads it."""
        return {**super().to_state_json(query_language), "TimeoutSeconds": self._limit.to_seconds()}


def run_job(
    scope: Construct,
    state_name: str,
    *,
    job: PipelineJob,
    queue: batch.IJobQueue,
    parameters: Mapping[str, str],
    comment: str,
    array_size: float | None = None,
) -> RunJob:
    """Build the state that runs the job to its end; nothing comes back into the state."""
    task = RunJob(
        scope,
        state_name,
        limit=Duration.hours(BATCH_ATTEMPTS * job.limit.to_hours()).plus(WAITING_FOR_ROOM),
        job_definition_arn=job.definition.job_definition_arn,
        job_queue_arn=queue.job_queue_arn,
        job_name=sfn.JsonPath.format(f"{state_name}-{{}}", sfn.JsonPath.string_at("$.run_id")),
        payload=sfn.TaskInput.from_object(dict(parameters)),
        array_size=array_size,
        comment=comment,
        integration_pattern=sfn.IntegrationPattern.RUN_JOB,
        result_path=sfn.JsonPath.DISCARD,
    )
    retry(task, SUBMIT_ERRORS, attempts=12)
    return task
