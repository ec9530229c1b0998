"""The S3 client of the adapters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.fault.clients import Gate, Pages
from tests.fault.services.refusals import Exceptions, UnsupportedError
from tests.fault.services.s3 import S3

WITH_KEY = ("head_object", "get_object", "put_object")
IN_PARTS = ("create_multipart_upload", "upload_part", "abort_multipart_upload", "complete_multipart_upload")


@dataclass(frozen=True)
class S3Client:
    """The S3 client of the adapters."""

    gate: Gate
    s3: S3
    exceptions = Exceptions

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """Operations on a key, and on an upload in parts."""
        if operation == "get_bucket_versioning":
            return lambda **request: self.gate.call("s3", operation, request, lambda: {"Status": "Enabled"})
        if operation not in (*WITH_KEY, *IN_PARTS):
            raise UnsupportedError(f"s3.{operation}")
        effect = getattr(self.s3, operation)

        def called(**request: Any) -> Any:
            if hasattr(request.get("Body"), "read"):
                request["Body"] = request["Body"].read()  # as the real client, which can send it twice
            return self.gate.call(
                "s3", operation, request, lambda: effect(**request), in_conflict=self._ended(request)
            )

        return called

    def _ended(self, request: Mapping[str, Any]) -> Callable[[], Any]:
        """As S3 does: whose completion meets another writer has to begin its upload again."""
        return lambda: self.s3.uploads.pop(request.get("UploadId", ""), None)

    def list_object_versions(self, **request: Any) -> Any:
        """A page of versions, often a short one."""
        limit = self.gate.part(5, "short page")
        effect = lambda: self.s3.list_object_versions(limit=limit, **request)  # noqa: E731
        return self.gate.call("s3", "list_object_versions", request, effect)

    def upload_file(self, path: str, bucket: str, key: str) -> None:
        """Upload a file."""
        request = {"Bucket": bucket, "Key": key}
        self.gate.call("s3", "upload_file", request, lambda: self.s3.upload_file(path, bucket, key))

    def get_paginator(self, operation: str) -> Pages:
        """The pages of list_objects_v2."""
        if operation != "list_objects_v2":
            raise UnsupportedError(f"pages of s3.{operation}")
        return Pages(self._pages)

    def _pages(self, **request: Any) -> Iterator[dict[str, Any]]:
        more = True
        while more:
            limit = self.gate.part(5, "short page")
            page = self.gate.call(
                "s3",
                "list_objects_v2",
                request,
                lambda: self.s3.list_objects_v2(limit=limit, **request),  # noqa: B023
            )
            yield page
            more = page["IsTruncated"]
            if more:
                request["StartAfter"] = page["Contents"][-1]["Key"]
