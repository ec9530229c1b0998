"""What the command reads of the sales table: one merchant, the best ones, every total."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from cli.reading_items import scan
from lambdas.adapters.dynamodb import Item, from_item, to_item
from lambdas.domain.ledger import Amounts
from lambdas.domain.stored_names import CONTRIBUTION, PARTS, TOTAL, leaderboard, merchant_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Row = TypeVar("Row")
COUNTS = ("orders", "lines", "units")
MONEY = ("gross_sales", "refunds", "net_sales")


def merchant_items(client: DynamoDBClient, table: str, merchant_id: str) -> tuple[list[Item], list[Item]]:
    """The totals and the contributions of a merchant, strongly consistent, by currency and key hash."""
    pages = client.get_paginator("query").paginate(
        TableName=table,
        ConsistentRead=True,
        KeyConditionExpression="pk = :merchant",
        ExpressionAttributeValues=to_item({":merchant": merchant_key(merchant_id)}),
    )
    items = [from_item(item) for page in pages for item in page["Items"]]
    totals = [item for item in items if item["sk"].startswith(TOTAL)]
    return totals, [item for item in items if item["sk"].startswith(CONTRIBUTION)]


def has_merchant(client: DynamoDBClient, table: str, merchant_id: str) -> bool:
    """Whether anything is stored of a merchant of exactly this id."""
    answer = client.query(
        TableName=table,
        Limit=1,
        KeyConditionExpression="pk = :merchant",
        ExpressionAttributeValues=to_item({":merchant": merchant_key(merchant_id)}),
    )
    return bool(answer["Items"])


def files_of(client: DynamoDBClient, table: str, merchant_id: str, currency: str, *, most: int) -> set[str]:
    """The key hashes of at most so many files that say something about a merchant in a currency."""
    pages = client.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="pk = :merchant AND begins_with(sk, :files)",
        ProjectionExpression="sk",
        ExpressionAttributeValues=to_item(
            {":merchant": merchant_key(merchant_id), ":files": f"{CONTRIBUTION}{currency}#"}
        ),
        PaginationConfig={"MaxItems": most},
    )
    return {keyhash_of(from_item(item)) for page in pages for item in page["Items"]}


def best_merchants(client: DynamoDBClient, table: str, currency: str, count: int) -> list[Item]:
    """The totals with the highest net sales of a currency, the highest first."""

    def part(number: int) -> list[Item]:
        pages = client.get_paginator("query").paginate(
            TableName=table,
            IndexName="leaderboard",
            KeyConditionExpression="leaderboard = :part",
            FilterExpression="#files > :none",
            ExpressionAttributeNames={"#files": "files"},
            ExpressionAttributeValues=to_item({":part": leaderboard(currency, number), ":none": 0}),
            ScanIndexForward=False,
            PaginationConfig={"PageSize": min(max(count, 10), 1000)},
        )
        items: list[Item] = []
        for page in pages:
            items += map(from_item, page["Items"])
            if len(items) >= count:
                break
        return items

    with ThreadPoolExecutor(PARTS) as readers:
        items = [item for found in readers.map(part, range(PARTS)) for item in found]
    return sorted(items, key=lambda item: (-item["net_sales"], item["merchant_id"]))[:count]


def all_totals(client: DynamoDBClient, table: str, row: Callable[[Item], Row]) -> list[Row]:
    """A row of every total that has files, each read as it is, in no order."""
    names = ("merchant_id", "currency", *COUNTS, *MONEY)
    return scan(
        client,
        table,
        row=row,
        FilterExpression="#files > :none",  # contributions have no such attribute
        ProjectionExpression=", ".join(f"#{name}" for name in names),
        ExpressionAttributeNames={"#files": "files"} | {f"#{name}": name for name in names},
        ExpressionAttributeValues=to_item({":none": 0}),
    )


def add(one: Amounts, other: Amounts) -> Amounts:
    """The sum, name by name."""
    nothing = Amounts()
    return one - (nothing - other)


def currency_of(contribution: Item) -> str:
    """The currency in a contribution's sort key."""
    return str(contribution["sk"].split("#")[1])


def keyhash_of(contribution: Item) -> str:
    """The key hash in a contribution's sort key."""
    return str(contribution["sk"].split("#")[2])
