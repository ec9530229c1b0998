"""Tables as they are after years: runs and merchants put straight into the engine's tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any

from lambdas.adapters.dynamodb import Item, to_item
from lambdas.adapters.runs_table import iso
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

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ITEMS_AT_ONCE, WRITERS, BATCHES_HELD = 25, 4, 400
FIRST_KEY = "shop-00/orders-000000.csv.gz"
FIRST_RUN = datetime(2026, 1, 1, tzinfo=UTC)


def fill(client: DynamoDBClient, table: str, items: Iterable[Item]) -> None:
    """Write items as they come, several requests at the same time."""

    def write(some: list[Item]) -> None:
        request: Any = {table: [{"PutRequest": {"Item": to_item(item)}} for item in some]}
        answer = client.batch_write_item(RequestItems=request)
        assert not answer["UnprocessedItems"]

    left = iter(items)
    batches = iter(lambda: list(islice(left, ITEMS_AT_ONCE)), [])
    with ThreadPoolExecutor(WRITERS) as writers:
        while some := list(islice(batches, BATCHES_HELD)):
            list(writers.map(write, some))


def runs(count: int, bucket: str) -> Iterator[Item]:
    """Runs of as many keys, one every ten minutes, with their keys."""
    for number in range(count):
        key = f"shop-{number % 40:02d}/orders-{number:06d}.csv.gz"
        run_id = RunId(key_hash(bucket, key), 1)
        started = FIRST_RUN + timedelta(minutes=10 * number)
        amounts = {name: Decimal(number) + Decimal("0.25") for name in ("accepted", "counted")}
        known: Item = {"object_key": key, "version_id": f"{number:032d}", "status": "SUCCEEDED"}
        yield key_item(run_id.keyhash) | known | {"looks": 1, "revision": 1, "fence": 1, "size_bytes": 123456}
        yield run_item(run_id) | known | {
            "run_id": str(run_id), "listing": listing_of(run_id.keyhash), "started_at": iso(started),
            "sharded_at": iso(started + timedelta(seconds=4)),
            "ended_at": iso(started + timedelta(seconds=9)),
            "execution": f"arn:aws:states:us-east-1:000000000000:execution:SalesRun:{number:036d}",
            "format": "default", "size_bytes": 123456, "raw_bytes": 654321, "partitions": 1, "splits": 1,
            "content_sha256": f"{number:064x}", "detected": {"compression": "gzip", "delimiter": ","},
            "counts": {"lines": 5000, "rejected": 2, "duplicates": 0, "ignored": 0, "counted": 4998},
            "money": {"USD": amounts}, "reject_reasons": {"The merchant is blank.": 2},
        }  # fmt: skip


def running(bucket: str) -> Item:
    """The newest run, which goes on and has computed nothing yet."""
    *_, run = runs(1, bucket)
    run_id = RunId(key_hash(bucket, "shop-00/running.csv"), 1)
    named = {
        "run_id": str(run_id),
        "object_key": "shop-00/running.csv",
        "listing": listing_of(run_id.keyhash),
    }
    ended = {"ended_at", "money", "reject_reasons"}
    known = {name: value for name, value in run.items() if name not in ended}
    return known | run_item(run_id) | named | {"status": "RUNNING", "started_at": "2099-01-01T00:00:00.000Z"}


def merchants(count: int, bucket: str, random: Random) -> Iterator[Item]:
    """Totals, and for every thousandth merchant the contribution of a file with two years of months."""
    keyhash = key_hash(bucket, FIRST_KEY)
    for number in range(count):
        about = MerchantCurrency(f"merchant-{number:07d}", "USD")
        net = Decimal(random.randrange(10_000_000)) / 100
        amounts: Item = {
            "orders": 3,
            "lines": 4,
            "units": 5,
            "gross_sales": net,
            "refunds": 0,
            "net_sales": net,
        }
        named = {"merchant_id": about.merchant_id, "currency": "USD", "leaderboard": leaderboard_of(about)}
        yield total_item(about) | named | amounts | {"files": 1, "updated_at": iso(FIRST_RUN)}
        if number % 1000 == 0:
            months = {f"{2024 + n // 12}-{n % 12 + 1:02d}": amounts for n in range(24)}
            of_file: Item = {"object_key": FIRST_KEY, "revision": 1, "run_id": f"{keyhash}-00000001"}
            yield contribution_item(about, keyhash) | of_file | amounts | {"months": months}
