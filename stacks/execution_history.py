"""Reading why an execution ended: itself, its Map Runs, the child that failed, what its job said."""

from aws_cdk import Stack

from stacks.functions import PipelineFunction
from stacks.sales_store import TELL_MISSING, SalesStore

JOB_FAILURES = "runs/*/failures/*"


def allow_reading_executions(
    function: PipelineFunction, *, state_machine_name: str, store: SalesStore
) -> None:
    """Grant it by the machine's name: naming the machine itself would close a circle of references.

    What failed jobs said is `allow_reading_job_failures`, for functions that don't read all of a run.
    """
    stack = Stack.of(function.function)
    states = f"arn:{stack.partition}:states:{stack.region}:{stack.account}"
    # an execution of the machine itself is execution:<name>:<id>, a child execution:<name>/<label>:<id>
    executions = f"{states}:execution:{state_machine_name}:*"
    children = f"{states}:execution:{state_machine_name}/*:*"
    function.allow("states:DescribeExecution", on=[executions, children])
    function.allow("states:ListMapRuns", on=[executions])
    function.allow("states:ListExecutions", on=[f"{states}:mapRun:{state_machine_name}/*:*"])
    function.allow(*TELL_MISSING, on=[store.work_bucket.bucket_arn])
    store.encryption.allow_executions(function, state_machine_name)


def allow_reading_job_failures(function: PipelineFunction, *, store: SalesStore) -> None:
    """Grant reading what failed jobs said of why."""
    function.allow("s3:GetObject", on=[store.work_bucket.arn_for_objects(JOB_FAILURES)])
    store.encryption.allow_objects(function, store.work_bucket)
