"""Quotas of what is read and written: S3 and DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cli.estimate.item_units import INDEX_WRITES, units_of
from cli.estimate.load import TYPICAL_KEY
from cli.estimate.quotas.quota import Deployment, Quota, largest
from cli.estimate.wording import count, duration, size
from lambdas.adapters.new_files import S3_SIZES
from lambdas.adapters.sales_table import BATCH, BATCH_MONTHS
from lambdas.domain.ledger import Amounts, Contribution, MerchantCurrency
from lambdas.domain.stored_names import PARTS

MB = 10**6
LONGEST = Decimal("9" * 34 + ".9999")
"""The largest sum that there can be, so the months that surely fit."""


def objects(at: Deployment) -> Iterator[Quota]:
    """S3."""
    limits, settings = at.facts.limits, at.settings
    each = at.facts.assumed.s3_request_seconds
    yield Quota(
        name=f"{count(limits.s3_gets_per_second)} GETs a second under a prefix",
        reached=f"{count(limits.s3_gets_per_second * each)} sales workers that read frames at the same time",
        then=f"not reached with mapConcurrency {settings.map_concurrency}; above it S3 answers SlowDown for "
        "a while, and boto3 tries again",
    )
    yield Quota(
        name=f"{count(limits.s3_puts_per_second)} PUTs a second under a prefix",
        reached=f"{count(limits.s3_puts_per_second * each)} workers that write at the same time",
        then="not reached: a run makes a few PUTs for each split and each partition",
    )
    yield Quota(
        name=f"{size(limits.s3_request_bytes)} in one request",
        reached=f"the shards of a compressed file that unpacks to {size(_text_of_one_request(at))}",
        then=f"not exceeded: shards and results above {size(S3_SIZES.whole_bytes)} are written in parts",
    )
    yield Quota(
        name=f"object of {size(limits.s3_object_bytes)}",
        reached="the largest order file",
        then="deliver it in pieces",
    )


def items(at: Deployment) -> Iterator[Quota]:
    """DynamoDB."""
    limits = at.facts.limits
    units = at.estimate(10**6, 1).load.units
    a_second = limits.dynamodb_new_table_writes_per_second / units.table_writes
    months = largest(lambda number: _fits(number, limits.dynamodb_item_bytes), most=10_000)
    yield Quota(
        name=f"item of {limits.dynamodb_item_bytes // 1024} KiB",
        reached=f"{count(months)} months of one merchant in one file, with sums of 38 digits",
        then="the run FAILS: not reached by dates from 1970 to 2099",
    )
    yield Quota(
        name=f"{limits.dynamodb_transaction_actions} actions, {limits.dynamodb_transaction_bytes >> 20} MiB",
        reached=f"more than {BATCH} merchants, or {count(BATCH_MONTHS)} months, in one transaction",
        then="not reached: batches are cut before",
    )
    yield Quota(
        name=f"{count(limits.dynamodb_new_table_writes_per_second)} write units a second of a new table",
        reached=f"{count(a_second)} merchants a second: a million take {duration(10**6 / a_second)}",
        then="writes wait; kept busy, the table doubles in "
        f"{duration(limits.dynamodb_doubling_seconds)} (or pre-warm it)",
    )
    yield Quota(
        name=f"{count(limits.dynamodb_table_writes_per_second)} write units a second of a table",
        reached=f"{count(limits.dynamodb_table_writes_per_second / units.table_writes)} merchants a second",
        then="writes wait; the quota can be raised",
    )
    partition = limits.dynamodb_partition_writes_per_second
    yield Quota(
        name=f"{count(partition)} write units a second of one partition key",
        reached=f"one merchant in {count(partition / units.table_writes)} files a second",
        then="those files wait for each other",
    )
    yield Quota(
        name=f"the same, of the leaderboard's {PARTS} parts of a currency",
        reached=f"{count(PARTS * partition / INDEX_WRITES['known'])} totals of one currency a second",
        then="writes to the table wait for the index",
    )


def _text_of_one_request(at: Deployment) -> float:
    """How much text a job shards whose shard object fits into one request."""

    def fits(delivered_mb: int) -> bool:
        estimate = at.estimate(delivered_mb * MB, compressed=True)
        return estimate.model.durations.shard_bytes <= at.facts.limits.s3_request_bytes

    return at.estimate(largest(fits, most=100_000) * MB, compressed=True).load.text_bytes


def _fits(months: int, item_bytes: int) -> bool:
    digits = 10**38 - 1
    sums = Amounts(
        orders=digits, lines=digits, units=digits, gross_sales=LONGEST, refunds=LONGEST, net_sales=LONGEST
    )
    contribution = Contribution(
        about=MerchantCurrency("m" * 256, "USD"),
        amounts=sums,
        months={f"{month:07d}": sums for month in range(months)},
    )
    units = units_of([contribution], object_key=TYPICAL_KEY, revision=1, known_merchants=True)
    return units.sizes[0] <= item_bytes
