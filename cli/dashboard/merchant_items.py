"""What the sales table holds of one merchant, as much as a page can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.adapters.dynamodb import Item, from_item, to_item
from lambdas.domain.stored_names import CONTRIBUTION, TOTAL, merchant_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_CONTRIBUTIONS, MOST_READS = 2000, 20
"""Of one merchant; DynamoDB answers a read with up to 1 MB."""


@dataclass(frozen=True, kw_only=True)
class MerchantItems:
    """The totals and the contributions of a merchant; without `complete` there are more contributions."""

    totals: list[Item]
    contributions: list[Item]
    complete: bool


def merchant_items(client: DynamoDBClient, table: str, merchant_id: str) -> MerchantItems:
    """All totals and up to 2,000 contributions of a merchant, strongly consistent."""
    totals, _ = _beginning_with(client, table, merchant_id, TOTAL)
    contributions, complete = _beginning_with(client, table, merchant_id, CONTRIBUTION)
    return MerchantItems(totals=totals, contributions=contributions, complete=complete)


def _beginning_with(
    client: DynamoDBClient, table: str, merchant_id: str, prefix: str
) -> tuple[list[Item], bool]:
    """The items whose sort keys begin so, and whether these are all."""
    pk = merchant_key(merchant_id)
    items: list[Item] = []
    request: dict[str, Any] = {
        "TableName": table,
        "ConsistentRead": True,
        "KeyConditionExpression": "pk = :merchant AND begins_with(sk, :prefix)",
        "ExpressionAttributeValues": to_item({":merchant": pk, ":prefix": prefix}),
    }
    for _ in range(MOST_READS):
        answer = client.query(**request, Limit=MOST_CONTRIBUTIONS - len(items))
        items += map(from_item, answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return items, True
        if len(items) == MOST_CONTRIBUTIONS:
            break
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
    return items, False
