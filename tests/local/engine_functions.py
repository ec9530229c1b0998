"""Puts small functions and state machines into an engine without the CDK."""

import io
import json
import time
import uuid
import zipfile
from dataclasses import dataclass
from typing import Any

from local.session import EngineSession

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
            for service in ("lambda.amazonaws.com", "states.amazonaws.com")
        ],
    }
)


@dataclass(frozen=True)
class EngineFunctions:
    """Functions and state machines in one engine."""

    session: EngineSession

    def role(self) -> str:
        """A role that grants nothing."""
        name = f"role-{uuid.uuid4().hex[:8]}"
        created = self.session.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        return str(created["Role"]["Arn"])

    def add(self, source: str, *, layers: list[str] | None = None, timeout_seconds: int = 60) -> str:
        """A function whose module is `source` with a function `handler`; returns its ARN."""
        return str(
            self.session.client("lambda").create_function(
                FunctionName=f"function-{uuid.uuid4().hex[:8]}",
                Runtime="python3.14",
                Role=self.role(),
                Handler="work.handler",
                Code={"ZipFile": zipped({"work.py": source})},
                Layers=layers or [],
                Timeout=timeout_seconds,
            )["FunctionArn"]
        )

    def call(self, function: str, event: object = None) -> Any:
        """Call a function; returns what it returned, or its error object."""
        answer = self.session.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        return json.loads(answer["Payload"].read())

    def machine(self, definition: dict[str, Any]) -> str:
        """A state machine; returns its ARN."""
        return str(
            self.session.client("stepfunctions").create_state_machine(
                name=f"machine-{uuid.uuid4().hex[:8]}",
                definition=json.dumps(definition),
                roleArn=self.role(),
            )["stateMachineArn"]
        )

    def run(self, machine: str, data: object = None, *, limit_seconds: float = 60) -> Any:
        """Run a state machine to its end; returns the description of the execution."""
        states = self.session.client("stepfunctions")
        arn = states.start_execution(stateMachineArn=machine, input=json.dumps(data))["executionArn"]
        deadline = time.monotonic() + limit_seconds
        while (found := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
            assert time.monotonic() < deadline, f"{arn} still runs after {limit_seconds} s"
            time.sleep(0.05)
        return found


def zipped(files: dict[str, str]) -> bytes:
    """A zip archive of text files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()
