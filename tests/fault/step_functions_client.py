"""The Step Functions client of the adapters."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.fault.clients import Gate, Pages
from tests.fault.executions import RUNNING, StateMachine
from tests.fault.services.refusals import Exceptions, UnsupportedError


@dataclass(frozen=True)
class StepFunctionsClient:
    """Describing, starting and listing executions, and no Distributed Maps."""

    gate: Gate
    machine: StateMachine
    moment_of: Callable[[int], datetime]
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

    def get_paginator(self, operation: str) -> Pages:
        """The pages of list_executions, of those that go on: one page."""
        if operation != "list_executions":
            raise UnsupportedError(f"pages of stepfunctions.{operation}")
        return Pages(self._running)

    def _running(self, **request: Any) -> Iterator[dict[str, Any]]:
        assert request["statusFilter"] == RUNNING
        yield self.gate.call("stepfunctions", "list_executions", request, self._listed)

    def _listed(self) -> dict[str, Any]:
        running = (execution for execution in self.machine.executions if execution.status == RUNNING)
        return {"executions": [{"startDate": self.moment_of(execution.began)} for execution in running]}
