"""Reasons: what a failed execution's error and cause become for people."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdas.adapters.executions import Executions, reason


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
