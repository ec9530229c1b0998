"""Reasons: what a failed execution's error and cause become for people."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdas.adapters.executions import Executions, reason
from lambdas.fail_run.handler import key_of


def cause(kind: str, message: str) -> str:
    return json.dumps({"errorType": kind, "errorMessage": message, "stackTrace": ["line 1"]})


@pytest.mark.parametrize(
    ("status", "error", "cause", "told"),
    [
        ("FAILED", "OrderFileError", cause("OrderFileError", "The file is empty."), "The file is empty."),
        ("FAILED", "RunError", cause("RunError", "A partition is missing."), "A partition is missing."),
        ("FAILED", "KeyError", cause("KeyError", "'x'"), "A step failed unexpectedly (KeyError: 'x')."),
        (
            "FAILED",
            "UnforeseenError",
            cause("UnforeseenError", "split 1 of run r: KeyError: 'x'"),
            "A step failed unexpectedly (split 1 of run r: KeyError: 'x').",
        ),
        (
            "FAILED",
            "Sandbox.Timedout",
            cause("Sandbox.Timedout", "after 900 s"),
            "longer than its time limit (after",
        ),
        ("TIMED_OUT", "", "", "A step took longer than its time limit"),
        ("ABORTED", "", "", "stopped by hand"),
        ("FAILED", "LaneNotAvailable", "This lane comes later.", "LaneNotAvailable: This lane comes later."),
        ("FAILED", "", "", "no error was given"),
    ],
)
def test_a_reason_is_a_sentence(status: str, error: str, cause: str, told: str) -> None:
    assert told in reason(status, error, cause)


NOW = datetime(2026, 1, 1, tzinfo=UTC)


class StepFunctions:
    """Pages of executions that go on."""

    def __init__(self, *ages_seconds: list[int]) -> None:
        self.pages = [
            {"executions": [{"startDate": NOW - timedelta(seconds=age)} for age in ages]}
            for ages in ages_seconds
        ]

    def get_paginator(self, operation: str) -> Any:
        """The pages of list_executions."""
        assert operation == "list_executions"
        return self

    def paginate(self, **request: Any) -> Any:
        """Only of those that go on."""
        about = {"stateMachineArn": "machine", "statusFilter": "RUNNING"}
        assert request == about | {"PaginationConfig": {"PageSize": 1000}}
        return iter(self.pages)


@pytest.mark.parametrize(("pages", "oldest"), [([[5, 70], [900, 800]], 900), ([[]], None)])
def test_the_oldest_execution_of_all_pages_is_found(pages: list[list[int]], oldest: int | None) -> None:
    work: Any = None
    client: Any = StepFunctions(*pages)
    found = Executions(client, work).oldest_running("machine")
    assert found == (oldest and NOW - timedelta(seconds=oldest))


class GoneError(Exception):
    """Step Functions' ExecutionDoesNotExist."""


class Described:
    """Step Functions, of which one execution can be asked."""

    class exceptions:  # noqa: N801  boto3's name
        """The errors of the client."""

        ExecutionDoesNotExist = GoneError

    def describe_execution(self, executionArn: str) -> dict[str, str]:  # noqa: N803  boto3's name
        """Its input."""
        if executionArn != "known":
            raise GoneError
        return {"input": '{"key": "b.csv", "replay": false}'}


@pytest.mark.parametrize(
    ("detail", "key"),
    [
        ({"executionArn": "gone", "input": '{"key": "a.csv"}'}, "a.csv"),
        ({"executionArn": "known", "input": None}, "b.csv"),
        ({"executionArn": "known"}, "b.csv"),
        ({"executionArn": "gone", "input": None}, None),
        ({"executionArn": "known", "input": "{}"}, None),
    ],
    ids=["in the event", "kept back", "left out", "gone", "by hand"],
)
def test_the_key_of_a_broken_execution_is_found(detail: dict[str, Any], key: str | None) -> None:
    work: Any = None
    client: Any = Described()
    assert key_of(detail, Executions(client, work)) == key
