"""What is known of a Batch job: the record that DescribeJobs shows, and what its process gets from it."""

import copy
from typing import Any

Record = dict[str, Any]

FINAL = frozenset({"SUCCEEDED", "FAILED"})
TIMED_OUT = "Job attempt duration exceeded timeout"


def new_record(
    request: Record, definition: Record, *, queue_arn: str, job_id: str, job_arn: str, now_ms: int
) -> Record:
    """The record of a submitted job; its command has the values of its parameters."""
    overrides = request.get("containerOverrides") or {}
    container = copy.deepcopy(definition.get("containerProperties") or {})
    parameters = {**(definition.get("parameters") or {}), **(request.get("parameters") or {})}
    command = overrides.get("command") or container.get("command") or []
    environment = _by_name(container.get("environment")) | _by_name(overrides.get("environment"))
    container["command"] = [_filled_in(word, parameters) for word in command]
    container["environment"] = [{"name": name, "value": value} for name, value in environment.items()]
    record = {
        "jobId": job_id,
        "jobArn": job_arn,
        "jobName": request["jobName"],
        "jobQueue": queue_arn,
        "jobDefinition": definition["jobDefinitionArn"],
        "status": "SUBMITTED",
        "createdAt": now_ms,
        "attempts": [],
        "parameters": parameters,
        "container": container,
        "dependsOn": request.get("dependsOn") or [],
        "retryStrategy": request.get("retryStrategy") or definition.get("retryStrategy") or {"attempts": 1},
        "timeout": request.get("timeout") or definition.get("timeout") or {},
        "platformCapabilities": definition.get("platformCapabilities") or [],
        "tags": request.get("tags") or {},
    }
    if size := (request.get("arrayProperties") or {}).get("size"):
        record["arrayProperties"] = {"size": size, "statusSummary": {}}
    return record


def children_of(array: Record) -> list[Record]:
    """The records of an array job's children; they wait for what the array waits for."""
    return [_child(array, index) for index in range(array["arrayProperties"]["size"])]


def _child(array: Record, index: int) -> Record:
    child = copy.deepcopy({name: value for name, value in array.items() if name != "arrayProperties"})
    child["jobId"], child["jobArn"] = f"{array['jobId']}:{index}", f"{array['jobArn']}:{index}"
    child["arrayProperties"] = {"index": index}
    return child


def environment_of(record: Record, *, array_size: int | None) -> dict[str, str]:
    """The variables that a job's process gets of its own and of Batch."""
    variables = {pair["name"]: pair["value"] for pair in record["container"]["environment"]}
    variables |= {
        "AWS_BATCH_JOB_ID": record["jobId"],
        "AWS_BATCH_JOB_ATTEMPT": str(len(record["attempts"]) + 1),
        "AWS_BATCH_JQ_NAME": record["jobQueue"].rsplit("/", 1)[-1],
    }
    if array_size is not None:
        variables["AWS_BATCH_JOB_ARRAY_INDEX"] = str(record["arrayProperties"]["index"])
        variables["AWS_BATCH_JOB_ARRAY_SIZE"] = str(array_size)
    return variables


def is_tried_again(record: Record, attempt: Record) -> bool:
    """Whether a failed attempt has a next one: by the first rule that fits, and yes where none does."""
    strategy = record["retryStrategy"]
    if attempt["statusReason"] == TIMED_OUT or len(record["attempts"]) >= int(strategy.get("attempts", 1)):
        return False
    container = attempt["container"]
    known = {
        "onExitCode": str(container.get("exitCode", "")),
        "onReason": container.get("reason", ""),
        "onStatusReason": attempt["statusReason"],
    }
    for rule in strategy.get("evaluateOnExit") or []:
        if all(_fits(pattern, known[name]) for name, pattern in rule.items() if name != "action"):
            return str(rule["action"]).upper() == "RETRY"
    return True


def _fits(pattern: str, text: str) -> bool:
    pattern, text = pattern.lower(), text.lower()
    return text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern


def _filled_in(word: str, parameters: dict[str, str]) -> str:
    return parameters.get(word.removeprefix("Ref::"), word) if word.startswith("Ref::") else word


def _by_name(pairs: list[dict[str, str]] | None) -> dict[str, str]:
    return {pair["name"]: pair["value"] for pair in pairs or []}
