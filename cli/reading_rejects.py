"""Reading the rejected lines of a run: of several splits, numbered as the lines of the whole file are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.adapters.s3 import is_missing
from lambdas.domain.stored_names import places_object, rejects_folder

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ENDING = ".jsonl"


def read_rejects(s3: S3Client, bucket: str, run_id: str) -> Iterator[dict[str, Any]]:
    """The rejected lines of a run in the order of the file: {line, byte, column, reason, text}."""
    for place in _places(s3, bucket, run_id):
        body = s3.get_object(Bucket=bucket, Key=place["object"])["Body"]
        for line in filter(None, body.iter_lines()):
            reject = json.loads(line)
            reject["line"] += place["lines"]
            reject["byte"] += place["bytes"]
            yield reject


def _places(s3: S3Client, bucket: str, run_id: str) -> Iterator[dict[str, Any]]:
    """The objects that count, and how much text stands before theirs; one object holds all of one split."""
    try:
        body = s3.get_object(Bucket=bucket, Key=places_object(run_id))["Body"]
    except ClientError as e:
        if not is_missing(e):
            raise
    else:
        yield from json.loads(body.read())
        return
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=rejects_folder(run_id)):
        for found in page.get("Contents", []):
            if found["Key"].endswith(ENDING):
                yield {"object": found["Key"], "lines": 0, "bytes": 0}
