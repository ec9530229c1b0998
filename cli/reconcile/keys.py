"""What each key holds now, by which run and format it was counted, and which keys must wait."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cli.deployment import Deployment
from cli.errors import CommandError
from cli.formats import FORMATS
from cli.reading_runs import Standing, all_key_items, key_items, standings
from cli.reconcile.left_out import Kind, LeftOut
from lambdas.adapters.dynamodb import Item
from lambdas.adapters.runs_table import SUCCEEDED
from lambdas.domain.errors import RunError
from lambdas.domain.order_file import DELETED, OrderFile, RunId, key_hash
from lambdas.domain.order_format import OrderFormat, choose_order_format, load_order_formats


@dataclass(frozen=True, kw_only=True)
class CountedKey:
    """A settled key: the version that is to be counted (or deleted) and the format; else why it must wait."""

    key: str
    run_id: RunId
    version_id: str = DELETED
    order_format: OrderFormat | None = None
    waits: LeftOut | None = None
    remark: str = ""

    def order_file(self, bucket: str) -> OrderFile:
        """What the key's sales are computed from."""
        return OrderFile(bucket=bucket, key=self.key, version_id=self.version_id)


def held_now(deployment: Deployment, keys: Iterable[str] | None) -> dict[str, str]:
    """The current version by key, of these keys or of all; keys that hold nothing aren't there."""
    held: dict[str, str] = {}
    for prefix in ("",) if keys is None else keys:
        pages = deployment.s3.get_paginator("list_object_versions").paginate(
            Bucket=deployment.orders_bucket, Prefix=prefix
        )
        held |= {
            version["Key"]: version["VersionId"]
            for page in pages
            for version in page.get("Versions", [])
            if version["IsLatest"] and not version["Key"].endswith("/")
        }
    return held if keys is None else {key: held[key] for key in keys if key in held}


def known_keys(deployment: Deployment, keys: Iterable[str] | None) -> dict[str, Item]:
    """The items of these keys or of all by key hash."""
    if keys is None:
        return all_key_items(deployment.dynamodb, deployment.runs_table)
    hashes = [key_hash(deployment.orders_bucket, key) for key in keys]
    return key_items(deployment.dynamodb, deployment.runs_table, hashes)


def require_known(keys: Iterable[str], held: dict[str, str], items: dict[str, Item], bucket: str) -> None:
    """Raise CommandError where a key holds nothing and never had a run."""
    for key in keys:
        if key not in held and not items.get(key_hash(bucket, key), {}).get("revision"):
            raise CommandError(
                f"There is no order file {key!r} and there never was one: give keys as `merchant-sales runs` "
                "shows them."
            )


def counted_keys(deployment: Deployment, items: dict[str, Item], held: dict[str, str]) -> list[CountedKey]:
    """Every key that has had a run or holds something, by name."""
    standing = standings(deployment.dynamodb, deployment.runs_table, items)
    by_key = {str(item["object_key"]): (item, standing[keyhash]) for keyhash, item in items.items()}
    found = []
    for key in sorted(by_key.keys() | held.keys()):
        item, stands = by_key.get(key, ({}, Standing(object_key=key)))
        if key in held or item.get("revision"):
            found.append(counted_key(deployment, key, item, stands, held.get(key, DELETED)))
    return found


def counted_key(
    deployment: Deployment, key: str, item: Item, stands: Standing, version_id: str
) -> CountedKey:
    """What is to be counted of a key that holds this version, or why it must wait."""
    run_id = RunId(key_hash(deployment.orders_bucket, key), int(item.get("revision", 0)))

    def waits(kind: Kind, why: str) -> CountedKey:
        return CountedKey(key=key, run_id=run_id, waits=LeftOut(kind, why))

    if not run_id.revision:
        return waits(Kind.UNTAKEN, "no run has taken it yet")
    if stands.running:
        return waits(Kind.MOVING, stands.remark)
    if stands.partly_counted:
        return waits(Kind.BROKEN, stands.remark)
    if item.get("status") != SUCCEEDED:
        return waits(Kind.BROKEN, f"its newest run, {run_id}, is {item.get('status')}")
    counted = str(item.get("version_id"))
    if counted == version_id == DELETED:
        return CountedKey(key=key, run_id=run_id)
    order_format, remark = _format_of(deployment, key, run_id)
    kept = version_id == DELETED and order_format.deletions == "keep"
    if counted != version_id and not kept:
        return waits(Kind.UNTAKEN, "what it holds now has no run yet")
    return CountedKey(
        key=key,
        run_id=run_id,
        version_id=counted,
        order_format=order_format,
        remark=remark,
    )


def _format_of(deployment: Deployment, key: str, run_id: RunId) -> tuple[OrderFormat, str]:
    """The format of the run that counted the key; raises CommandError where there is none any more."""
    try:
        return deployment.work_files.plan(str(run_id)).order_format, ""
    except RunError:
        order_format = choose_order_format(load_order_formats(FORMATS), key)
    if order_format is None:
        raise CommandError(
            f"The plan of run {run_id} has expired, and no format in {FORMATS} fits its key {key!r}: "
            "`merchant-sales replay` plans it anew."
        )
    return order_format, f"its plan has expired; read by the format {order_format.name} as it is here"
