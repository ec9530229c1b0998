"""Looks at keys: executions that ask what a key holds now, as an event starts them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


@dataclass(frozen=True, kw_only=True)
class Looks:
    """Starts executions of the state machine."""

    client: SFNClient
    state_machine: str

    def start(self, key: str, *, replay: bool = False) -> str:
        """Look at a key, and run what it holds once more if asked for; answers with the execution's ARN."""
        answer = self.client.start_execution(
            stateMachineArn=self.state_machine, input=json.dumps({"key": key, "replay": replay})
        )
        return answer["executionArn"]
