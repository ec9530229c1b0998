"""What S3's errors mean here, and whether an object is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def holds_object(client: S3Client, bucket: str, key: str) -> bool:
    """Whether a bucket holds an object of this key."""
    try:
        client.head_object(Bucket=bucket, Key=key)
    except ClientError as e:
        if is_missing(e):
            return False
        raise
    return True


def is_missing(error: ClientError) -> bool:
    """Whether S3 says that there is no such object or version."""
    return _code(error) in {"404", "NoSuchKey", "NoSuchVersion", "NotFound"}


def is_there_already(error: ClientError) -> bool:
    """Whether S3 refused to write over an object."""
    return _code(error) in {"412", "PreconditionFailed"}


def is_conflict(error: ClientError) -> bool:
    """Whether another one was writing the object in the same moment, and may still fail: try again."""
    return _code(error) in {"409", "ConditionalRequestConflict"}


def is_unknown_upload(error: ClientError) -> bool:
    """Whether S3 knows no such upload in parts: it is completed or aborted."""
    return _code(error) == "NoSuchUpload"


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))
