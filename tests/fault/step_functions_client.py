"""The Step Functions client of the adapters."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.fault.clients import Gate
from tests.fault.executions import StateMachine
from tests.fault.services.refusals import Exceptions


@dataclass(frozen=True)
class StepFunctionsClient:
    """describe_execution and start_execution, and no Distributed Maps."""

    gate: Gate
    machine: StateMachine
    exceptions = Exceptions

    def describe_execution(self, **request: Any) -> Any:
        """How an execution stands."""
        arn = request["executionArn"]
        effect = lambda: self.machine.describe_execution(arn)  # noqa: E731
        return self.gate.call("stepfunctions", "describe_execution", request, effect)

    def start_execution(self, **request: Any) -> Any:
        """A look at a key."""
        asked = json.loads(request["input"])
        effect = lambda: {"executionArn": self.machine.start(asked["key"], replay=asked["replay"]).arn}  # noqa: E731
        return self.gate.call("stepfunctions", "start_execution", {"Key": asked["key"]}, effect)

    def list_map_runs(self, **request: Any) -> Any:
        """None: so few partitions are an inline Map."""
        return self.gate.call("stepfunctions", "list_map_runs", request, lambda: {"mapRuns": []})
