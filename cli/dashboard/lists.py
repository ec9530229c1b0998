"""The two long lists of the dashboard as indexes keep them, and what else it reads in bounded pieces."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from cli.dashboard.index_pages import index_page
from cli.dashboard.parted_index import PartedIndex
from lambdas.adapters.dynamodb import Item, from_item, to_item
from lambdas.domain.stored_names import PARTS, key_item, leaderboard, listing

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RUNS_LOOKED_AT = 100
"""Whose currencies are offered: the leaderboards are kept by currency, and nothing names them all."""
SEARCHED_OF_EACH_PART = 1000


def runs_index(table: str) -> PartedIndex:
    """All runs, the newest first."""
    return PartedIndex(
        table=table, name="runs_by_start", part="listing", sort="started_at",
        parts=[listing(number) for number in range(PARTS)],
    )  # fmt: skip


def leaderboard_index(table: str, currency: str) -> PartedIndex:
    """The totals of a currency that have files, the highest net sales first."""
    return PartedIndex(
        table=table,
        name="leaderboard",
        part="leaderboard",
        sort="net_sales",
        parts=[leaderboard(currency, number) for number in range(PARTS)],
        filter="#files > :none",
        names={"#files": "files"},
        values={":none": 0},
    )


def best_that_contain(
    client: DynamoDBClient, table: str, currency: str, text: str, *, most: int
) -> list[Item]:
    """Those of the best merchants of a currency whose id contains a text, the best first.

    Only the best 1,000 of each of the index's 16 parts are looked at: no index finds a part of an id.
    """
    best = leaderboard_index(table, currency)
    index = dataclasses.replace(
        best, filter=f"{best.filter} AND contains(merchant_id, :text)", values={**best.values, ":text": text}
    )

    def part(name: str) -> list[Item]:
        found, _ = index.read(client, name, limit=SEARCHED_OF_EACH_PART, after=None)
        return list(map(from_item, found))

    with ThreadPoolExecutor(PARTS) as readers:
        items = [item for found in readers.map(part, index.parts) for item in found]
    return sorted(items, key=lambda item: (-item["net_sales"], item["merchant_id"]))[:most]


def newest_currencies(client: DynamoDBClient, table: str) -> list[str]:
    """The currencies of the newest runs."""
    page = index_page(client, runs_index(table), size=RUNS_LOOKED_AT)
    return sorted({code for run in page.items for code in run.get("money", {})})


def runs_of_key(client: DynamoDBClient, table: str, keyhash: str, *, most: int) -> list[Item]:
    """The newest runs of a key, the newest first."""
    answer = client.query(
        TableName=table,
        ConsistentRead=True,
        ScanIndexForward=False,
        Limit=most,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :run)",
        ExpressionAttributeValues=to_item({":pk": key_item(keyhash)["pk"], ":run": "RUN#"}),
    )
    return [from_item(item) for item in answer["Items"]]
