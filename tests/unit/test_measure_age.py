"""The age of the oldest order file is that of the oldest execution that goes on."""

from datetime import UTC, datetime, timedelta
from typing import Any

from lambdas.adapters.executions import Executions
from lambdas.measure_age.handler import oldest_seconds

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class StepFunctions:
    """Two pages of executions that go on."""

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
        assert request == {"stateMachineArn": "machine", "statusFilter": "RUNNING"}
        return iter(self.pages)


def age(*pages: list[int]) -> float | None:
    client, work = StepFunctions(*pages), None
    return oldest_seconds(Executions(client, work), "machine", NOW)  # type: ignore[arg-type]


def test_the_oldest_of_all_pages_counts() -> None:
    assert age([5, 70], [900, 800]) == 900


def test_nothing_is_measured_while_nothing_goes_on() -> None:
    assert age([]) is None
