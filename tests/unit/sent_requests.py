"""What boto3 really sends to S3: its requests are read as the network would, and answered here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse

PIECE_BYTES = 1 << 16


@dataclass(frozen=True)
class Request:
    """A request as it went out; `size` counts the bytes of a file in it."""

    operation: str
    headers: Any
    size: int


@dataclass
class Sent:
    """The requests of a client, in order."""

    requests: list[Request] = field(default_factory=list)

    def answer(self, request: Any, event_name: str, **_: Any) -> AWSResponse:
        """Take a request and answer it."""
        operation = event_name.rpartition(".")[2]
        size, trailer = 0, b""
        if hasattr(request.body, "read"):
            while piece := request.body.read(PIECE_BYTES):
                trailer = (trailer + piece)[-200:]
            size = int(request.headers["X-Amz-Decoded-Content-Length"])
        self.requests.append(Request(operation, request.headers, size))
        headers = {"ETag": '"e"'}
        if found := re.search(rb"x-amz-checksum-crc32:(\S+)", trailer):
            headers["x-amz-checksum-crc32"] = found[1].decode()
        return _Answer(request.url, 200, headers, ANSWERS.get(operation, b""))


ANSWERS = {
    "CreateMultipartUpload": b"<Result><UploadId>u</UploadId></Result>",
    "CompleteMultipartUpload": b"<Result><ETag>e</ETag></Result>",
}


class _Answer(AWSResponse):
    def __init__(self, url: str, status_code: int, headers: dict[str, str], content: bytes) -> None:
        super().__init__(url, status_code, headers, None)  # type: ignore[arg-type]  # any mapping is read
        self._content = content


def real_client(sent: Sent) -> Any:
    """boto3's client of S3, without a network."""
    client: Any = boto3.Session().client(
        "s3", region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="s"
    )
    client.meta.events.register("before-send.s3", sent.answer)
    return client
