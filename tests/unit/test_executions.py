"""Reasons: what a failed execution's error and cause become for people."""

import json

import pytest

from lambdas.adapters.executions import reason


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
