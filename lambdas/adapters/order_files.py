"""The orders bucket: what a key holds now, and its bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from botocore.exceptions import ClientError

from lambdas.adapters.s3 import is_missing
from lambdas.domain.errors import OrderFileError
from lambdas.domain.order_file import DELETED, OrderFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class OrderFiles:
    """The order files of one bucket."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        """Take the S3 client and the bucket's name."""
        self.client, self.bucket = client, bucket

    def present(self, key: str) -> OrderFile:
        """What the key holds now; raises OrderFileError where the bucket keeps no versions."""
        try:
            head = self.client.head_object(Bucket=self.bucket, Key=key)
        except ClientError as e:
            if is_missing(e):
                return OrderFile(bucket=self.bucket, key=key, version_id=DELETED)
            raise
        version_id = head.get("VersionId", "null")
        if version_id == "null":
            self.require_versions()  # else it is of the time before the bucket kept versions
        return OrderFile(
            bucket=self.bucket,
            key=key,
            version_id=version_id,
            size_bytes=head["ContentLength"],
        )

    def require_versions(self) -> None:
        """Raise OrderFileError unless the bucket keeps versions, so that each file has an id of its own."""
        status = self.client.get_bucket_versioning(Bucket=self.bucket).get("Status", "never switched on")
        if status != "Enabled":
            raise OrderFileError(
                f"The orders bucket {self.bucket} keeps no versions ({status}), so a file could change while "
                "it is read, and a replaced one looks like the old one: switch versioning on, then "
                "`merchant-sales replay` what was uploaded meanwhile."
            )

    def open(self, order_file: OrderFile, start: int = 0, end: int | None = None) -> BinaryIO:
        """The bytes of an order file, to be read once; raises OrderFileError when the version is gone."""
        part: dict[str, str] = {} if (start, end) == (0, None) else {"Range": _range(start, end)}
        try:
            answer = self.client.get_object(
                Bucket=order_file.bucket,
                Key=order_file.key,
                VersionId=order_file.version_id,
                **part,  # type: ignore[arg-type]
            )
        except ClientError as e:
            if is_missing(e):
                raise OrderFileError(
                    f"Version {order_file.version_id} of {order_file.key!r} was removed before it was read. "
                    f"What the key holds now has a run of its own; if not: `merchant-sales replay "
                    f"{order_file.key}`."
                ) from e
            raise
        return cast(BinaryIO, answer["Body"])


@dataclass(frozen=True)
class StoredBytes:
    """The bytes of one version of an order file, read from the bucket by ranges."""

    order_files: OrderFiles
    order_file: OrderFile

    @property
    def size_bytes(self) -> int:
        """The size of the version."""
        return self.order_file.size_bytes

    def open(self, start: int = 0, end: int | None = None) -> BinaryIO:
        """The bytes from `start` up to `end` or the end of the file."""
        return self.order_files.open(self.order_file, start, end)


def _range(start: int, end: int | None) -> str:
    return f"bytes={start}-{'' if end is None else end - 1}"
