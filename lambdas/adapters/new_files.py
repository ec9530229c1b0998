"""Writes a file as an object that isn't there yet: in one request, or in parts where that is too large."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from s3transfer.utils import ReadFileChunk

from lambdas.adapters.s3 import holds_object, is_conflict, is_there_already, is_unknown_upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef


@dataclass(frozen=True, kw_only=True)
class UploadSizes:
    """Up to which size a file goes in one request, and how large the parts of a larger one are.

    S3 takes 5 GB in one request; of an upload at most 10,000 parts, all but the last of 5 MiB or more.
    """

    whole_bytes: int = 4 << 30
    part_bytes: int = 256 << 20

    def requests(self, size_bytes: float) -> int:
        """How many requests a file takes: an upload in parts is also begun and completed."""
        return 1 if size_bytes <= self.whole_bytes else 2 + int(-(-size_bytes // self.part_bytes))


S3_SIZES = UploadSizes()

CONFLICT_PAUSES_SECONDS = (1, 5, 30)
"""S3 refuses a writer while another writes the same object; a job that gave up then would end its run."""


@dataclass(frozen=True, kw_only=True)
class NewFiles:
    """Files that become objects of one bucket, each once."""

    client: S3Client
    bucket: str
    sizes: UploadSizes = S3_SIZES
    sleep: Callable[[float], object] = time.sleep

    def put(self, key: str, path: Path) -> bool:
        """Write a file if there is no such object; False when there is one.

        Several writers may be at it: nothing of an upload in parts is there before it is completed, and it
        is completed on the same condition under which a file is written whole.
        """
        for pause in CONFLICT_PAUSES_SECONDS:
            try:
                return self._put(key, path)
            except ClientError as e:
                if not is_conflict(e):
                    raise
                self.sleep(pause)
            if holds_object(self.client, self.bucket, key):
                return False
        return self._put(key, path)

    def _put(self, key: str, path: Path) -> bool:
        try:
            if path.stat().st_size > self.sizes.whole_bytes:
                self._put_in_parts(key, path)
            else:
                with path.open("rb") as file:
                    self.client.put_object(Bucket=self.bucket, Key=key, Body=file, IfNoneMatch="*")
        except ClientError as e:
            # a completion that boto3 repeats may find its upload done and gone
            done = is_unknown_upload(e) and holds_object(self.client, self.bucket, key)
            if done or is_there_already(e):
                return False
            raise
        return True

    def _put_in_parts(self, key: str, path: Path) -> None:
        begun = self.client.create_multipart_upload(Bucket=self.bucket, Key=key, ChecksumAlgorithm="CRC32")
        upload_id = begun["UploadId"]
        try:
            parts = list(self._put_parts(key, path, upload_id))
            self.client.complete_multipart_upload(
                Bucket=self.bucket,
                Key=key,
                UploadId=upload_id,
                MultipartUpload={"Parts": parts},
                IfNoneMatch="*",
            )
        except Exception:
            self._abort(key, upload_id)
            raise

    def _put_parts(self, key: str, path: Path, upload_id: str) -> Iterator[CompletedPartTypeDef]:
        starts = range(0, path.stat().st_size, self.sizes.part_bytes)
        for number, start in enumerate(starts, start=1):
            with ReadFileChunk.from_filename(str(path), start, self.sizes.part_bytes) as part:
                answer = self.client.upload_part(
                    Bucket=self.bucket,
                    Key=key,
                    UploadId=upload_id,
                    PartNumber=number,
                    Body=part,  # type: ignore[arg-type]  # as boto3 itself sends parts
                    ChecksumAlgorithm="CRC32",
                )
            yield {"PartNumber": number, "ETag": answer["ETag"], "ChecksumCRC32": answer["ChecksumCRC32"]}

    def _abort(self, key: str, upload_id: str) -> None:
        """Give an upload's parts up; S3 may have ended it itself, and a lifecycle rule ends what stays."""
        with contextlib.suppress(BotoCoreError, ClientError):
            self.client.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=upload_id)
