"""The books as a test keeps them: what the sales table holds, and what a plain pass over the lines gives."""

from __future__ import annotations

import csv
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from lambdas.adapters.dynamodb import Item, from_item, get_item, to_item
from lambdas.adapters.runs_table import RUNNING
from lambdas.domain.ledger import Amounts, MerchantCurrency
from lambdas.domain.order_file import key_hash
from lambdas.domain.stored_names import CONTRIBUTION, TOTAL, contribution_item, key_item
from tests.local.pipeline import LIMIT_SECONDS, Pipeline

HEADING = "merchant_id,amount,order_id,line_id,quantity,ordered_at"
DEFAULT_COLUMNS = {name: name for name in HEADING.split(",")}
NAMES = [field.name for field in fields(Amounts)]


@dataclass(frozen=True)
class Sales:
    """What one order file says of one merchant: all of it, by month, and the first and last order."""

    amounts: Amounts
    months: Mapping[str, Amounts]
    first_order_at: str
    last_order_at: str


def plain_pass(lines: Iterable[str], columns: Mapping[str, str] = DEFAULT_COLUMNS) -> dict[str, Sales]:
    """Sales by merchant in csv and Decimal alone: the last line of a name counts, finer amounts never do."""
    kept: dict[tuple[str, str, str], dict[str, str]] = {}
    for row in csv.DictReader(lines):
        line = {name: row[heading] for name, heading in columns.items()}
        exponent = Decimal(line["amount"]).as_tuple().exponent
        if isinstance(exponent, int) and exponent >= -4:
            kept[line["merchant_id"], line["order_id"], line["line_id"]] = line
    by_merchant: dict[str, list[dict[str, str]]] = defaultdict(list)
    for line in kept.values():
        by_merchant[line["merchant_id"]].append(line)
    return {merchant: _sales(lines) for merchant, lines in by_merchant.items()}


def _sales(lines: Sequence[dict[str, str]]) -> Sales:
    by_month: dict[str, list[dict[str, str]]] = defaultdict(list)
    for line in lines:
        by_month[line["ordered_at"][:7]].append(line)
    moments = sorted(f"{line['ordered_at']} 00:00:00"[:19].replace(" ", "T") + "Z" for line in lines)
    months = {month: _amounts(found) for month, found in by_month.items()}
    return Sales(_amounts(lines), months, moments[0], moments[-1])


def _amounts(lines: Sequence[dict[str, str]]) -> Amounts:
    amounts = [Decimal(line["amount"]) for line in lines]
    return Amounts(
        orders=len({line["order_id"] for line in lines}),
        lines=len(lines),
        units=sum(int(line["quantity"]) for line in lines),
        gross_sales=sum((amount for amount in amounts if amount >= 0), Decimal(0)),
        refunds=-sum((amount for amount in amounts if amount < 0), Decimal(0)),
        net_sales=sum(amounts, Decimal(0)),
    )


class Books(Pipeline):
    """One deployed stack, and the books of the merchants whose ids begin in a certain way."""

    def put(self, key: str, content: bytes) -> str:
        """Put an order file without waiting; answers with its version."""
        put = self.s3.put_object(Bucket=self.orders_bucket, Key=key, Body=content)
        return str(put["VersionId"])

    def delete(self, key: str, version: str | None = None) -> str:
        """Delete a key, or remove one version for good; answers with the version that went or came."""
        which = {"VersionId": version} if version else {}
        return str(self.s3.delete_object(Bucket=self.orders_bucket, Key=key, **which)["VersionId"])

    def quiet(self, key: str, *, looks: int) -> list[Item]:
        """The runs of a key by revision, once so many looks have been taken and no run of it goes on."""
        give_up = time.monotonic() + LIMIT_SECONDS
        while time.monotonic() < give_up:
            known, runs = self.key(key), self.runs(key)
            assert not known or "last_look_error" not in known, known
            if known and known["looks"] >= looks and all(run["status"] != RUNNING for run in runs):
                assert known["looks"] == looks, known
                return runs
            time.sleep(0.2)
        raise AssertionError(f"{key} is not quiet after {LIMIT_SECONDS:g} s: {known}, {runs}")

    def runs(self, key: str) -> list[Item]:
        """The runs of a key by revision."""
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.deployed.outputs["RunsTableName"],
            ConsistentRead=True,
            KeyConditionExpression="pk = :key AND begins_with(sk, :run)",
            ExpressionAttributeValues=to_item(
                {":key": key_item(key_hash(self.orders_bucket, key))["pk"], ":run": "RUN#"}
            ),
        )
        return [from_item(item) for page in pages for item in page["Items"]]

    def contribution(self, merchant: str, key: str) -> Item | None:
        """What a key's file says of a merchant, or nothing."""
        name = contribution_item(MerchantCurrency(merchant, "USD"), key_hash(self.orders_bucket, key))
        return get_item(self.dynamodb, self.deployed.outputs["SalesTableName"], name)

    def check(self, merchants: str, files: Mapping[str, Mapping[str, Sales]]) -> None:
        """Prove that the books say of these merchants what these files by key do, and nothing else."""
        items = self._items(merchants)
        counted = {
            (item["object_key"], item["pk"].removeprefix("MERCHANT#")): Sales(
                Amounts.of(item),
                {month: Amounts.of(sums) for month, sums in item["months"].items()},
                item["first_order_at"],
                item["last_order_at"],
            )
            for item in items
            if item["sk"].startswith(CONTRIBUTION) and item["lines"]
        }
        said = {(key, merchant): one for key, sales in files.items() for merchant, one in sales.items()}
        wrong = [about for about in {*counted, *said} if counted.get(about) != said.get(about)]
        assert not wrong, [(about, counted.get(about), said.get(about)) for about in sorted(wrong)[:3]]
        balance(items)

    def totals_like(self, merchants: str) -> dict[str, tuple[int, Amounts]]:
        """Files and amounts of these merchants' totals, empty ones too."""
        return {
            item["merchant_id"]: (int(item["files"]), Amounts.of(item))
            for item in self._items(merchants)
            if item["sk"].startswith(TOTAL)
        }

    def balance(self, merchants: Iterable[str]) -> None:
        """Prove that at this moment each of these totals is the sum of its contributions.

        A merchant is read in one request, in which the engine shows a transaction whole or not at all.
        """
        for merchant in merchants:
            answer = self.dynamodb.query(
                TableName=self.deployed.outputs["SalesTableName"],
                ConsistentRead=True,
                KeyConditionExpression="pk = :merchant",
                ExpressionAttributeValues=to_item({":merchant": f"MERCHANT#{merchant}"}),
            )
            balance(list(map(from_item, answer["Items"])))

    def _items(self, merchants: str) -> list[Item]:
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=self.deployed.outputs["SalesTableName"],
            ConsistentRead=True,
            FilterExpression="begins_with(pk, :merchants)",
            ExpressionAttributeValues=to_item({":merchants": f"MERCHANT#{merchants}"}),
        )
        return [from_item(item) for page in pages for item in page["Items"]]


def balance(items: Sequence[Item]) -> None:
    """Prove that each total among the items is the sum of the contributions among them, to the last digit."""
    totals: dict[tuple[str, str], list[Decimal]] = {}
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for item in items:
        kind, currency = item["sk"].split("#")[:2]
        amounts = [Decimal(item[name]) for name in NAMES]
        about = item["pk"], currency
        if f"{kind}#" == TOTAL:
            totals[about] = [Decimal(item["files"]), *amounts]
        else:
            amounts = [Decimal(1 if item["lines"] else 0), *amounts]
            before = sums.get(about, [Decimal(0)] * len(amounts))
            sums[about] = [a + b for a, b in zip(before, amounts, strict=True)]
    for about, amounts in sums.items():
        total = totals.pop(about, [Decimal(0)] * len(amounts))
        assert total == amounts, f"{about}: the total is {total}, its contributions sum up to {amounts}"
    assert not totals, f"totals without contributions: {sorted(totals)[:3]}"
