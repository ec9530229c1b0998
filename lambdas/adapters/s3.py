"""What S3's errors mean here."""

from __future__ import annotations

from botocore.exceptions import ClientError


def is_missing(error: ClientError) -> bool:
    """Whether S3 says that there is no such object or version."""
    return _code(error) in {"404", "NoSuchKey", "NoSuchVersion", "NotFound"}


def is_there_already(error: ClientError) -> bool:
    """Whether S3 refused to write over an object, or another writer was at it in the same moment."""
    return _code(error) in {"412", "PreconditionFailed", "ConditionalRequestConflict"}


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))
