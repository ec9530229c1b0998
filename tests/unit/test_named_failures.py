"""Failures are told with what was being worked on."""

import io
import json

import pytest
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from lambdas.adapters.named_failures import named_failures
from lambdas.domain.errors import RunError, UnforeseenError


def failing_with(error: Exception) -> tuple[Exception, list[dict[str, object]]]:
    """The error that comes out, and the lines of the log."""
    log = io.StringIO()
    logger = Logger(service=f"named-{id(log)}", stream=log)
    with pytest.raises((UnforeseenError, RunError)) as raised:
        fail(logger, error)
    logger.info("after")
    return raised.value, [json.loads(line) for line in log.getvalue().splitlines()]


def fail(logger: Logger, error: Exception) -> None:
    with named_failures(logger, "partition 00-ff of run r-1", run_id="r-1", partition="00-ff"):
        logger.warning("busy")
        raise error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject"),
            "ClientError: An error occurred (AccessDenied) when calling the PutObject operation: no",
        ),
        (KeyError("x"), "KeyError: 'x'"),
        (OSError(28, "No space left on device"), "OSError: [Errno 28] No space left on device"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), "UnicodeDecodeError: 'utf-8' codec can't"),
    ],
)
def test_an_error_that_nobody_foresaw_names_the_work(error: Exception, said: str) -> None:
    raised, (busy, failed, after) = failing_with(error)
    assert isinstance(raised, UnforeseenError)
    assert str(raised).startswith(f"partition 00-ff of run r-1: {said}")
    assert (failed["level"], failed["reason"]) == ("ERROR", str(raised))
    assert (failed["run_id"], failed["partition"]) == ("r-1", "00-ff")
    assert "Traceback" in str(failed["exception"])
    assert busy["run_id"] == "r-1"
    assert "run_id" not in after


def test_an_error_of_ours_keeps_its_sentence() -> None:
    error = RunError("It is gone.")
    raised, (_, failed, _) = failing_with(error)
    assert raised is error
    assert (failed["reason"], failed["run_id"]) == ("It is gone.", "r-1")
