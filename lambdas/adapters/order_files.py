"""The orders bucket: what a key holds now, and its bytes."""

from __future__ import annotations

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
        """What the key holds now."""
        try:
            head = self.client.head_object(Bucket=self.bucket, Key=key)
        except ClientError as e:
            if is_missing(e):
                return OrderFile(bucket=self.bucket, key=key, version_id=DELETED)
            raise
        return OrderFile(
            bucket=self.bucket,
            key=key,
            version_id=head.get("VersionId", "null"),
            size_bytes=head["ContentLength"],
        )

    def open(self, order_file: OrderFile) -> BinaryIO:
        """The bytes of an order file, to be read once; raises OrderFileError when the version is gone."""
        try:
            answer = self.client.get_object(
                Bucket=order_file.bucket, Key=order_file.key, VersionId=order_file.version_id
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
