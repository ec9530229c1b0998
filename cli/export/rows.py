"""The rows of an export: totals, or sums by month, ordered by merchant id, currency and month."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from cli.months import Months
from cli.reading_items import scan
from cli.reading_sales import COUNTS, MONEY, add, currency_of
from lambdas.adapters.dynamodb import Item
from lambdas.domain.ledger import Amounts
from lambdas.domain.stored_names import merchant_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MERCHANT = merchant_key("")
"""How the partition key of a merchant's items begins."""


class ExportedRow(NamedTuple):
    """One line of the file; rows stand in the order of their fields. `month` is empty in a total."""

    merchant_id: str
    currency: str
    month: str
    amounts: tuple[object, ...]


def total_row(item: Item) -> ExportedRow:
    """The row of a total."""
    amounts = tuple(int(item[name]) for name in COUNTS) + tuple(item[name] for name in MONEY)
    return ExportedRow(item["merchant_id"], item["currency"], "", amounts)


def month_rows(client: DynamoDBClient, table: str, months: Months) -> list[ExportedRow]:
    """The sums over all files by merchant, currency and month, without months that count nothing."""
    pieces = scan(
        client,
        table,
        row=lambda item: _by_month(item, months),
        FilterExpression="attribute_exists(#months)",  # only contributions have them
        ProjectionExpression="pk, sk, #months",
        ExpressionAttributeNames={"#months": "months"},
    )
    sums: dict[tuple[str, str, str], Amounts] = {}
    for piece in pieces:
        for about, amounts in piece:
            sums[about] = add(sums.get(about, Amounts()), amounts)
    return [_row(about, amounts) for about, amounts in sums.items() if amounts != Amounts()]


def _by_month(item: Item, months: Months) -> list[tuple[tuple[str, str, str], Amounts]]:
    merchant_id, currency = str(item["pk"]).removeprefix(MERCHANT), currency_of(item)
    return [
        ((merchant_id, currency, month), Amounts.of(values))
        for month, values in item["months"].items()
        if months[0] <= month <= months[1]
    ]


def _row(about: tuple[str, str, str], amounts: Amounts) -> ExportedRow:
    values = vars(amounts)
    return ExportedRow(*about, tuple(values[name] for name in (*COUNTS, *MONEY)))


def ordered(rows: Iterable[ExportedRow]) -> list[ExportedRow]:
    """By merchant id (code points), currency and month: the same file for the same sums."""
    return sorted(rows, key=lambda row: row[:3])
