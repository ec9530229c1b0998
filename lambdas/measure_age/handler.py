"""MeasureAge: for how long the oldest order file has been waiting for its sales."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lambdas.adapters.aws import aws, now
from lambdas.adapters.executions import Executions
from lambdas.domain.measures import Measure


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001  Lambda's signature
    """Take nothing; answer {seconds}, None where no file is being processed."""
    seconds = oldest_seconds(aws().executions, aws().settings.state_machine, now())
    if seconds is not None:
        aws().metrics.put({Measure.OLDEST_RUNNING_SECONDS: seconds})
    return {"seconds": seconds}


def oldest_seconds(executions: Executions, state_machine: str, moment: datetime) -> float | None:
    """The age of the oldest execution that goes on."""
    started = executions.oldest_running(state_machine)
    return (moment - started).total_seconds() if started else None
