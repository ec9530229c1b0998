"""The errors that the services answer with, in botocore's form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError


class UnsupportedError(Exception):
    """The code under test asked for something that these services don't imitate: imitate it first."""


class TransactionCanceledException(ClientError):  # noqa: N818  botocore's name
    """DynamoDB did none of the actions."""


class TransactionInProgressException(ClientError):  # noqa: N818  botocore's name
    """DynamoDB is at the same transaction."""


class ExecutionDoesNotExist(ClientError):  # noqa: N818  botocore's name
    """Step Functions doesn't know the execution."""


class Exceptions:
    """`client.exceptions` of a botocore client."""

    TransactionCanceledException = TransactionCanceledException
    TransactionInProgressException = TransactionInProgressException
    ExecutionDoesNotExist = ExecutionDoesNotExist


STATUS = {
    "404": 404,
    "NoSuchKey": 404,
    "NoSuchVersion": 404,
    "NoSuchUpload": 404,
    "PreconditionFailed": 412,
    "ConditionalRequestConflict": 409,
    "InvalidRange": 416,
    "SlowDown": 503,
    "InternalError": 500,
    "InternalServerError": 500,
}


def refusal(
    operation: str, code: str, message: str = "", *, kind: type[ClientError] = ClientError
) -> ClientError:
    """A service's error answer; HTTP status 400 where S3 or DynamoDB give no other."""
    answer: Any = {
        "Error": {"Code": code, "Message": message or code},
        "ResponseMetadata": {"HTTPStatusCode": STATUS.get(code, 400)},
    }
    return kind(answer, operation)


def cancelled(codes: Sequence[str]) -> ClientError:
    """A cancelled transaction: one code an action, "None" for those that would have done."""
    error = refusal(
        "TransactWriteItems",
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{', '.join(codes)}]",
        kind=TransactionCanceledException,
    )
    answer: Any = error.response
    answer["CancellationReasons"] = [{"Code": code} for code in codes]
    return error
