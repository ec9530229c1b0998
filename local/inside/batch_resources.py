"""Lets CloudFormation make Batch's compute environments, job queues and job definitions.

The engine refuses a whole template for one of these types.
"""

import json
from collections.abc import Callable
from typing import Any

from local.inside.batch_requests import BatchRequests

Properties = dict[str, Any]
Made = tuple[str, dict[str, str]]
_BY_NAME = ("Parameters", "Tags", "Options")
"""Properties whose keys are people's own names."""


class BatchResources:
    """The handlers of the three types, over the engine's Batch."""

    def __init__(self, batch: Any, requests: BatchRequests, physical_name: Callable[..., str]) -> None:
        """`physical_name` gives a resource without a name the one that CloudFormation would."""
        self._batch, self._requests, self._physical_name = batch, requests, physical_name

    def apply(self, provisioners: Any) -> None:
        """Make the types known."""
        provisioners._RESOURCE_HANDLERS |= {
            "AWS::Batch::ComputeEnvironment": {
                "create": self._environment,
                "delete": lambda arn, _: self._batch._compute_envs.pop(_name(arn), None),
            },
            "AWS::Batch::JobQueue": {
                "create": self._queue,
                "delete": lambda arn, _: self._batch._job_queues.pop(_name(arn), None),
            },
            "AWS::Batch::JobDefinition": {
                "create": self._definition,
                "update": lambda _, old, new, stack, logical: self._revision(old, new, stack, logical),
                "update_with_logical_id": True,
                "delete": self._deregister,
            },
        }

    def _environment(self, logical_id: str, properties: Properties, stack: str) -> Made:
        """Make it, or make it anew in place where an update changes it."""
        name = properties.get("ComputeEnvironmentName") or self._physical_name(stack, logical_id)
        self._batch._compute_envs.pop(name, None)
        request = {**camel(properties), "computeEnvironmentName": name}
        arn = _made(self._batch._create_compute_environment(request))["computeEnvironmentArn"]
        return arn, {"ComputeEnvironmentArn": arn}

    def _queue(self, logical_id: str, properties: Properties, stack: str) -> Made:
        name = properties.get("JobQueueName") or self._physical_name(stack, logical_id)
        self._batch._job_queues.pop(name, None)
        arn = _made(self._batch._create_job_queue({**camel(properties), "jobQueueName": name}))["jobQueueArn"]
        return arn, {"JobQueueArn": arn}

    def _definition(self, logical_id: str, properties: Properties, stack: str) -> Made:
        name = properties.get("JobDefinitionName") or self._physical_name(stack, logical_id)
        request = {**camel(properties), "jobDefinitionName": name}
        arn = _made(self._batch._register_job_definition(request))["jobDefinitionArn"]
        return arn, {"JobDefinitionArn": arn}

    def _revision(self, old: Properties, new: Properties, stack: str, logical_id: str) -> Made:
        """The next revision; the stack lets go of the last one, which stays ACTIVE where it is asked to."""
        del old
        return self._definition(logical_id, new, stack)

    def _deregister(self, arn: str, properties: Properties) -> None:
        if not properties.get("ResourceRetentionPolicy", {}).get("SkipDeregisterOnUpdate"):
            self._requests.deregister({"jobDefinition": arn})


def camel(value: Any) -> Any:
    """A template's properties as Batch's requests name them."""
    if isinstance(value, list):
        return [camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name[0].lower() + name[1:]: content if name in _BY_NAME else camel(content)
        for name, content in value.items()
    }


def pascal(value: Any) -> Any:
    """Batch's answers as a state machine sees them."""
    if isinstance(value, list):
        return [pascal(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name[0].upper() + name[1:]: content if name[0].upper() + name[1:] in _BY_NAME else pascal(content)
        for name, content in value.items()
    }


def _name(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]


def _made(answer: tuple[int, Any, bytes]) -> dict[str, str]:
    status, _, body = answer
    if status != 200:
        raise ValueError(body.decode())
    made: dict[str, str] = json.loads(body)
    return made
