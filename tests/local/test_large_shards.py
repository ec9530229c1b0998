"""Shards that are written in parts, in the engine's S3, by the role of the job that writes them."""

from __future__ import annotations

import threading
from pathlib import Path

import boto3
import pytest

from lambdas.adapters.new_files import UploadSizes
from lambdas.adapters.work_files import WorkFiles
from lambdas.domain.plan import Split
from lambdas.domain.stored_names import shards_object
from local.deployment import STACK
from tests.local.conftest import Deployed
from tests.local.role_probes import Caller

SPLIT = Split(start=0, end=1)
SIZES = UploadSizes(whole_bytes=6 << 20, part_bytes=5 << 20)  # the smallest parts that S3 takes


@pytest.fixture
def work(deployed: Deployed) -> WorkFiles:
    """The work bucket, as ShardOversizeOrders may use it."""
    cloudformation = deployed.session.client("cloudformation")
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=STACK)
    names = [one["PhysicalResourceId"] for page in pages for one in page["StackResourceSummaries"]]
    [role] = [
        name for name in names if "OversizeLaneShardOversizeOrdersRole" in name and "Policy" not in name
    ]
    client = Caller(role, deployed.session, boto3.Session()).client("s3")
    return WorkFiles(client=client, bucket=deployed.outputs["WorkBucketName"], upload_sizes=SIZES)


def test_of_two_jobs_that_write_one_split_s_shards_one_has_written_them(
    deployed: Deployed, work: WorkFiles, tmp_path: Path
) -> None:
    ready, failures = threading.Barrier(2), []

    def job(letter: str) -> None:
        path = tmp_path / letter
        path.write_bytes(letter.encode() * (12 << 20))
        ready.wait()
        try:
            work.put_shards("run", SPLIT, shard_object=path, rejects=None)
        except Exception as e:
            failures.append(e)

    jobs = [threading.Thread(target=job, args=(letter,)) for letter in "ab"]
    for one in jobs:
        one.start()
    for one in jobs:
        one.join()
    assert failures == []

    owner, key = deployed.session.client("s3"), shards_object("run", SPLIT)
    versions = owner.list_object_versions(Bucket=work.bucket, Prefix=key)["Versions"]
    assert [version["Size"] for version in versions] == [12 << 20]
    work.fetch_frame("run", SPLIT, offset=(5 << 20) - 1, length=2, to=tmp_path / "frame")
    assert (tmp_path / "frame").read_bytes() in (b"aa", b"bb")
    assert owner.list_multipart_uploads(Bucket=work.bucket).get("Uploads", []) == []
