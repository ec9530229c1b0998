"""The work bucket: plans, shards, results and rejects of runs, under the names that everything else uses."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from lambdas.adapters.new_files import S3_SIZES, NewFiles, UploadSizes
from lambdas.adapters.s3 import holds_object, is_missing, is_there_already
from lambdas.domain.errors import RunError
from lambdas.domain.frame_list import Frame, frames_in, place_of_parts, place_of_places
from lambdas.domain.job_failure import JobFailure
from lambdas.domain.partitions import HashRange
from lambdas.domain.plan import Plan, Split
from lambdas.domain.shard_index import ShardIndex, ShardIndexTailError, read_shard_index
from lambdas.domain.stored_names import (
    RESULTS,
    done_object,
    frames_object,
    job_failure_object,
    job_failures,
    partitions_object,
    places_object,
    plan_object,
    rejects_object,
    results_folder,
    results_object,
    shards_object,
    splits_object,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

COPY_BYTES = 1 << 20
INDEX_TAIL_BYTES = 64 << 10
"""How much of a shard object's end is read at once for its index."""

FRAME_READERS = 8
"""Frames that a sales worker reads at once: fewer than the connections that a client keeps."""


@dataclass(frozen=True, kw_only=True)
class WorkFiles:
    """The objects of runs in one bucket."""

    client: S3Client
    bucket: str
    upload_sizes: UploadSizes = S3_SIZES
    sleep: Callable[[float], object] = time.sleep

    def put_plan(self, plan: Plan) -> Plan:
        """Write the plan if there is none; answers with the one that is there."""
        if self._put_new(plan_object(plan.run_id), plan.to_json().encode()):
            return plan
        return self.plan(plan.run_id)

    def plan(self, run_id: str) -> Plan:
        """The plan of a run."""
        return Plan.from_json(self._get(plan_object(run_id)).decode())

    def put_splits(self, run_id: str, numbers: Iterable[int], *, begin_inside: bool = False) -> str:
        """Write the list of splits that sharding fans out over; answers with the object's key."""
        key = splits_object(run_id, begin_inside=begin_inside)
        lines = [json.dumps({"split": number, "begins_inside": begin_inside}) for number in numbers]
        self.client.put_object(Bucket=self.bucket, Key=key, Body="\n".join(lines).encode())
        return key

    def put_shards(
        self,
        run_id: str,
        split: Split,
        *,
        shard_object: Path,
        rejects: Path | None,
        begins_inside: bool = False,
    ) -> None:
        """Write a split's rejects, if there are any, then its shards, unless an earlier attempt has."""
        if rejects:
            key = rejects_object(run_id, split, begins_inside=begins_inside)
            self.client.upload_file(str(rejects), self.bucket, key)
        self._new_files.put(shards_object(run_id, split, begins_inside=begins_inside), shard_object)

    def shard_index(self, run_id: str, split: Split, *, begins_inside: bool = False) -> ShardIndex:
        """What a split held, and where the frame of each partition is."""
        key = shards_object(run_id, split, begins_inside=begins_inside)
        try:
            return read_shard_index(self._get(key, Range=f"bytes=-{INDEX_TAIL_BYTES}"))
        except ShardIndexTailError as e:
            return read_shard_index(self._get(key, Range=f"bytes=-{e.needed_bytes}"))

    def has_shards(self, run_id: str, split: Split, *, begins_inside: bool) -> bool:
        """Whether a split has been sharded."""
        key = shards_object(run_id, split, begins_inside=begins_inside)
        return holds_object(self.client, self.bucket, key)

    def put_frame_list(self, run_id: str, frames: bytes) -> None:
        """Write the list of frames by partition."""
        self.client.put_object(Bucket=self.bucket, Key=frames_object(run_id), Body=frames)

    def frames(self, run_id: str, partitions: range) -> list[Frame]:
        """The frames of neighbouring partitions, by the list."""
        key = frames_object(run_id)
        places = self._get(key, Range=_range(*place_of_places(partitions)))
        return frames_in(places, self._get(key, Range=_range(*place_of_parts(places))))

    def put_places(self, run_id: str, places: Sequence[Mapping[str, Any]]) -> None:
        """Write which rejects objects count, {object, lines, bytes}: how much text stands before theirs."""
        body = json.dumps(list(places)).encode()
        self.client.put_object(Bucket=self.bucket, Key=places_object(run_id), Body=body)

    def fetch_frame(
        self, run_id: str, split: Split, *, offset: int, length: int, to: Path, begins_inside: bool = False
    ) -> None:
        """Copy one frame of a split's shards into a file."""
        with to.open("wb") as file:
            key = shards_object(run_id, split, begins_inside=begins_inside)
            frame = self._open(key, Range=_range(offset, length))
            shutil.copyfileobj(frame, file, COPY_BYTES)

    def put_partitions(self, run_id: str, ranges: Sequence[HashRange]) -> None:
        """Write the list that the fan-out reads, one JSON object a line."""
        lines = [json.dumps(range_to_json(part)) + "\n" for part in ranges]
        self.client.put_object(
            Bucket=self.bucket, Key=partitions_object(run_id), Body="".join(lines).encode()
        )

    def put_results(self, run_id: str, part: HashRange, results: Path) -> bool:
        """Write a partition's results ahead of its commit; False when they are there already."""
        return self._new_files.put(results_object(run_id, part), results)

    def fetch_results(self, run_id: str, part: HashRange, to: Path) -> bool:
        """Copy a partition's results into a file; False when there are none."""
        try:
            found = self._open_any(results_object(run_id, part))
        except ClientError as e:
            if is_missing(e):
                return False
            raise
        with to.open("wb") as file:
            shutil.copyfileobj(found, file, COPY_BYTES)
        return True

    def results_of(self, run_id: str) -> Iterator[HashRange]:
        """The partitions of a run whose results are there."""
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=results_folder(run_id)
        )
        for page in pages:
            for found in page.get("Contents", []):
                name = found["Key"].removeprefix(results_folder(run_id))
                if name.endswith(RESULTS):
                    yield HashRange.of_name(name.removesuffix(RESULTS))

    def put_done(self, run_id: str, part: HashRange, values: dict[str, Any]) -> None:
        """Write that a partition is done, with its counts."""
        key = done_object(run_id, part)
        self.client.put_object(Bucket=self.bucket, Key=key, Body=json.dumps(values).encode())

    def done(self, run_id: str, part: HashRange) -> dict[str, Any] | None:
        """What a partition that is done has written, or None."""
        try:
            values: dict[str, Any] = json.loads(self._open_any(done_object(run_id, part)).read())
        except ClientError as e:
            if is_missing(e):
                return None
            raise
        return values

    def put_job_failure(self, run_id: str, job_id: str, failure: JobFailure) -> None:
        """Write why a Batch job failed."""
        key = job_failure_object(run_id, job_id)
        self.client.put_object(Bucket=self.bucket, Key=key, Body=failure.to_json().encode())

    def job_failure(self, run_id: str, job_id: str) -> JobFailure | None:
        """Why a Batch job failed, or one of an array's children; None where none has said it."""
        prefix = job_failures(run_id, job_id)
        found = self.client.list_objects_v2(Bucket=self.bucket, Prefix=prefix, MaxKeys=1).get("Contents", [])
        return JobFailure.from_json(self._get(found[0]["Key"]).decode()) if found else None

    @property
    def _new_files(self) -> NewFiles:
        return NewFiles(client=self.client, bucket=self.bucket, sizes=self.upload_sizes, sleep=self.sleep)

    def _put_new(self, key: str, body: bytes) -> bool:
        try:
            self.client.put_object(Bucket=self.bucket, Key=key, Body=body, IfNoneMatch="*")
        except ClientError as e:
            if is_there_already(e):
                return False
            raise
        return True

    def _get(self, key: str, **options: str) -> bytes:
        return self._open(key, **options).read()

    def _open(self, key: str, **options: str) -> StreamingBody:
        try:
            return self._open_any(key, **options)
        except ClientError as e:
            if is_missing(e):
                raise RunError(
                    f"The run's file {key} is not in the work bucket (the files of a run expire after some "
                    "days). Start a new run of the key with `merchant-sales replay`."
                ) from e
            raise

    def _open_any(self, key: str, **options: str) -> StreamingBody:
        return self.client.get_object(Bucket=self.bucket, Key=key, **options)["Body"]  # type: ignore[arg-type]


def _range(first: int, length: int) -> str:
    return f"bytes={first}-{first + length - 1}"


def range_to_json(part: HashRange) -> dict[str, str]:
    """A range as states and lists hold it: first and last hash as 8 hex digits."""
    return dict(zip(("lo", "hi"), part.name.split("-"), strict=True))


def range_from_json(values: dict[str, str]) -> HashRange:
    """The range of `range_to_json`."""
    return HashRange.of_name(f"{values['lo']}-{values['hi']}")
