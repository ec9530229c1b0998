"""A dead letter says what it is about and where it was going, whoever left it."""

import json
from typing import Any

import pytest

from cli.dead_letter import DeadLetter, read_letter

FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:FailRun"
BROKEN = {"source": "aws.states", "detail": {"input": json.dumps({"key": "a.csv"})}}


def letter(body: Any, **attributes: str) -> DeadLetter:
    return read_letter(
        {
            "MessageId": "m",
            "ReceiptHandle": "r",
            "Body": body if isinstance(body, str) else json.dumps(body),
            "Attributes": {"SentTimestamp": "1767225600000"},
            "MessageAttributes": {name: {"StringValue": value} for name, value in attributes.items()},
        }
    )


@pytest.mark.parametrize(
    "body",
    [{"source": "aws.s3", "detail": {"object": {"key": "a.csv"}}}, {"key": "a.csv", "replay": False}],
    ids=["the event", "what the rule made of it"],
)
def test_a_change_of_a_key_is_a_look(body: dict[str, Any]) -> None:
    found = letter(body, ERROR_CODE="NO_PERMISSIONS", ERROR_MESSAGE="The role may not.")
    assert (found.key, found.calls, found.about) == ("a.csv", "look", "a.csv")
    assert (found.sent_at, found.error) == ("2026-01-01 00:00:00", "NO_PERMISSIONS: The role may not.")


def test_an_event_for_a_function_is_for_that_function() -> None:
    found = letter(BROKEN, TARGET_ARN=FUNCTION)
    assert (found.key, found.function, found.calls, found.about) == (None, FUNCTION, "FailRun", "a.csv")


def test_an_event_that_keeps_the_key_back_is_about_its_execution() -> None:
    found = letter({"source": "aws.states", "detail": {"input": None, "executionArn": "arn:e"}})
    assert found.about == "arn:e"


def test_a_function_that_failed_gets_the_event_it_failed_at() -> None:
    context = {"functionArn": f"{FUNCTION}:$LATEST", "condition": "RetriesExhausted"}
    found = letter({"requestContext": context, "requestPayload": BROKEN})
    assert (found.function, found.event, found.error) == (FUNCTION, BROKEN, "RetriesExhausted")


@pytest.mark.parametrize(
    "body",
    [
        "no JSON", "[]", "{}", '{"source": "aws.s3"}', '{"source": "aws.s3", "detail": {"object": 1}}',
        '{"source": "aws.s3", "detail": {"object": {"key": 1}}}', '{"requestContext": "FailRun"}',
        '{"detail": {"input": {"key": "a.csv"}}}', "[" * 100_000,
    ],
)  # fmt: skip
def test_of_anything_else_nobody_knows_where_it_was_going(body: str) -> None:
    found = letter(body)
    assert (found.key, found.function, found.calls, found.about) == (None, None, "unknown", "")
