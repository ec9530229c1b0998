"""The pass itself: every key's contributions recomputed from the bucket, every total summed up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cli.deployment import Deployment
from cli.reading_sales import merchant_items as items_of_merchant
from cli.reconcile.count import Counted, count_file
from cli.reconcile.differences import Counting, Difference, contribution_differences, total_differences
from cli.reconcile.errors import UncountableFileError
from cli.reconcile.keys import CountedKey, counted_keys, held_now, known_keys, require_known
from cli.reconcile.left_out import Kind, LeftOut
from cli.reconcile.snapshot import MerchantItems, SalesSnapshot, merchant_items, place_of, sales_snapshot
from lambdas.adapters.dynamodb import Item
from lambdas.domain.database import connect
from lambdas.domain.errors import OrderFileError
from lambdas.domain.order_file import key_hash

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EXPRESSION_MEMORY_BYTES = 200_000_000
READ_AGAIN = 5


@dataclass
class Reconciled:
    """What came of it; `left_out` says why, by key or merchant, `remarks` what else there is to know."""

    differences: list[Difference] = field(default_factory=list)
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)
    keys: int = 0
    contributions: int = 0
    totals: int = 0


def reconcile_keys(deployment: Deployment, keys: list[str] | None, scratch: Path) -> Reconciled:
    """Reconcile some keys, or all of them and the totals; what changes meanwhile is left out."""
    before = known_keys(deployment, keys)
    held = held_now(deployment, keys)
    require_known(keys or (), held, before, deployment.orders_bucket)
    outcome = Reconciled()
    asked = None if keys is None else [key_hash(deployment.orders_bucket, key) for key in keys]
    file = scratch / "sales.sqlite"
    with (
        sales_snapshot(deployment.dynamodb, deployment.sales_table, file, asked) as snapshot,
        connect(scratch, memory_bytes=EXPRESSION_MEMORY_BYTES, threads=1) as connection,
    ):
        counted = counted_keys(deployment, before, held)
        for key in counted:
            _reconcile_key(key, deployment, snapshot, connection, outcome)
        if keys is None:
            _find_strangers(counted, snapshot, outcome)
            _reconcile_totals(deployment, snapshot, outcome)
    _leave_out_changed(before, known_keys(deployment, keys), outcome)
    return outcome


def _reconcile_key(
    key: CountedKey,
    deployment: Deployment,
    snapshot: SalesSnapshot,
    connection: DuckDBPyConnection,
    outcome: Reconciled,
) -> None:
    if key.waits:
        outcome.left_out[key.key] = key.waits
        return
    if key.remark:
        outcome.remarks[key.key] = key.remark
    try:
        expected = _recounted(key, deployment, connection).sales
    except OrderFileError:
        removed = f"its version {key.version_id} was removed before it was read"
        outcome.left_out[key.key] = LeftOut(Kind.MOVING, removed)
        return
    except UncountableFileError as e:
        outcome.differences.append(
            Difference(
                key=key.key,
                merchant_id=None,
                currency=None,
                attribute="file",
                expected=f"not counted: {e}",
                found=f"run {key.run_id} SUCCEEDED",
            )
        )
        return
    outcome.keys += 1
    counting = Counting(key=key.key, run_id=str(key.run_id), revision=key.run_id.revision)
    for about, stored in snapshot.contributions(key.run_id.keyhash):
        outcome.contributions += 1
        outcome.differences += contribution_differences(counting, about, expected.pop(about, None), stored)
    for about, sales in sorted(expected.items()):
        outcome.differences += contribution_differences(counting, about, sales, None)


def _recounted(key: CountedKey, deployment: Deployment, connection: DuckDBPyConnection) -> Counted:
    """The plain count of what the key holds."""
    order_file = key.order_file(deployment.orders_bucket)
    if order_file.deleted or key.order_format is None:
        return Counted()

    def open_file() -> BinaryIO:
        return deployment.order_files.open(order_file)

    return count_file(open_file, key=key.key, order_format=key.order_format, connection=connection)


def _find_strangers(counted: list[CountedKey], snapshot: SalesSnapshot, outcome: Reconciled) -> None:
    """Contributions of keys that have never had a run and hold nothing."""
    known = {key.run_id.keyhash for key in counted}
    for keyhash in snapshot.keyhashes():
        if keyhash in known:
            continue
        for about, stored in snapshot.contributions(keyhash):
            counting = Counting(key=str(stored.get("object_key", keyhash)), run_id="", revision=0)
            outcome.differences += contribution_differences(counting, about, None, stored)


def _reconcile_totals(deployment: Deployment, snapshot: SalesSnapshot, outcome: Reconciled) -> None:
    """Every total, as it was scanned; where it differs, as it is now."""
    for scanned in snapshot.merchants():
        outcome.totals += scanned.total is not None
        if any(total_differences(scanned)):
            found = _looked_at_again(deployment, scanned, outcome)
            outcome.differences += found


def _looked_at_again(deployment: Deployment, scanned: MerchantItems, outcome: Reconciled) -> list[Difference]:
    """The differences that stay: a run may have changed the items while they were read one by one."""
    last: MerchantItems | None = None
    for _ in range(READ_AGAIN):
        totals, contributions = items_of_merchant(
            deployment.dynamodb, deployment.sales_table, scanned.merchant_id
        )
        now = _of_currency(scanned, [*totals, *contributions])
        found = list(total_differences(now))
        if not found or now == last:
            return found
        last = now
    changing = LeftOut(Kind.MOVING, "its sales keep changing while they are read")
    outcome.left_out[f"merchant {scanned.merchant_id}"] = changing
    return []


def _of_currency(scanned: MerchantItems, items: list[Item]) -> MerchantItems:
    places = ((place_of(item["sk"]), item) for item in items)
    by_key = {place[1]: item for place, item in places if place and place[0] == scanned.currency}
    return merchant_items(scanned.merchant_id, scanned.currency, by_key)


def _leave_out_changed(before: dict[str, Item], after: dict[str, Item], outcome: Reconciled) -> None:
    """A key whose run began or ended meanwhile: what was read of it doesn't fit together."""
    changed = {
        str(item["object_key"])
        for keyhash, item in after.items()
        if any(item.get(name) != before.get(keyhash, {}).get(name) for name in ("revision", "status"))
    }
    for key in sorted(changed):
        outcome.left_out.setdefault(key, LeftOut(Kind.MOVING, "it changed while it was read"))
    outcome.differences = list(_without(changed, outcome.differences))


def _without(keys: set[str], differences: list[Difference]) -> Iterator[Difference]:
    return (difference for difference in differences if difference.key not in keys)
