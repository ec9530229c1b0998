"""How the state machine calls a function: payload, time limit and retries are the same for all."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from lambdas.domain.errors import FINAL_ERRORS, TimeIsUpError
from stacks.functions import PipelineFunction

LONGEST_PAUSE = Duration.minutes(1)
WAITING_ERRORS = ["Lambda.TooManyRequestsException", TimeIsUpError.__name__]
PATIENCE = 180  # attempts, with pauses about 7 hours: 40 at once in an inline Map fit into 25,000 events
LONGEST_PATIENT_PAUSE = Duration.minutes(5)
PASSING_ERRORS = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
]


def call(
    scope: Construct,
    state_name: str,
    *,
    function: PipelineFunction,
    payload: Mapping[str, Any],
    comment: str,
    **paths: Any,
) -> tasks.LambdaInvoke:
    """Build the state that calls the function's published version; `paths` place its answer in the state."""
    task = tasks.LambdaInvoke(
        scope,
        state_name,
        lambda_function=function.version,
        payload=sfn.TaskInput.from_object(dict(payload)),
        comment=comment,
        retry_on_service_exceptions=False,
        # longer than the function's own limit, so that the function's error is the one that is seen
        task_timeout=sfn.Timeout.duration(function.limit.plus(Duration.minutes(1))),
        **paths,
    )
    add_retries(task)
    return task


def add_retries(task: sfn.TaskStateBase) -> None:
    """Never for errors that stay, as long as it takes for a free place or more time, else a few times."""
    task.add_retry(errors=list(FINAL_ERRORS), max_attempts=0)
    retry(task, WAITING_ERRORS, attempts=PATIENCE, longest=LONGEST_PATIENT_PAUSE)
    retry(task, PASSING_ERRORS, attempts=12)
    retry(task, ["States.ALL"], attempts=3)


def retry(
    state: sfn.TaskStateBase | sfn.DistributedMap,
    errors: Sequence[str],
    *,
    attempts: int,
    longest: Duration = LONGEST_PAUSE,
) -> None:
    """Try again after 2 s, 4 s, … up to the longest pause, each with full jitter."""
    state.add_retry(
        errors=errors,
        interval=Duration.seconds(2),
        backoff_rate=2,
        max_attempts=attempts,
        max_delay=longest,
        jitter_strategy=sfn.JitterType.FULL,
    )
