"""What DynamoDB charges for contributions: the real commit, with a client that counts what it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any, cast

from lambdas.adapters.dynamodb import Backoff
from lambdas.adapters.sales_table import Commit, SalesTable
from lambdas.domain.ledger import Amounts, Contribution
from lambdas.domain.order_file import RunId

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WRITE_BYTES, READ_BYTES = 1024, 4096
TRANSACTION = 2
"""Units of a transaction for each that a plain write would take; its index is written outside of it."""
INDEX_WRITES = {"new": 1, "known": 2}
"""Of an index whose sort key changes: the old entry goes, a new one comes."""
COLLECTION_BYTES, ELEMENT_BYTES = 3, 1
NOT_IN_INDEX = {"updated_at"}


@dataclass
class ItemUnits:
    """Units and bytes of some contributions and their totals; `sizes` and `writes` hold one for each."""

    contributions: int = 0
    transactions: int = 0
    table_writes: int = 0
    index_writes: int = 0
    reads: int = 0
    batch_reads: int = 0
    stored_bytes: int = 0
    sizes: list[int] = field(default_factory=list)
    writes: list[int] = field(default_factory=list)


def units_of(
    contributions: Iterable[Contribution], *, object_key: str, revision: int, known_merchants: bool
) -> ItemUnits:
    """What the commit of a run's contributions takes; from revision 2 on every one replaces an older one."""
    client = _CountingClient(known_merchants=known_merchants, revision=revision)
    table = SalesTable(
        client=cast("DynamoDBClient", client),
        table="sales",
        backoff=Backoff(sleep=lambda _: None, random=Random(0)),
    )
    run_id = RunId("0" * 32, revision)
    table.commit(contributions, Commit(run_id=run_id, object_key=object_key, now=datetime.now(UTC)))
    return client.units


def item_bytes(item: Mapping[str, Mapping[str, Any]]) -> int:
    """The size of an item as DynamoDB reckons it: names and values."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def write_units(size_bytes: int) -> int:
    """The units of a plain write of an item."""
    return max(1, -(-size_bytes // WRITE_BYTES))


def read_units(size_bytes: int) -> int:
    """The units of a strongly consistent read of an item."""
    return max(1, -(-size_bytes // READ_BYTES))


def _value_bytes(value: Mapping[str, Any]) -> int:
    [(kind, content)] = value.items()
    if kind == "S":
        return len(str(content).encode())
    if kind == "N":
        number = str(content)
        digits = number.lstrip("-").replace(".", "").strip("0")
        return (len(digits) + 1) // 2 + 1 + number.startswith("-")
    if kind in ("BOOL", "NULL"):
        return 1
    if kind == "M":
        return COLLECTION_BYTES + ELEMENT_BYTES * len(content) + item_bytes(content)
    if kind == "L":
        return COLLECTION_BYTES + sum(ELEMENT_BYTES + _value_bytes(element) for element in content)
    raise ValueError(f"no size is known of a value of type {kind}")


class _CountingClient:
    """A DynamoDB client that counts what it is sent, and knows an older revision of all it is asked for."""

    def __init__(self, *, known_merchants: bool, revision: int) -> None:
        self.units = ItemUnits()
        self._index_writes = INDEX_WRITES["known" if known_merchants or revision > 1 else "new"]
        self._older: Mapping[str, Any] = {"revision": {"N": str(revision - 1)}} | {
            name: {"N": "0"} for name in vars(Amounts())
        }

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N803  boto3's name
        self.units.batch_reads += 1
        [(table, wanted)] = RequestItems.items()
        return {"Responses": {table: [{**key, **self._older} for key in wanted["Keys"]]}}

    def transact_write_items(self, *, TransactItems: Sequence[Mapping[str, Any]]) -> None:  # noqa: N803
        self.units.transactions += 1
        for action in TransactItems:
            if "Put" in action:
                self._contribution(item_bytes(action["Put"]["Item"]))
                replaces = "ExpressionAttributeValues" in action["Put"]
                self.units.reads += read_units(self.units.sizes[-1]) if replaces else 0
            else:
                self._total(_updated(action["Update"]))

    def _contribution(self, size: int) -> None:
        self.units.contributions += 1
        self.units.sizes.append(size)
        self.units.writes.append(TRANSACTION * write_units(size))
        self.units.table_writes += self.units.writes[-1]
        self.units.stored_bytes += size

    def _total(self, item: Mapping[str, Any]) -> None:
        size = item_bytes(item)
        entry = item_bytes({name: value for name, value in item.items() if name not in NOT_IN_INDEX})
        writes, index_writes = TRANSACTION * write_units(size), self._index_writes * write_units(entry)
        self.units.table_writes += writes
        self.units.index_writes += index_writes
        self.units.writes[-1] += writes + index_writes
        self.units.stored_bytes += size + entry


def _updated(update: Mapping[str, Any]) -> dict[str, Any]:
    """A total after its update, as if the update had made it."""
    values = {
        name.removeprefix(":set_").removeprefix(":add_"): value
        for name, value in update["ExpressionAttributeValues"].items()
    }
    return {**update["Key"], **values}
