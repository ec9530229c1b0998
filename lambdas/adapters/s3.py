"""What S3's errors mean here."""

from __future__ import annotations

from botocore.exceptions import ClientError


def is_missing(error: ClientError) -> bool:
    """Whether S3 says that there is no such object or version."""
    return _code(error) in {"404", "NoSuchKey", "NoSuchVersion", "NotFound"}


def is_there_already(error: ClientError) -> bool:
    """Whether S3 refused to write over an object.

    Not 409: that is another writer in the same moment, who may still fail, so the call has to be tried again.
    """
    return _code(error) in {"412", "PreconditionFailed"}


def is_unknown_upload(error: ClientError) -> bool:
    """Whether S3 knows no such upload in parts: it is completed or aborted."""
    return _code(error) == "NoSuchUpload"


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))
