"""An index that keeps a list in parts, because one would take every write in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lambdas.adapters.dynamodb import to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, kw_only=True)
class PartedIndex:
    """An index in parts, read from its highest sort value down; the filter is a query's."""

    table: str
    name: str
    part: str
    sort: str
    parts: Sequence[str]
    filter: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)

    def read(self, client: DynamoDBClient, part: str, *, limit: int, after: Any) -> tuple[list[Any], Any]:
        """Items as DynamoDB gives them, at most `limit` evaluated, and where to go on, if anywhere."""
        request: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": self.name,
            "KeyConditionExpression": "#part = :part",
            "ScanIndexForward": False,
            "Limit": limit,
            "ExpressionAttributeNames": {"#part": self.part, **self.names},
            "ExpressionAttributeValues": to_item({":part": part, **self.values}),
        }
        if self.filter:
            request["FilterExpression"] = self.filter
        if after:
            request["ExclusiveStartKey"] = after
        answer = client.query(**request)
        return list(answer["Items"]), answer.get("LastEvaluatedKey")

    def key_of(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Where in the index an item stands."""
        return {name: item[name] for name in ("pk", "sk", self.part, self.sort)}
