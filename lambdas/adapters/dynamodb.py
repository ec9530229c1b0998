"""DynamoDB items as plain values, and transactions whose refusals are errors with a meaning."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
"""An item or key as plain values: str, int, Decimal, bool, dict, list."""

_SERIALIZE, _DESERIALIZE = TypeSerializer().serialize, TypeDeserializer().deserialize
KEYS_AT_ONCE = 100
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, MOST_DOUBLINGS = 0.02, 2.0, 10
_THROTTLED = {"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"}
"""What botocore has tried again in vain: the table takes less than its writers want to write."""
_CONFLICTS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


class ConditionNotMetError(Exception):
    """Something stored isn't as it was read; `actions` are the positions of the refused actions."""

    def __init__(self, actions: Sequence[int]) -> None:
        """Keep which actions were refused."""
        super().__init__(f"the condition of action {', '.join(map(str, actions))} wasn't met")
        self.actions = tuple(actions)


class ConflictError(Exception):
    """Another transaction was at the same items, or the table was too busy: try again."""


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """Exponential backoff with full jitter; it spreads the attempts of those who meet at one item."""

    sleep: Callable[[float], None]
    random: Random
    told: Callable[[int, float, str], None] = lambda *_: None

    def wait(self, attempt: int, reason: str) -> None:
        """Pause after an attempt in vain, the first of which is 0; `told` learns of it, how long and why."""
        longest = FIRST_PAUSE_SECONDS * 2 ** min(attempt, MOST_DOUBLINGS)
        seconds = self.random.uniform(0, min(LONGEST_PAUSE_SECONDS, longest))
        self.told(attempt, seconds, reason)
        self.sleep(seconds)


def to_item(values: Mapping[str, Any]) -> Any:
    """Plain values as DynamoDB takes them; None is left out."""
    return {name: _SERIALIZE(value) for name, value in values.items() if value is not None}


def from_item(item: Mapping[str, Any]) -> Item:
    """An item of DynamoDB as plain values."""
    return {name: _DESERIALIZE(value) for name, value in item.items()}


def get_item(client: DynamoDBClient, table: str, key: Item) -> Item | None:
    """The item of a key, read strongly consistent, or None."""
    answer = client.get_item(TableName=table, Key=to_item(key), ConsistentRead=True)
    return from_item(answer["Item"]) if "Item" in answer else None


def batch_get(
    client: DynamoDBClient,
    table: str,
    keys: Sequence[Item],
    *,
    backoff: Backoff,
    check_time: Callable[[], None] = lambda: None,
) -> Iterator[Item]:
    """The items of those keys that have one, strongly consistent, in no order; a busy table is waited for."""
    for first in range(0, len(keys), KEYS_AT_ONCE):
        wanted = [to_item(key) for key in keys[first : first + KEYS_AT_ONCE]]
        request: Any = {table: {"Keys": wanted, "ConsistentRead": True}}
        for attempt in itertools.count():
            check_time()
            try:
                answer: Any = client.batch_get_item(RequestItems=request)
            except ClientError as e:
                if e.response.get("Error", {}).get("Code") not in _THROTTLED:
                    raise
                answer = {"Responses": {}, "UnprocessedKeys": request}
            yield from map(from_item, answer["Responses"].get(table, []))
            request = answer.get("UnprocessedKeys")
            if not request:
                break
            backoff.wait(attempt, f"{table} was too busy to be read")


def put(table: str, values: Item, *, condition: str, values_of_condition: Item | None = None) -> Any:
    """A conditional put as an action of a transaction."""
    action = {"TableName": table, "Item": to_item(values), "ConditionExpression": condition}
    if values_of_condition:
        action["ExpressionAttributeValues"] = to_item(values_of_condition)
    return {"Put": action}


def update(
    table: str,
    key: Item,
    *,
    set_values: Item,
    add_values: Item | None = None,
    remove: Sequence[str] = (),
    condition: str | None = None,
    values_of_condition: Item | None = None,
) -> Any:
    """An update as an action of a transaction; attribute names may be reserved words.

    A condition names attributes as `#name` and its values as `:name`.
    """
    set_values = {name: value for name, value in set_values.items() if value is not None}
    add_values = add_values or {}
    expression = "SET " + ", ".join(f"#{name} = :set_{name}" for name in set_values)
    if add_values:
        expression += " ADD " + ", ".join(f"#{name} :add_{name}" for name in add_values)
    if remove:
        expression += " REMOVE " + ", ".join(f"#{name}" for name in remove)
    names = {*remove, *set_values, *add_values, *re.findall("#([a-z_]+)", condition or "")}
    action = {
        "TableName": table,
        "Key": to_item(key),
        "UpdateExpression": expression,
        "ExpressionAttributeNames": {f"#{name}": name for name in names},
        "ExpressionAttributeValues": to_item(
            {f":set_{name}": value for name, value in set_values.items()}
            | {f":add_{name}": value for name, value in add_values.items()}
            | (values_of_condition or {})
        ),
    }
    if condition:
        action["ConditionExpression"] = condition
    return {"Update": action}


def transact(client: DynamoDBClient, actions: Sequence[Any]) -> None:
    """Do all of the actions or none; raises ConditionNotMetError or ConflictError."""
    try:
        client.transact_write_items(TransactItems=actions)
    except client.exceptions.TransactionCanceledException as e:
        codes = [reason.get("Code", "None") for reason in e.response.get("CancellationReasons", [])]
        refused = [i for i, code in enumerate(codes) if code == "ConditionalCheckFailed"]
        if refused:
            raise ConditionNotMetError(refused) from e
        if _CONFLICTS.intersection(codes):
            raise ConflictError(f"the transaction was cancelled: {', '.join(codes)}") from e
        raise
    except client.exceptions.TransactionInProgressException as e:
        raise ConflictError("the same transaction is under way") from e
    except ClientError as e:
        if e.response.get("Error", {}).get("Code") in _THROTTLED:
            code = e.response["Error"]["Code"]
            raise ConflictError(f"the table was too busy for the transaction: {code}") from e
        raise
