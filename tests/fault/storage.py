"""A world's S3, and the sizes by which the functions write to it."""

from __future__ import annotations

from random import Random

from lambdas.adapters.new_files import S3_SIZES, UploadSizes
from tests.fault.functions import ORDERS, WORK
from tests.fault.services.s3 import S3, Version

LARGEST_REQUEST_BYTES = 1200
"""More than every order file and plan of a world has, less than many shards and results have."""


def storage(random: Random) -> tuple[S3, UploadSizes]:
    """S3 as it is, or so small that shards and results don't fit into one request."""
    buckets: dict[str, dict[str, list[Version]]] = {ORDERS: {}, WORK: {}}
    if random.random() < 0.6:
        return S3(buckets), S3_SIZES
    sizes = UploadSizes(whole_bytes=1000, part_bytes=random.choice([400, 800]))
    return S3(buckets, put_limit_bytes=LARGEST_REQUEST_BYTES, part_least_bytes=5), sizes
