"""Failures are told with what was being worked on."""

import io
import json

import pytest
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from lambdas.adapters.named_failures import named_failures
from lambdas.domain.errors import RunError


def failing_with(error: Exception) -> tuple[str, list[dict[str, object]]]:
    """The message of the error that comes out, and the lines of the log."""
    log = io.StringIO()
    logger = Logger(service=f"named-{id(log)}", stream=log)
    with pytest.raises(type(error)) as raised:
        fail(logger, error)
    logger.info("after")
    return str(raised.value), [json.loads(line) for line in log.getvalue().splitlines()]


def fail(logger: Logger, error: Exception) -> None:
    with named_failures(logger, "partition 00-ff of run r-1", run_id="r-1", part="00-ff"):
        logger.warning("busy")
        raise error


@pytest.mark.parametrize(
    "error",
    [ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject"), KeyError("x")],
)
def test_an_error_that_nobody_foresaw_names_the_work(error: Exception) -> None:
    said = str(error)
    message, (busy, failed, after) = failing_with(error)
    assert f"partition 00-ff of run r-1: {said}".strip("'") in message
    assert (failed["level"], failed["reason"], failed["run_id"], failed["part"]) == (
        "ERROR",
        said,
        "r-1",
        "00-ff",
    )
    assert busy["run_id"] == "r-1"
    assert "run_id" not in after


def test_an_error_of_ours_keeps_its_sentence() -> None:
    message, (_, failed, _) = failing_with(RunError("It is gone."))
    assert message == "It is gone."
    assert (failed["reason"], failed["run_id"]) == ("It is gone.", "r-1")
