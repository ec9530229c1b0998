"""Reading why an execution ended: the execution, its Map Runs, and the child that failed."""

from aws_cdk import Stack

from stacks.functions import PipelineFunction


def allow_reading_executions(function: PipelineFunction, *, state_machine_name: str) -> None:
    """Grant it by the machine's name: naming the machine itself would close a circle of references."""
    stack = Stack.of(function.function)
    states = f"arn:{stack.partition}:states:{stack.region}:{stack.account}"
    # an execution of the machine itself is execution:<name>:<id>, a child execution:<name>/<label>:<id>
    executions = [
        f"{states}:execution:{state_machine_name}:*",
        f"{states}:execution:{state_machine_name}/*:*",
    ]
    map_runs = f"{states}:mapRun:{state_machine_name}/*:*"
    function.allow("states:DescribeExecution", "states:ListMapRuns", on=executions)
    function.allow("states:ListExecutions", on=[f"{states}:stateMachine:{state_machine_name}", map_runs])
