"""What the command reads of the runs table: the newest runs, and how keys stand."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from cli.reading_items import scan
from lambdas.adapters.dynamodb import Backoff, Item, batch_get, from_item, to_item
from lambdas.adapters.runs_table import FAILED, RUNNING, SUCCEEDED
from lambdas.domain.order_file import RunId
from lambdas.domain.stored_names import KEY, PARTS, key_item, listing, run_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def newest_runs(client: DynamoDBClient, table: str, count: int) -> list[Item]:
    """The newest runs of all keys, the newest first."""

    def part(number: int) -> list[Item]:
        items: list[Item] = []
        pages = client.get_paginator("query").paginate(
            TableName=table,
            IndexName="runs_by_start",
            KeyConditionExpression="listing = :listing",
            ExpressionAttributeValues=to_item({":listing": listing(number)}),
            ScanIndexForward=False,
            PaginationConfig={"MaxItems": count, "PageSize": min(count, 1000)},
        )
        for page in pages:
            items += map(from_item, page["Items"])
        return items

    with ThreadPoolExecutor(PARTS) as readers:
        runs = [item for items in readers.map(part, range(PARTS)) for item in items]
    return sorted(runs, key=lambda run: (run["started_at"], run["run_id"]), reverse=True)[:count]


def key_items(client: DynamoDBClient, table: str, keyhashes: Iterable[str]) -> dict[str, Item]:
    """The items of keys by key hash; a key that nobody looked at has none."""
    return {
        _keyhash(item): item for item in _items(client, table, [key_item(name) for name in set(keyhashes)])
    }


def all_key_items(client: DynamoDBClient, table: str) -> dict[str, Item]:
    """The items of all keys by key hash."""
    items = scan(
        client,
        table,
        row=lambda item: item,
        FilterExpression="sk = :key",
        ExpressionAttributeValues=to_item({":key": KEY}),
    )
    return {_keyhash(item): item for item in items}


def run_items(client: DynamoDBClient, table: str, run_ids: Iterable[RunId]) -> dict[str, Item]:
    """The items of runs by run id."""
    items = _items(client, table, [run_item(run_id) for run_id in set(run_ids)])
    return {item["run_id"]: item for item in items}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a key stands: what may make its merchants' totals differ from what the key holds now."""

    object_key: str
    running: bool = False
    partly_counted: bool = False
    still_counted: str = ""
    """The run that counts where the newest one FAILED before it changed anything."""

    @property
    def told(self) -> str:
        """The remark, or that the newest run failed and which one counts."""
        kept = f"newest run FAILED, still counted: run {self.still_counted}" if self.still_counted else ""
        return self.remark or kept

    @property
    def remark(self) -> str:
        """Nothing where all is settled, else what there is to know."""
        remarks = [("running", self.running), ("partly counted", self.partly_counted)]
        return ", ".join(remark for remark, applies in remarks if applies)


def standings(client: DynamoDBClient, table: str, keys: Mapping[str, Item]) -> dict[str, Standing]:
    """How the keys of these items stand, by key hash; reads fence holders that aren't the newest run."""
    fenced = {name: RunId(name, int(item["fence"])) for name, item in keys.items() if item.get("fence")}
    older = [run_id for name, run_id in fenced.items() if run_id.revision != keys[name].get("revision")]
    runs = run_items(client, table, older)
    holders = {name: runs.get(str(run_id), keys[name]) for name, run_id in fenced.items()}
    return {name: standing_of(item, holders.get(name)) for name, item in keys.items()}


def standing_of(key: Item, fence_holder: Item | None) -> Standing:
    """How a key stands; the fence holder is the item of the run whose sales are in place."""
    keeps = key.get("status") == FAILED and fence_holder is not None and fence_holder["status"] == SUCCEEDED
    return Standing(
        object_key=key["object_key"],
        running=key.get("status") == RUNNING,
        still_counted=str(fence_holder["run_id"]) if keeps and fence_holder else "",
        partly_counted=fence_holder is not None and fence_holder["status"] not in {RUNNING, SUCCEEDED},
    )


def _items(client: DynamoDBClient, table: str, keys: Sequence[Item]) -> Iterator[Item]:
    return batch_get(client, table, keys, backoff=Backoff(sleep=time.sleep, random=Random()))


def _keyhash(item: Item) -> str:
    return str(item["pk"]).partition("#")[2]
