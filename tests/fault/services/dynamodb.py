"""DynamoDB: strongly consistent reads, and transactions that do all of their actions or none."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.fault.services import expressions
from tests.fault.services.refusals import UnsupportedError, cancelled, refusal

Item = Mapping[str, Mapping[str, Any]]
Change = tuple[str, Item | None, Item]
"""Table, the item before and the item after."""

MOST_ACTIONS, MOST_KEYS = 100, 100
# 38 digits, as DynamoDB keeps them; more are an error there too.
EXACT = decimal.Context(prec=38, traps=[decimal.Inexact, decimal.InvalidOperation, decimal.Overflow])


@dataclass
class DynamoDB:
    """The tables, as item by sort key by partition key; `changed` is told of every transaction."""

    tables: dict[str, dict[str, dict[str, Item]]]
    changed: Callable[[Sequence[Change]], None] = field(default=lambda _: None)

    def get_item(self, **request: Any) -> dict[str, Any]:
        """One item."""
        _only(request, "TableName", "Key", "ConsistentRead")
        _consistent(request)
        item = self._stored(request["TableName"], request["Key"])
        return {"Item": item} if item else {}

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        """Items of one table."""
        _only(request, "RequestItems")
        ((table, wanted),) = request["RequestItems"].items()
        _only(wanted, "Keys", "ConsistentRead")
        _consistent(wanted)
        keys = [_key(key) for key in wanted["Keys"]]
        if not keys or len(keys) > MOST_KEYS or len(set(keys)) < len(keys):
            raise refusal("BatchGetItem", "ValidationException", f"{len(keys)} keys, or the same one twice")
        found = [self._stored(table, key) for key in wanted["Keys"]]
        return {"Responses": {table: [item for item in found if item]}, "UnprocessedKeys": {}}

    def query(self, *, limit: int, **request: Any) -> dict[str, Any]:
        """A page of the items of one partition key."""
        expected = "pk = :pk AND sk BETWEEN :first AND :last"
        _only(
            request,
            "TableName",
            "ConsistentRead",
            "ScanIndexForward",
            "KeyConditionExpression",
            "ExpressionAttributeValues",
            "ExclusiveStartKey",
        )
        _consistent(request)
        if request["KeyConditionExpression"] != expected:
            raise UnsupportedError(f"key condition {request['KeyConditionExpression']!r}")
        values = {name: value["S"] for name, value in request["ExpressionAttributeValues"].items()}
        items = self.tables[request["TableName"]].get(values[":pk"], {})
        down = request.get("ScanIndexForward") is False
        sort_keys = sorted((sk for sk in items if values[":first"] <= sk <= values[":last"]), reverse=down)
        if start := request.get("ExclusiveStartKey"):
            sort_keys = [sk for sk in sort_keys if (sk < start["sk"]["S"] if down else sk > start["sk"]["S"])]
        page = [items[sk] for sk in sort_keys[:limit]]
        more = {"LastEvaluatedKey": _key_of(page[-1])} if len(sort_keys) > limit else {}
        return {"Items": page, **more}

    def scan(self, *, limit: int, **request: Any) -> dict[str, Any]:
        """A page of all items of a table that the filter lets through."""
        _only(
            request,
            "TableName",
            "Limit",
            "FilterExpression",
            "ExpressionAttributeNames",
            "ExpressionAttributeValues",
            "ExclusiveStartKey",
        )
        start = _key(request["ExclusiveStartKey"]) if "ExclusiveStartKey" in request else ("", "")
        items = [item for by_sk in self.tables[request["TableName"]].values() for item in by_sk.values()]
        items = sorted((item for item in items if _key(item) > start), key=_key)
        page = items[: min(limit, request["Limit"])]
        test = expressions.condition(request["FilterExpression"])
        names, values = request["ExpressionAttributeNames"], request["ExpressionAttributeValues"]
        more = {"LastEvaluatedKey": _key_of(page[-1])} if len(items) > len(page) else {}
        return {"Items": [item for item in page if test(item, names, values)], **more}

    def transact_write_items(self, **request: Any) -> dict[str, Any]:
        """Do all of the actions, or none and say which condition wasn't met."""
        _only(request, "TransactItems")
        actions = request["TransactItems"]
        if not 1 <= len(actions) <= MOST_ACTIONS:
            raise refusal("TransactWriteItems", "ValidationException", f"{len(actions)} actions")
        changes = [self._change(action) for action in actions]
        items = [(table, *_key(after)) for table, _, after, _ in changes]
        if len(set(items)) < len(items):
            raise refusal("TransactWriteItems", "ValidationException", "two actions on one item")
        codes = ["None" if met else "ConditionalCheckFailed" for _, _, _, met in changes]
        if set(codes) != {"None"}:
            raise cancelled(codes)
        for table, _, after, _ in changes:
            pk, sk = _key(after)
            self.tables[table].setdefault(pk, {})[sk] = after
        self.changed([(table, before, after) for table, before, after, _ in changes])
        return {}

    def _change(self, action: Mapping[str, Any]) -> tuple[str, Item | None, Item, bool]:
        """Table, item before, item after, and whether the condition is met."""
        ((kind, request),) = action.items()
        names, values = (
            request.get("ExpressionAttributeNames", {}),
            request.get("ExpressionAttributeValues", {}),
        )
        condition, update = request.get("ConditionExpression"), request.get("UpdateExpression")
        used = expressions.placeholders(condition, update)
        if used != {*names, *values}:
            message = f"placeholders: used {sorted(used)}, given {sorted({*names, *values})}"
            raise refusal("TransactWriteItems", "ValidationException", message)
        table = request["TableName"]
        common = ("TableName", "ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues")
        if kind == "Put":
            _only(request, *common, "Item")
            before, after = self._stored(table, request["Item"]), _normal_item(request["Item"])
        elif kind == "Update":
            _only(request, *common, "Key", "UpdateExpression")
            before = self._stored(table, request["Key"])
            after = _updated(before or request["Key"], str(update), names, values)
        else:
            raise UnsupportedError(f"the action {kind} of a transaction")
        met = condition is None or expressions.condition(condition)(before or {}, names, values)
        return table, before, after, met

    def _stored(self, table: str, key: Item) -> Item | None:
        pk, sk = _key(key)
        return self.tables[table].get(pk, {}).get(sk)


def _updated(before: Item, text: str, names: Mapping[str, str], values: Item) -> Item:
    update = expressions.update(text)
    changed = [names[name] for name in (*update.sets, *update.adds, *update.removes)]
    if {"pk", "sk"} & set(changed) or len(set(changed)) < len(changed):
        raise refusal("TransactWriteItems", "ValidationException", f"can't update {changed}")
    after = dict(before) | {names[name]: _normal(values[value]) for name, value in update.sets.items()}
    for name, value in update.adds.items():
        old = Decimal(after.get(names[name], {"N": "0"})["N"])
        after[names[name]] = _number(EXACT.add(old, Decimal(values[value]["N"])))
    for name in update.removes:
        after.pop(names[name], None)
    return after


def _normal_item(item: Item) -> Item:
    return {name: _normal(value) for name, value in item.items()}


def _normal(attribute: Mapping[str, Any]) -> Mapping[str, Any]:
    """Numbers without trailing zeros, as DynamoDB gives them back."""
    ((kind, value),) = attribute.items()
    if kind == "N":
        return _number(Decimal(value))
    return {"M": _normal_item(value)} if kind == "M" else attribute


def _number(value: Decimal) -> dict[str, str]:
    return {"N": f"{EXACT.plus(value).normalize(EXACT):f}"}


def _key(item: Item) -> tuple[str, str]:
    pk, sk = item["pk"]["S"], item["sk"]["S"]
    if not pk or not sk:
        raise refusal("DynamoDB", "ValidationException", "an empty key")
    return pk, sk


def _key_of(item: Item) -> Item:
    return {"pk": item["pk"], "sk": item["sk"]}


def _consistent(request: Mapping[str, Any]) -> None:
    if request.get("ConsistentRead") is not True:
        raise UnsupportedError("an eventually consistent read: nothing in the protocol may rest on one")


def _only(request: Mapping[str, Any], *names: str) -> None:
    if surplus := request.keys() - set(names):
        raise UnsupportedError(f"DynamoDB parameters {sorted(surplus)}")
