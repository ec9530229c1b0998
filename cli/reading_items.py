"""Reading all items of a table, in parallel."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from lambdas.adapters.dynamodb import Item, from_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Row = TypeVar("Row")
SEGMENTS = 8


def scan(
    client: DynamoDBClient,
    table: str,
    *,
    row: Callable[[Item], Row],
    segments: int = SEGMENTS,
    **options: Any,
) -> list[Row]:
    """A row of every item that the options' filter lets through, strongly consistent, in no order."""

    def segment(number: int) -> list[Row]:
        pages = client.get_paginator("scan").paginate(
            TableName=table, Segment=number, TotalSegments=segments, ConsistentRead=True, **options
        )
        return [row(from_item(item)) for page in pages for item in page["Items"]]

    with ThreadPoolExecutor(segments) as workers:
        return list(itertools.chain.from_iterable(workers.map(segment, range(segments))))
