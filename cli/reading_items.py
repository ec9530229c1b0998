"""Reading many items of a table: some by their keys, or all of them in parallel."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from lambdas.adapters.dynamodb import Item, from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Row = TypeVar("Row")
KEYS_AT_ONCE = 100
SEGMENTS = 8
LONGEST_PAUSE_SECONDS = 2.0


def batch_get(client: DynamoDBClient, table: str, keys: Sequence[Item]) -> Iterator[Item]:
    """The items of those keys that have one, strongly consistent, in no order."""
    for first in range(0, len(keys), KEYS_AT_ONCE):
        wanted = [to_item(key) for key in keys[first : first + KEYS_AT_ONCE]]
        request: Any = {table: {"Keys": wanted, "ConsistentRead": True}}
        for attempt in itertools.count():
            answer = client.batch_get_item(RequestItems=request)
            yield from map(from_item, answer["Responses"].get(table, []))
            request = answer.get("UnprocessedKeys")
            if not request:
                break
            time.sleep(min(LONGEST_PAUSE_SECONDS, 0.05 * 2**attempt))


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
