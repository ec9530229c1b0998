"""What the state machine needs, by its definition and settings, as AWS documents it for each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lambdas.domain.stored_names import partitions_object
from tests.infrastructure.permissions.needs import Need, role_of, trusted_by
from tests.infrastructure.permissions.requests import ACCOUNT, PARTITION, Request, arn
from tests.infrastructure.permissions.resolving import Resources, machine_of

State = Mapping[str, Any]
SERVICE = f"arn:{PARTITION}:states:::"
BATCH_RULE = "StepFunctionsGetEventsForBatchJobsRule"
LOG_DELIVERY = (
    "CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "ListLogDeliveries",
    "PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups",
)  # fmt: skip
TRACING = ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets")
RUN = f"{'0' * 32}-00000001"


def needs_of_state_machine(resources: Resources) -> Iterator[Need]:
    """What its role needs, and who may take it."""
    machine = machine_of(resources)
    role = role_of(machine["RoleArn"])
    context = {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": machine["Arn"]}
    yield trusted_by(role, "states.amazonaws.com", "Step Functions runs the machine", context)
    for name, request in (*_of_states(machine), *_of_settings(machine)):
        yield Need(name, request, role=role)


def states_in(definition: State) -> Iterator[tuple[str, State]]:
    """All states by name, those inside of Maps and Parallels too."""
    for name, state in definition["States"].items():
        yield name, state
        inner = [state["ItemProcessor"]] if "ItemProcessor" in state else state.get("Branches", [])
        for one in inner:
            yield from states_in(one)


def _of_states(machine: Mapping[str, Any]) -> Iterator[tuple[str, Request]]:
    for name, state in states_in(machine["Definition"]):
        if state["Type"] == "Task":
            for request in _of_task(state):
                yield f"the state {name}", request
        if state.get("ItemProcessor", {}).get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
            for request in _of_distributed_map(state, machine):
                yield f"the Distributed Map {name}", request


def _of_task(state: State) -> Iterator[Request]:
    parameters, kind = state["Parameters"], state["Resource"].removeprefix(SERVICE)
    if kind == "lambda:invoke":
        yield Request("lambda:InvokeFunction", parameters["FunctionName"])
        # a run under way goes on with the version that it began with, also after the next deployment
        function, _, version = parameters["FunctionName"].rpartition(":")
        yield Request("lambda:InvokeFunction", f"{function}:{int(version) - 1}")
    elif kind == "batch:submitJob.sync":
        if "Tags" in parameters:
            raise LookupError("a job with tags needs batch:TagResource: derive it here")
        for resource in (parameters["JobDefinition"], parameters["JobQueue"]):
            yield Request("batch:SubmitJob", resource)
        yield Request("batch:DescribeJobs", "*")
        yield Request("batch:TerminateJob", arn("batch", "job/one"))
        for action in ("PutTargets", "PutRule", "DescribeRule"):
            yield Request(f"events:{action}", arn("events", f"rule/{BATCH_RULE}"))
    else:
        raise LookupError(f"{kind}: derive here what a state of this kind needs")


def _of_distributed_map(state: State, machine: Mapping[str, Any]) -> Iterator[Request]:
    name = machine["StateMachineName"]
    yield Request("states:StartExecution", machine["Arn"])
    for action in ("DescribeExecution", "StopExecution"):
        yield Request(f"states:{action}", arn("states", f"execution:{name}:one"))
    yield Request("states:RedriveExecution", arn("states", f"execution:{name}/{state['Label']}:one"))
    reader = state["ItemReader"]
    if reader["Resource"] != f"{SERVICE}s3:getObject" or "ResultWriter" in state:
        raise LookupError("derive here what this reader or writer of a Map needs")
    bucket = reader["Parameters"]["Bucket"]
    # plan_run and index_shards write their lists beside each other
    yield Request("s3:GetObject", f"arn:{PARTITION}:s3:::{bucket}/{partitions_object(RUN)}")


def _of_settings(machine: Mapping[str, Any]) -> Iterator[tuple[str, Request]]:
    if machine.get("TracingConfiguration", {}).get("Enabled"):
        yield from (("it is traced", Request(f"xray:{action}", "*")) for action in TRACING)
    if machine.get("LoggingConfiguration", {}).get("Destinations"):
        yield from (("it has a log", Request(f"logs:{action}", "*")) for action in LOG_DELIVERY)
