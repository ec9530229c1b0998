"""Notify: write people a message about a run that has ended."""

from __future__ import annotations

from typing import Any

from lambdas.adapters.aws import aws
from lambdas.domain.run_event import message, subject


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001  Lambda's signature
    """Take an event of docs/schemas/run-event.json; answer {message_id}."""
    kind, detail = event["detail-type"], event["detail"]
    message_id = aws().notices.publish(subject=subject(kind, detail), message=message(kind, detail))
    aws().logger.info("notified", extra={"event_id": detail["id"], "message_id": message_id})
    return {"message_id": message_id}
