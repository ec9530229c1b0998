"""The two sides that a sweep compares, page by page: the keys of the orders bucket, and their items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.adapters.dynamodb import Backoff, Item, batch_get, from_item, to_item
from lambdas.adapters.runs_table import RUNNING, key_state_of
from lambdas.domain.look import KeyState
from lambdas.domain.order_file import DELETED, OrderFile
from lambdas.domain.stored_names import KEY, key_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

ITEMS_READ = 2000
"""Of the runs table, for one page: of a key that is never replaced some three items are read."""
Place = Mapping[str, str]
"""Where a page begins: empty for the first."""
REFUSALS = {"InvalidArgument", "ValidationException"}
"""What S3 and DynamoDB call a request that asks to go on from what is no place of theirs."""


class PlaceRefusedError(Exception):
    """A service doesn't take a place, though it gave it once: only the start is left."""


@dataclass(frozen=True, kw_only=True)
class HeldKey:
    """What a key of the orders bucket holds now, and since when."""

    order_file: OrderFile
    since: datetime


@dataclass(frozen=True, kw_only=True)
class KnownKey:
    """What the runs table knows of a key."""

    key: str
    state: KeyState


@dataclass(frozen=True, kw_only=True)
class ItemsPage:
    """Some items of the runs table: keys, runs that are RUNNING, and where the next page begins."""

    keys: Sequence[KnownKey]
    running: Sequence[Item]
    rest: Place | None


def held_keys(client: S3Client, bucket: str, place: Place) -> tuple[list[HeldKey], Place | None]:
    """The keys of a page of the bucket's versions, and where the next page begins.

    A key whose newest version is a delete marker holds nothing. Keys ending in `/` are never looked at.
    """
    markers: Any = place
    with _refusal_of(place):
        page: Any = client.list_object_versions(Bucket=bucket, **markers)
    held = [
        HeldKey(
            order_file=OrderFile(
                bucket=bucket,
                key=version["Key"],
                version_id=version["VersionId"] if kind == "Versions" else DELETED,
                size_bytes=version.get("Size", 0),
            ),
            since=version["LastModified"],
        )
        for kind in ("Versions", "DeleteMarkers")
        for version in page.get(kind, [])
        if version["IsLatest"] and not version["Key"].endswith("/")
    ]
    if not page["IsTruncated"]:
        return held, None
    return held, {name: page[f"Next{name}"] for name in ("KeyMarker", "VersionIdMarker")}


def known_states(
    client: DynamoDBClient, table: str, keyhashes: Iterable[str], backoff: Backoff
) -> dict[str, KeyState]:
    """What the runs table knows of these keys, by key hash; read strongly consistent."""
    items = batch_get(client, table, [key_item(name) for name in keyhashes], backoff=backoff)
    return {str(item["pk"]).partition("#")[2]: key_state_of(item) for item in items}


def known_keys(client: DynamoDBClient, table: str, place: Place) -> ItemsPage:
    """A page of the runs table, in no order; not strongly consistent, so ask again before acting."""
    start: Any = {"ExclusiveStartKey": to_item(place)} if place else {}
    with _refusal_of(place):
        page = client.scan(
            TableName=table,
            Limit=ITEMS_READ,
            FilterExpression="sk = :key OR (begins_with(sk, :run) AND #status = :running)",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues=to_item({":key": KEY, ":run": "RUN#", ":running": RUNNING}),
            **start,
        )
    items = [from_item(item) for item in page["Items"]]
    last = page.get("LastEvaluatedKey")
    return ItemsPage(
        keys=[KnownKey(key=i["object_key"], state=key_state_of(i)) for i in items if i["sk"] == KEY],
        running=[item for item in items if item["sk"] != KEY],
        rest={name: str(value) for name, value in from_item(last).items()} if last else None,
    )


@contextmanager
def _refusal_of(place: Place) -> Iterator[None]:
    try:
        yield
    except ClientError as e:
        if place and e.response.get("Error", {}).get("Code") in REFUSALS:
            raise PlaceRefusedError(str(e)) from e
        raise
