"""A dead letter: an event that a rule could not deliver, or one that a function failed at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """One letter; with a key it was to start a look, with a function to call that."""

    message_id: str
    receipt: str
    sent_at: str
    body: str
    event: Any
    error: str
    key: str | None = None
    function: str | None = None

    @property
    def calls(self) -> str:
        """What it was to call, for people."""
        if self.key is not None:
            return "look"
        return self.function.rsplit(":", 1)[-1] if self.function else "unknown"

    @property
    def about(self) -> str:
        """The key that it is about, or what else is known."""
        if self.key is not None:
            return self.key
        detail = self.event.get("detail") if isinstance(self.event, dict) else None
        if not isinstance(detail, dict):
            return ""
        given = _json(detail.get("input") or "")
        if isinstance(given, dict) and "key" in given:
            return str(given["key"])
        return str(detail.get("key") or detail.get("executionArn") or "")

    def to_json(self) -> dict[str, Any]:
        """The letter as programs read it."""
        named = {"message_id": self.message_id, "since": self.sent_at, "calls": self.calls}
        return named | {"about": self.about, "error": self.error, "event": self.event}


def read_letter(message: Mapping[str, Any]) -> DeadLetter:
    """A message of the queue.

    EventBridge leaves the event as it was, and says in attributes where it was going and why it couldn't be
    delivered. Lambda leaves a record of the call, with the event in it.
    """
    body = _json(message["Body"])
    attributes = {n: a.get("StringValue", "") for n, a in message.get("MessageAttributes", {}).items()}
    sent = datetime.fromtimestamp(int(message.get("Attributes", {}).get("SentTimestamp", 0)) / 1000, tz=UTC)
    known: dict[str, Any] = {
        "message_id": message["MessageId"],
        "receipt": message["ReceiptHandle"],
        "sent_at": sent.strftime("%Y-%m-%d %H:%M:%S"),
        "body": message["Body"],
    }
    if isinstance(body, dict) and isinstance(context := body.get("requestContext"), dict):
        called = str(context.get("functionArn", "")).removesuffix(":$LATEST")
        answer = body.get("responsePayload")
        why = (isinstance(answer, dict) and answer.get("errorMessage")) or context.get("condition", "")
        return DeadLetter(**known, event=body.get("requestPayload"), error=str(why), function=called)
    told = [attributes.get(name, "") for name in ("ERROR_CODE", "ERROR_MESSAGE")]
    error = ": ".join(text for text in told if text)
    if (key := _changed_key(body)) is not None:
        return DeadLetter(**known, event=body, error=error, key=key)
    if isinstance(body, dict) and isinstance(body.get("key"), str):  # what the rule made of the event
        return DeadLetter(**known, event=body, error=error, key=body["key"])
    target = attributes.get("TARGET_ARN", "")
    function = target if ":function:" in target else None
    return DeadLetter(**known, event=body, error=error, function=function)


def _changed_key(body: Any) -> str | None:
    """The key that an event of S3 tells of; anybody may have sent something else."""
    try:
        key = body["detail"]["object"]["key"] if body["source"] == "aws.s3" else None
    except (KeyError, TypeError):
        return None
    return key if isinstance(key, str) else None


def _json(text: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
