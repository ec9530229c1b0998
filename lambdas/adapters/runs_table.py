"""The runs table: keys, their runs, and the looks that found them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lambdas.adapters.dynamodb import (
    ConditionNotMetError,
    ConflictError,
    Item,
    from_item,
    get_item,
    put,
    to_item,
    transact,
    update,
)
from lambdas.domain.errors import RunError
from lambdas.domain.look import KeyState
from lambdas.domain.order_file import OrderFile, RunId, key_hash
from lambdas.domain.stored_names import key_item, listing_of, look_item, run_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RUNNING, SUCCEEDED, FAILED, SUPERSEDED = "RUNNING", "SUCCEEDED", "FAILED", "SUPERSEDED"
LOOK_ERROR = ("last_look_error", "last_look_error_at")
"""Why a key's last look had no outcome, and when; the next good look takes it away."""
LOOKS_KEPT = timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class Look:
    """The outcome of an execution's look: a run, nothing to do, or given up."""

    outcome: str
    run_id: str | None = None


REGISTERED, NOTHING, GIVEN_UP = "registered", "nothing", "failed"


def iso(moment: datetime) -> str:
    """A moment as items hold it: ISO 8601, UTC, milliseconds, Z."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def key_state_of(item: Item) -> KeyState:
    """What a key's item says; an empty one is that of a key that nobody has looked at."""
    return KeyState(
        looks=int(item.get("looks", 0)),
        revision=int(item.get("revision", 0)),
        version_id=item.get("version_id"),
        size_bytes=int(item.get("size_bytes", 0)),
        fence=int(item.get("fence", 0)),
        status=item.get("status"),
    )


class RunsTable:
    """The runs table, read strongly consistent."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        """Take the DynamoDB client and the table's name."""
        self.client, self.table = client, table

    def key_state(self, keyhash: str) -> KeyState:
        """What is known of a key."""
        return key_state_of(get_item(self.client, self.table, key_item(keyhash)) or {})

    def look(self, execution: str) -> Look | None:
        """The recorded outcome of an execution's look."""
        item = get_item(self.client, self.table, look_item(execution))
        return Look(outcome=item["outcome"], run_id=item.get("run_id")) if item else None

    def record_look(
        self, *, execution: str, known: KeyState, present: OrderFile, revision: int | None, now: datetime
    ) -> Look | None:
        """Raise the key's `looks` and record the outcome, with the run if there is one, in one transaction.

        None means that the key's item changed since it was read, or this execution has an outcome already:
        look again.
        """
        keyhash = key_hash(present.bucket, present.key)
        run_id = str(RunId(keyhash, revision)) if revision else None
        look = Look(outcome=REGISTERED if run_id else NOTHING, run_id=run_id)
        newest: Item = {"looks": known.looks + 1, "object_key": present.key}
        actions = [self._put_look(execution, look, present.key, now)]
        if revision:
            newest |= {"revision": revision, "version_id": present.version_id, "status": RUNNING}
            newest |= {"size_bytes": present.size_bytes}
            actions.append(self._put_run(RunId(keyhash, revision), execution, known, present, now))
        unchanged = "#looks = :known" if known.looks else "attribute_not_exists(#looks)"
        actions.append(
            update(
                self.table,
                key_item(keyhash),
                set_values=newest,
                remove=LOOK_ERROR,
                condition=unchanged,
                values_of_condition={":known": known.looks} if known.looks else None,
            )
        )
        try:
            transact(self.client, actions)
        except (ConditionNotMetError, ConflictError):
            return None
        return look

    def give_up_look(self, *, execution: str, key: str, keyhash: str, reason: str, now: datetime) -> Look:
        """Record that an execution ended before its look had an outcome: a late one can't register then."""
        look = Look(outcome=GIVEN_UP)
        error = dict(zip(LOOK_ERROR, (reason, iso(now)), strict=True))
        actions = [
            self._put_look(execution, look, key, now),
            update(self.table, key_item(keyhash), set_values=error | {"object_key": key}),
        ]
        transact(self.client, actions)
        return look

    def run(self, run_id: RunId) -> Item | None:
        """A run's item."""
        return get_item(self.client, self.table, run_item(run_id))

    def earlier_runs(self, run_id: RunId) -> Iterable[Item]:
        """The runs of the same key with a lower revision, the newest first."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            ConsistentRead=True,
            ScanIndexForward=False,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues=to_item(
                {
                    ":pk": key_item(run_id.keyhash)["pk"],
                    ":first": f"RUN#{0:08d}",
                    ":last": f"RUN#{run_id.revision - 1:08d}",
                }
            ),
        )
        for page in pages:
            yield from map(from_item, page["Items"])

    def describe(self, run_id: RunId, values: Item) -> None:
        """Add what is known by now to a run's item; its status stays."""
        transact(self.client, [update(self.table, run_item(run_id), set_values=values)])

    def raise_fence(self, run_id: RunId) -> bool:
        """Set the key's fence to the run's revision; False when a newer one is there."""
        fence = update(
            self.table,
            key_item(run_id.keyhash),
            set_values={"fence": run_id.revision},
            condition="attribute_not_exists(#fence) OR #fence <= :revision",
            values_of_condition={":revision": run_id.revision},
        )
        try:
            transact(self.client, [fence])
        except ConditionNotMetError:
            return False
        return True

    def change_status(self, run_id: RunId, status: str, *, allowed: set[str], values: Item) -> str:
        """Change a run's status, and the key's where the run is its newest, in one transaction.

        Answers with the status that the run has then: the old one, where it isn't one of the allowed.
        """
        for _ in range(5):
            item = self.run(run_id)
            if item is None:
                raise RunError(f"There is no run {run_id}; `merchant-sales runs` lists the runs.")
            if item["status"] not in allowed:
                return str(item["status"])
            newest = self.key_state(run_id.keyhash).revision == run_id.revision
            try:
                transact(self.client, self._status_actions(run_id, status, item["status"], newest, values))
            except (ConditionNotMetError, ConflictError):
                continue
            return status
        raise ConflictError(f"the status of run {run_id} keeps changing")

    def _status_actions(
        self, run_id: RunId, status: str, old: str, newest: bool, values: Item
    ) -> list[object]:
        run = update(
            self.table,
            run_item(run_id),
            set_values={**values, "status": status},
            condition="#status = :old",
            values_of_condition={":old": old},
        )
        key = update(
            self.table,
            key_item(run_id.keyhash),
            set_values={"status": status},
            condition="#revision = :revision",
            values_of_condition={":revision": run_id.revision},
        )
        return [run, key] if newest else [run]

    def _put_look(self, execution: str, look: Look, key: str, now: datetime) -> object:
        values: Item = {"outcome": look.outcome, "run_id": look.run_id, "object_key": key}
        values |= {"expires_at": int((now + LOOKS_KEPT).timestamp())}
        return put(self.table, look_item(execution) | values, condition="attribute_not_exists(pk)")

    def _put_run(
        self, run_id: RunId, execution: str, known: KeyState, present: OrderFile, now: datetime
    ) -> object:
        values = {
            "run_id": str(run_id),
            "object_key": present.key,
            "version_id": present.version_id,
            "size_bytes": present.size_bytes,
            "replaced_bytes": known.size_bytes,
            "status": RUNNING,
            "execution": execution,
            "started_at": iso(now),
            "listing": listing_of(run_id.keyhash),
        }
        return put(self.table, run_item(run_id) | values, condition="attribute_not_exists(pk)")
