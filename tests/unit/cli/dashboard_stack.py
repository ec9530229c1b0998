"""A deployed stack in memory for the dashboard's pages: tables with their indexes, a bucket, executions."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from cli.deployment import Deployment
from lambdas.adapters.dynamodb import Item, from_item, to_item
from lambdas.domain.ledger import MerchantCurrency
from lambdas.domain.order_file import RunId, key_hash
from lambdas.domain.stored_names import (
    contribution_item,
    key_item,
    leaderboard_of,
    listing_of,
    run_item,
    total_item,
)

SORTED_BY = {
    "runs_by_start": ("listing", "started_at"),
    "leaderboard": ("leaderboard", "net_sales"),
    None: ("pk", "sk"),
}
CHANGED_AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
MOST_EVALUATED = 1000
"""What DynamoDB's 1 MB a read comes to with items of 1 KB."""


@dataclass
class Tables:
    """The two tables; `evaluated` counts the items that queries read, `queries` the queries."""

    items: dict[str, dict[tuple[str, str], Item]] = field(default_factory=dict)
    evaluated: int = 0
    queries: int = 0

    def put(self, table: str, item: Item) -> None:
        """Put an item of plain values."""
        self.items.setdefault(table, {})[item["pk"], item["sk"]] = from_item(to_item(item))

    def get_item(self, *, TableName: str, Key: Any, ConsistentRead: bool) -> Any:  # noqa: N803
        """One item."""
        assert ConsistentRead
        key = from_item(Key)
        item = self.items.get(TableName, {}).get((key["pk"], key["sk"]))
        return {"Item": to_item(item)} if item else {}

    def batch_get_item(self, *, RequestItems: Any) -> Any:  # noqa: N803
        """Items of one table."""
        ((table, wanted),) = RequestItems.items()
        keys = [from_item(key) for key in wanted["Keys"]]
        assert len(keys) <= 100
        found = [self.items.get(table, {}).get((key["pk"], key["sk"])) for key in keys]
        return {"Responses": {table: [to_item(item) for item in found if item]}}

    def get_paginator(self, operation: str) -> Any:
        """The pages of a query."""
        assert operation == "query"
        return SimpleNamespace(paginate=self._pages)

    def _pages(self, *, PaginationConfig: Any = None, **request: Any) -> Iterator[Any]:  # noqa: N803
        config = PaginationConfig or {}
        if "PageSize" in config:
            request["Limit"] = config["PageSize"]
        left = config.get("MaxItems", sys.maxsize)
        while True:
            page = self.query(**request)
            yield page | {"Items": page["Items"][:left]}
            left -= len(page["Items"])
            if "LastEvaluatedKey" not in page or left <= 0:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def query(self, **request: Any) -> Any:
        """A page of a table or an index, as DynamoDB answers: the filter comes after the limit."""
        self.queries += 1
        names = request.get("ExpressionAttributeNames", {})
        values = from_item(request["ExpressionAttributeValues"])
        part, sort = SORTED_BY[request.get("IndexName")]

        def place(item: Item) -> tuple[Any, ...]:
            return item[sort], item["pk"], item["sk"]

        found = [
            item
            for item in self.items.get(request["TableName"], {}).values()
            if sort in item and matches(item, request["KeyConditionExpression"], names, values)
        ]
        down = not request.get("ScanIndexForward", True)
        found.sort(key=place, reverse=down)
        if "ExclusiveStartKey" in request:
            after = place(from_item(request["ExclusiveStartKey"]))
            found = [item for item in found if (place(item) < after if down else place(item) > after)]
        page = found[: min(request.get("Limit", MOST_EVALUATED), MOST_EVALUATED)]
        self.evaluated += len(page)
        last = {name: page[-1][name] for name in {"pk", "sk", part, sort}} if page else {}
        more = {"LastEvaluatedKey": to_item(last)} if len(found) > len(page) else {}
        text = request.get("FilterExpression")
        kept = [item for item in page if text is None or matches(item, text, names, values)]
        return {"Items": [to_item(item) for item in kept], **more}


def matches(item: Item, text: str, names: Mapping[str, str], values: Mapping[str, Any]) -> bool:
    """Whether an item fits a condition such as `pk = :pk AND begins_with(sk, :run)`."""
    for term in text.split(" AND "):
        if call := re.fullmatch(r"(begins_with|contains)\((\S+), (\S+)\)", term):
            value, wanted = item[names.get(call[2], call[2])], values[call[3]]
            fits = value.startswith(wanted) if call[1] == "begins_with" else wanted in value
        else:
            name, operator, given = term.split(" ")
            value = item.get(names.get(name, name))
            fits = value == values[given] if operator == "=" else value is not None and value > values[given]
        if not fits:
            return False
    return True


@dataclass
class Bucket:
    """Objects by key, whatever the bucket."""

    objects: dict[str, bytes] = field(default_factory=dict)
    version_id: str = "v1"

    def get_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: ARG002, N803
        """An object's body."""
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        body = self.objects[Key]
        return {"Body": StreamingBody(io.BytesIO(body), len(body))}

    def head_object(self, *, Bucket: str, Key: str, **_: Any) -> Any:  # noqa: ARG002, N803
        """What is known of an object."""
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "404"}}, "HeadObject")
        version = {"VersionId": self.version_id, "LastModified": CHANGED_AT}
        return {"ContentLength": len(self.objects[Key])} | version

    def get_paginator(self, operation: str) -> Any:
        """Lists objects."""
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[Any]:  # noqa: ARG002, N803
        """One page of the objects whose keys begin so."""
        yield {"Contents": [{"Key": key} for key in sorted(self.objects) if key.startswith(Prefix)]}


@dataclass
class Executions:
    """What was started."""

    inputs: list[str] = field(default_factory=list)

    def start_execution(self, *, stateMachineArn: str, input: str) -> Any:  # noqa: A002, N803
        """Note an execution's input."""
        self.inputs.append(input)
        return {"executionArn": f"{stateMachineArn}:look-{len(self.inputs)}"}


@dataclass
class Stack:
    """The deployed stack."""

    tables: Tables = field(default_factory=Tables)
    bucket: Bucket = field(default_factory=Bucket)
    executions: Executions = field(default_factory=Executions)
    region_name: str = "eu-west-1"

    def client(self, service: str, **_: Any) -> Any:
        """A client of a service."""
        return {"dynamodb": self.tables, "s3": self.bucket, "stepfunctions": self.executions}[service]

    def deployment(self) -> Deployment:
        """It as the command knows it."""
        outputs = {
            "OrdersBucketName": "orders", "WorkBucketName": "work", "SalesTableName": "sales",
            "RunsTableName": "runs", "StateMachineArn": "arn:aws:states:eu-west-1:1:execution:SalesRun",
        }  # fmt: skip
        return Deployment(
            session=self, stack="Memory", where="a stack in memory", outputs=outputs, local=False
        )


def sums(net: str) -> Item:
    """Amounts whose net sales are these."""
    counts = dict.fromkeys(("orders", "lines", "units"), 1)
    return counts | {"gross_sales": Decimal(net), "refunds": Decimal(0), "net_sales": Decimal(net)}


def put_run(stack: Stack, key: str, **values: object) -> str:
    """Put a run that counted two of its three lines, unless the values say otherwise; its id."""
    run_id = RunId(key_hash("orders", key), 1)
    item: Item = {
        "run_id": str(run_id), "object_key": key, "version_id": "v1", "status": "SUCCEEDED", "size_bytes": 10,
        "started_at": "2026-01-02T03:04:05.000Z", "sharded_at": "2026-01-02T03:04:06.000Z",
        "ended_at": "2026-01-02T03:04:07.500Z", "listing": listing_of(run_id.keyhash), "splits": 1,
        "partitions": 1, "execution": "arn:aws:states:eu-west-1:1:execution:SalesRun:x",
        "counts": {"lines": 3, "rejected": 1, "duplicates": 0, "ignored": 0, "counted": 2},
        "money": {"USD": {name: Decimal("12345678901234567.0001") for name in ("accepted", "counted")}},
        "reject_reasons": {"The merchant is blank.": 1},
    } | values  # fmt: skip
    stack.tables.put("runs", run_item(run_id) | item)
    key_values = {"object_key": key, "looks": 1, "revision": 1, "status": item["status"]}
    key_values |= {"version_id": item["version_id"]}
    stack.tables.put("runs", key_item(run_id.keyhash) | key_values | {"fence": 1})
    return str(run_id)


def put_total(stack: Stack, merchant: str, net: str, *, files: int = 1, currency: str = "USD") -> None:
    """Put a merchant's total."""
    about = MerchantCurrency(merchant, currency)
    named = {"merchant_id": merchant, "currency": currency, "leaderboard": leaderboard_of(about)}
    moment = {"updated_at": "2026-01-02T03:04:05.000Z", "files": files}
    stack.tables.put("sales", total_item(about) | named | moment | sums(net))


def put_contribution(stack: Stack, merchant: str, key: str, months: dict[str, str]) -> None:
    """Put what a file says about a merchant: net sales by month."""
    keyhash = key_hash("orders", key)
    about = {"object_key": key, "revision": 1, "run_id": str(RunId(keyhash, 1))}
    by_month = {month: sums(net) for month, net in months.items()}
    whole = sums(str(sum(map(Decimal, months.values()))))
    item = contribution_item(MerchantCurrency(merchant, "USD"), keyhash)
    stack.tables.put("sales", item | about | whole | {"months": by_month})
