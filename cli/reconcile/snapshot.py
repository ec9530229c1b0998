"""The sales table as one strongly consistent scan found it, in a scratch file."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambdas.adapters.dynamodb import Item, from_item, to_item
from lambdas.domain.stored_names import CONTRIBUTION, TOTAL

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SCHEMA = "CREATE TABLE sales (keyhash TEXT, merchant TEXT, currency TEXT, item TEXT)"
TOTALS = ""
"""What totals have in the place of a key hash."""
MOST_KEYS_ASKED_FOR = 100
"""Beyond that everything is taken: DynamoDB allows 300 operators in a filter, and each key takes two."""


@dataclass(frozen=True, kw_only=True)
class MerchantItems:
    """What the sales table holds of a merchant and currency: contributions by key hash, and the total."""

    merchant_id: str
    currency: str
    contributions: dict[str, Item]
    total: Item | None


@dataclass(frozen=True)
class SalesSnapshot:
    """The items of a sales table."""

    file: sqlite3.Connection

    def contributions(self, keyhash: str) -> Iterator[tuple[tuple[str, str], Item]]:
        """What is stored of a key, by merchant and currency."""
        rows = self.file.execute(
            "SELECT merchant, currency, item FROM sales WHERE keyhash = ? ORDER BY merchant, currency",
            [keyhash],
        )
        yield from (((merchant, currency), _item(text)) for merchant, currency, text in rows)

    def keyhashes(self) -> list[str]:
        """The key hashes that contributions name."""
        rows = self.file.execute("SELECT DISTINCT keyhash FROM sales WHERE keyhash <> '' ORDER BY keyhash")
        return [row[0] for row in rows]

    def merchants(self) -> Iterator[MerchantItems]:
        """What is stored, a merchant and currency at a time."""
        rows = self.file.execute(
            "SELECT merchant, currency, keyhash, item FROM sales ORDER BY merchant, currency, keyhash"
        )
        for (merchant, currency), group in itertools.groupby(rows, key=lambda row: (row[0], row[1])):
            items = {keyhash: _item(text) for _, _, keyhash, text in group}
            yield merchant_items(merchant, currency, items)


@contextmanager
def sales_snapshot(
    client: DynamoDBClient, table: str, file: Path, keyhashes: Collection[str] | None = None
) -> Iterator[SalesSnapshot]:
    """Scan the sales table into a file; what is in it can be read inside the block.

    Of a few `keyhashes` DynamoDB sends only their contributions, though it reads (and charges for) the
    whole table; None is everything.
    """
    connection = sqlite3.connect(file)
    try:
        connection.execute(SCHEMA)
        pages = client.get_paginator("scan").paginate(
            TableName=table, ConsistentRead=True, **_filter_of(keyhashes)
        )
        for page in pages:
            connection.executemany("INSERT INTO sales VALUES (?, ?, ?, ?)", _rows(page["Items"]))
        connection.execute("CREATE INDEX by_key ON sales (keyhash, merchant, currency)")
        connection.execute("CREATE INDEX by_merchant ON sales (merchant, currency, keyhash)")
        yield SalesSnapshot(connection)
    finally:
        connection.close()


def merchant_items(merchant_id: str, currency: str, items: dict[str, Item]) -> MerchantItems:
    """What is stored of a merchant and currency, from its items by key hash, the total under `TOTALS`."""
    contributions = {keyhash: item for keyhash, item in items.items() if keyhash != TOTALS}
    return MerchantItems(
        merchant_id=merchant_id, currency=currency, contributions=contributions, total=items.get(TOTALS)
    )


def place_of(sk: str) -> tuple[str, str] | None:
    """The currency and the key hash in a sort key (`TOTALS` for a total); None for any other one."""
    if sk.startswith(TOTAL):
        return sk.removeprefix(TOTAL), TOTALS
    if sk.startswith(CONTRIBUTION):
        currency, _, keyhash = sk.removeprefix(CONTRIBUTION).partition("#")
        return currency, keyhash
    return None


def _filter_of(keyhashes: Collection[str] | None) -> dict[str, Any]:
    """The options of a scan that leave out what isn't of these keys."""
    if not keyhashes or len(keyhashes) > MOST_KEYS_ASKED_FOR:
        return {}
    values = {f":k{number}": f"#{keyhash}" for number, keyhash in enumerate(keyhashes)}
    of_one_of_them = " OR ".join(f"contains(sk, {name})" for name in values)
    return {"FilterExpression": of_one_of_them, "ExpressionAttributeValues": to_item(values)}


def _rows(items: Iterable[Item]) -> Iterator[tuple[str, str, str, str]]:
    for item in items:
        merchant = item["pk"]["S"].partition("#")[2]
        if place := place_of(item["sk"]["S"]):
            yield place[1], merchant, place[0], json.dumps(item)


def _item(text: str) -> Item:
    return from_item(json.loads(text))
