"""Files that become objects, each once: whole or in parts, whoever else writes them, however large."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from lambdas.adapters.new_files import CONFLICT_PAUSES_SECONDS, S3_SIZES, NewFiles, UploadSizes
from tests.fault.services.refusals import refusal
from tests.fault.services.s3 import S3
from tests.unit.sent_requests import Sent, real_client

SMALL = UploadSizes(whole_bytes=10, part_bytes=4)
KEY = "runs/1/shards/0-9.frames"


class Client(S3):
    """S3 whose bodies are files, and to which something happens at some of the calls."""

    def __init__(self) -> None:
        """Nothing yet, and limits that a few bytes reach."""
        super().__init__({"work": {}}, put_limit_bytes=12, part_least_bytes=4)
        self.called: list[str] = []
        self.before: dict[str, Callable[[], object]] = {}
        self.after: dict[str, Callable[[], object]] = {}

    def __getattribute__(self, name: str) -> Any:
        """An operation with what happens before and after it, or anything else."""
        found = super().__getattribute__(name)
        if not name.endswith(("_object", "_upload", "_part")) or name.startswith("_"):
            return found

        def called(**request: Any) -> Any:
            self.called.append(name)
            if hasattr(request.get("Body"), "read"):
                request["Body"] = request["Body"].read()
            self.before.pop(name, lambda: None)()
            answer = found(**request)
            self.after.pop(name, lambda: None)()
            return answer

        return called

    @property
    def bodies(self) -> list[bytes | None]:
        """What was written, the newest last."""
        return [version.body for version in self.buckets["work"].get(KEY, [])]


def file_of(folder: Path, text: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(text)
    return path


def no_pause(_: float) -> None:
    raise AssertionError("nothing is to be waited for")


def put(
    client: Any, path: Path, sizes: UploadSizes = SMALL, sleep: Callable[[float], object] = no_pause
) -> bool:
    return NewFiles(client=client, bucket="work", sizes=sizes, sleep=sleep).put(KEY, path)


def fails(error: Exception) -> Callable[[], object]:
    def raises() -> object:
        raise error

    return raises


@pytest.mark.parametrize(("size", "calls"), [(0, 1), (10, 1), (11, 5), (12, 5), (13, 6)])
def test_a_file_is_written_whole_or_in_parts_by_its_size(tmp_path: Path, size: int, calls: int) -> None:
    client, text = Client(), bytes(range(size))
    assert put(client, file_of(tmp_path, text))
    assert client.bodies == [text]
    assert len(client.called) == calls == SMALL.requests(size)
    assert client.uploads == {}


@pytest.mark.parametrize("text", [b"short", b"longer than ten"])
def test_what_is_there_stays_and_nothing_is_left_of_the_attempt(tmp_path: Path, text: bytes) -> None:
    client = Client()
    client.put_object(Bucket="work", Key=KEY, Body=b"first")
    assert not put(client, file_of(tmp_path, text))
    assert client.bodies == [b"first"]
    assert client.uploads == {}


def test_of_two_writers_the_one_that_completes_first_has_written_it(tmp_path: Path) -> None:
    client, path = Client(), file_of(tmp_path, b"longer than ten")
    other = tmp_path / "other"
    other.write_bytes(b"of the other one")
    outcomes = []
    client.before["complete_multipart_upload"] = lambda: outcomes.append(put(client, other))
    outcomes.append(put(client, path))
    assert outcomes == [True, False]
    assert client.bodies == [b"of the other one"]
    assert client.uploads == {}


@pytest.mark.parametrize("text", [b"short", b"longer than ten"])
def test_a_conflict_is_waited_out(tmp_path: Path, text: bytes) -> None:
    client, path = Client(), file_of(tmp_path, text)
    pauses: list[float] = []
    operation = "put_object" if len(text) <= SMALL.whole_bytes else "complete_multipart_upload"

    def conflict() -> None:  # S3 ends the upload
        client.uploads.clear()
        raise refusal(operation, "ConditionalRequestConflict")

    client.before[operation] = conflict
    assert put(client, path, sleep=pauses.append)
    assert client.bodies == [text]
    assert pauses == [1]
    assert client.uploads == {}


def test_of_two_writers_in_conflict_the_other_one_may_have_written_it(tmp_path: Path) -> None:
    client, path = Client(), file_of(tmp_path, b"short")
    client.before["put_object"] = fails(refusal("PutObject", "ConditionalRequestConflict"))

    def other_writes(_: float) -> None:
        client.put_object(Bucket="work", Key=KEY, Body=b"other", IfNoneMatch="*")

    assert not put(client, path, sleep=other_writes)
    assert client.bodies == [b"other"]
    assert client.called == ["put_object", "put_object", "head_object"]  # the other's, and no upload more


def test_a_conflict_without_end_is_an_error(tmp_path: Path) -> None:
    client, path = Client(), file_of(tmp_path, b"longer than ten")
    pauses: list[float] = []
    conflict = fails(refusal("CompleteMultipartUpload", "ConditionalRequestConflict"))
    client.before["complete_multipart_upload"] = conflict

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        client.before["complete_multipart_upload"] = conflict

    with pytest.raises(ClientError, match="ConditionalRequestConflict"):
        put(client, path, sleep=pause)
    assert pauses == [*CONFLICT_PAUSES_SECONDS]
    assert (client.bodies, client.uploads) == ([], {})


def test_a_completion_that_is_repeated_finds_its_own_object(tmp_path: Path) -> None:
    client, path = Client(), file_of(tmp_path, b"longer than ten")
    client.after["complete_multipart_upload"] = fails(refusal("CompleteMultipartUpload", "NoSuchUpload"))
    assert not put(client, path)
    assert client.bodies == [path.read_bytes()]


def test_an_upload_that_somebody_ended_is_an_error(tmp_path: Path) -> None:
    client, path = Client(), file_of(tmp_path, b"longer than ten")
    client.before["complete_multipart_upload"] = lambda: client.uploads.clear()
    with pytest.raises(ClientError, match="NoSuchUpload"):
        put(client, path)
    assert client.bodies == []


@pytest.mark.parametrize("operation", ["upload_part", "complete_multipart_upload"])
def test_an_upload_that_fails_is_aborted(tmp_path: Path, operation: str) -> None:
    client, path = Client(), file_of(tmp_path, b"longer than ten")
    client.before[operation] = fails(ReadTimeoutError(endpoint_url="https://s3"))
    with pytest.raises(ReadTimeoutError):
        put(client, path)
    assert client.called[-1] == "abort_multipart_upload"
    assert (client.bodies, client.uploads) == ([], {})


def test_what_an_abort_says_hides_no_failure(tmp_path: Path) -> None:
    client, path = Client(), file_of(tmp_path, b"longer than ten")
    client.before["upload_part"] = fails(ReadTimeoutError(endpoint_url="https://s3"))
    client.before["abort_multipart_upload"] = fails(refusal("AbortMultipartUpload", "AccessDenied"))
    with pytest.raises(ReadTimeoutError):
        put(client, path)


def test_the_sizes_are_those_that_s3_takes() -> None:
    assert S3_SIZES.whole_bytes < 5 * 10**9
    assert S3_SIZES.part_bytes >= 5 << 20
    largest_disk_bytes = 200 << 30
    assert S3_SIZES.requests(largest_disk_bytes) - 2 <= 10_000
    assert S3_SIZES.requests(S3_SIZES.whole_bytes) == 1
    assert S3_SIZES.requests(S3_SIZES.whole_bytes + 1) == 2 + 17


@pytest.mark.parametrize(
    ("sizes", "operations"),
    [
        (UploadSizes(whole_bytes=1 << 27, part_bytes=1 << 25), ["PutObject"]),
        (
            UploadSizes(whole_bytes=1 << 25, part_bytes=1 << 25),
            ["CreateMultipartUpload", "UploadPart", "UploadPart", "CompleteMultipartUpload"],
        ),
    ],
    ids=["whole", "in parts"],
)
def test_boto3_sends_it_in_pieces_however_large_it_is(
    tmp_path: Path, sizes: UploadSizes, operations: list[str]
) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate((1 << 26) - 5)
    sent = Sent()
    client = real_client(sent)
    tracemalloc.start()
    try:
        assert put(client, path, sizes)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [request.operation for request in sent.requests] == operations
    assert sum(request.size for request in sent.requests) == path.stat().st_size
    assert peak < 8 << 20, f"{peak} bytes held at once"
    assert sent.requests[-1].headers["If-None-Match"] == b"*"
    assert all("If-None-Match" not in request.headers for request in sent.requests[:-1])
