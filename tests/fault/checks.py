"""What must hold: after every transaction, once all is quiet, and once all is healed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from lambdas.adapters.dynamodb import from_item
from lambdas.domain.order_file import DELETED, RunId, key_hash
from lambdas.domain.run_event import run_ended
from lambdas.domain.stored_names import KEY, RESULTS, look_item, plan_object
from tests.fault.executions import RUNNING, SUCCEEDED
from tests.fault.functions import ORDERS, RUNS, SALES, WORK
from tests.fault.order_tables import FORMATS, Format, order_table
from tests.fault.serial_model import Sums, counted
from tests.fault.services.dynamodb import Change
from tests.fault.world import ViolationError, World

NAMES = ("orders", "lines", "units", "gross_sales", "refunds", "net_sales")
ZERO = (Decimal(0),) * len(NAMES)
FINAL = ("SUCCEEDED", "SUPERSEDED")
WRITTEN_ONCE = (".frames", RESULTS)
"""The ends of names of objects that no second attempt may replace while others read them."""
Cell = tuple[str, str]
"""Merchant and currency."""


def after_transaction(world: World, changes: Sequence[Change]) -> None:
    """Totals are sums, and what is final stays."""
    for table, before, after in changes:
        if table == SALES:
            _totals_are_sums(world, after["pk"]["S"])
        elif before is None and "run_id" in after and after["sk"]["S"].startswith("RUN#"):
            world.registered_at[after["run_id"]["S"]] = world.scheduler.step
        elif before and "status" in before and before["sk"]["S"] != KEY:
            old, new = before["status"]["S"], after["status"]["S"]
            if old in FINAL and new != old:
                raise ViolationError(f"run {after['run_id']['S']} was {old} and becomes {new}")


def _totals_are_sums(world: World, pk: str) -> None:
    items = world.dynamodb.tables[SALES][pk]
    sums: dict[str, list[Decimal]] = {}
    for sk, item in items.items():
        kind, currency = sk.split("#")[:2]
        sign = 1 if kind == "FILE" else -1
        amounts = [Decimal(item[name]["N"]) for name in NAMES]
        files = Decimal(amounts[1] > 0 if kind == "FILE" else item["files"]["N"])
        known = sums.setdefault(currency, [Decimal(0)] * (len(NAMES) + 1))
        sums[currency] = [a + sign * b for a, b in zip(known, (*amounts, files), strict=True)]
    for currency, left in sums.items():
        if any(left):
            raise ViolationError(
                f"the total of {pk} in {currency} is not the sum of its contributions: {left}"
            )


def when_quiet(world: World) -> None:
    """Every key is counted as its newest runs say, and shown so; shards and results are written once."""
    for name, versions in world.s3.buckets[WORK].items():
        if name.endswith(WRITTEN_ONCE) and len(versions) > 1:
            raise ViolationError(f"{name} was written {len(versions)} times")
    for key in world.changed_at:
        problem = _problem(world, key)
        if problem:
            raise ViolationError(f"all is quiet, and of the key {key}: {problem}")


def when_healed(world: World, keys: Sequence[str]) -> None:
    """The table is exactly what the serial model makes of what the keys hold now."""
    when_quiet(world)
    for key in keys:
        runs = _runs(world, key)
        present = _present(world, key)
        wanted = {} if present == DELETED else expected(world, runs[-1]) if runs else {}
        if present != (runs[-1]["version_id"] if runs else DELETED):
            raise ViolationError(f"{key} is healed, but its newest run isn't of {present}")
        if problem := _untold(world, runs):
            raise ViolationError(f"{key} is healed, but {problem}")
        if wanted is None:
            continue
        if runs and runs[-1]["status"] != SUCCEEDED:
            raise ViolationError(f"{key} holds {present} and is {runs[-1]['status']} after it was healed")
        if different := _difference(_stored(world, key), wanted):
            raise ViolationError(f"{key} holds {present} and is healed, but {different}")


def _untold(world: World, runs: Sequence[Mapping[str, Any]]) -> str:
    """Whose execution has succeeded, of that the event bus was told."""
    told = {event["id"] for event in world.events}
    for run in runs:
        execution = next(e for e in world.machine.executions if e.arn == run["execution"])
        event = run_ended(run)
        if execution.status == SUCCEEDED and (event is None or event.detail["id"] not in told):
            return f"nobody was told that {run['run_id']} is {run['status']}"
    return ""


def nothing_left(world: World) -> None:
    """Every key is deleted: every total is zero and has no files."""
    for pk, items in world.dynamodb.tables[SALES].items():
        for sk, item in items.items():
            numbers = [Decimal(item[name]["N"]) for name in (*NAMES, "files") if name in item]
            if any(numbers):
                raise ViolationError(f"every key is deleted, and {pk} {sk} has {numbers}")


def expected(world: World, run: Mapping[str, Any]) -> dict[Cell, Sums] | None:
    """What the serial model says that a run counts; None where its file can't be counted."""
    if run["version_id"] == DELETED:
        return {}
    plan = world.s3.buckets[WORK].get(plan_object(run["run_id"]))
    if not plan or plan[-1].body is None:
        return None
    text = json.loads(plan[-1].body)["format_text"]
    return counted(order_table(world.files[run["version_id"]]), format_of(text))


def format_of(text: str) -> Format:
    """The format of a plan."""
    return next(order_format for order_format in FORMATS if order_format.text == text)


def state_of(world: World, key: str) -> dict[str, Any]:
    """The key's item."""
    items = world.dynamodb.tables[RUNS].get(f"FILE#{key_hash(ORDERS, key)}", {})
    return from_item(items[KEY]) if KEY in items else {}


def _problem(world: World, key: str) -> str:
    state, runs, stored = state_of(world, key), _runs(world, key), _stored(world, key)
    present, fence = _present(world, key), int(state.get("fence", 0))
    if _looked(world, key) and present != (runs[-1]["version_id"] if runs else DELETED):
        return f"a look came after it was put, but the newest run isn't of {present}"
    if runs and state["status"] != runs[-1]["status"]:
        return f"its item says {state['status']}, its newest run {runs[-1]['status']}"
    for run in runs:
        if problem := _problem_of_run(world, run, runs, fence):
            return f"revision {int(run['sk'][4:])} {problem}"
    for cell, (revision, sums) in stored.items():
        wanted = expected(world, runs[revision - 1])
        if wanted is None or sums != wanted.get(cell, ZERO):
            says = _told((wanted or {}).get(cell))
            return f"revision {revision} put {_told(sums)} for {cell}, and its file says {says}"
    if not fence:
        return "something is stored, though no run has set the fence" if stored else ""
    if runs[fence - 1]["status"] != SUCCEEDED:
        return ""  # shown as partly counted, or as RUNNING where that is excused
    if different := _difference(stored, expected(world, runs[fence - 1]) or {}):
        return f"revision {fence} SUCCEEDED and is the newest that does, but {different}"
    return ""


def _problem_of_run(
    world: World, run: Mapping[str, Any], runs: Sequence[Mapping[str, Any]], fence: int
) -> str:
    revision, status = int(run["sk"][4:]), run["status"]
    execution = next(e for e in world.machine.executions if e.arn == run["execution"])
    if status == RUNNING and (execution.told or execution.status == SUCCEEDED):
        return f"stays RUNNING, but its execution {execution.name} has {execution.status}"
    abandoned_since = max(execution.ended_at, world.registered_at[run["run_id"]])
    if status == RUNNING and run is runs[-1] and _looked(world, run["object_key"], since=abandoned_since):
        return f"stays RUNNING, though its execution {execution.name} has ended and a look came after that"
    if execution.status == SUCCEEDED and status not in FINAL:
        return f"is {status}, but its execution {execution.name} has SUCCEEDED"
    if status == "SUPERSEDED" and fence <= revision:
        return f"is SUPERSEDED, but the fence is {fence}"
    if status == SUCCEEDED and fence < revision:
        return f"has SUCCEEDED, but the fence is {fence}"
    if revision == fence and status == "SUPERSEDED":
        return "holds the fence and is SUPERSEDED"
    if fence == revision and expected(world, run) is None:
        return "has set the fence, but its file can't be counted"
    if revision > fence and status not in ("FAILED", RUNNING):
        return f"ended before its fence, but is {status}"
    return ""


def _looked(world: World, key: str, since: int | None = None) -> bool:
    """Whether an execution that began after the key's last change (or `since`) has looked at it."""
    after = world.changed_at[key] if since is None else since
    items = world.dynamodb.tables[RUNS]
    for execution in world.machine.executions:
        if execution.key == key and execution.began > after:
            look = items.get(look_item(execution.arn)["pk"], {}).get("LOOK")
            if look and look["outcome"]["S"] != "failed":
                return True
    return False


def _runs(world: World, key: str) -> list[dict[str, Any]]:
    items = world.dynamodb.tables[RUNS].get(f"FILE#{key_hash(ORDERS, key)}", {})
    return [from_item(items[sk]) for sk in sorted(items) if sk != KEY]


def _present(world: World, key: str) -> str:
    versions = world.s3.buckets[ORDERS].get(key)
    return versions[-1].version_id if versions and versions[-1].body is not None else DELETED


def _stored(world: World, key: str) -> dict[Cell, tuple[int, Sums]]:
    keyhash = key_hash(ORDERS, key)
    found: dict[Cell, tuple[int, Sums]] = {}
    for pk, items in world.dynamodb.tables[SALES].items():
        for sk, item in items.items():
            if sk.startswith("FILE#") and sk.endswith(keyhash):
                cell = (pk.removeprefix("MERCHANT#"), sk.split("#")[1])
                sums = tuple(Decimal(item[name]["N"]) for name in NAMES)
                if RunId.parse(item["run_id"]["S"]).revision != int(item["revision"]["N"]):
                    raise ViolationError(f"{pk} {sk} names two revisions")
                found[cell] = int(item["revision"]["N"]), sums
    return found


def _difference(stored: Mapping[Cell, tuple[int, Sums]], wanted: Mapping[Cell, Sums]) -> str:
    for cell in sorted({*stored, *wanted}):
        revision, sums = stored.get(cell, (0, ZERO))
        if sums != wanted.get(cell, ZERO):
            return (
                f"{cell} has {_told(sums)} of revision {revision}; it should have {_told(wanted.get(cell))}"
            )
    return ""


def _told(sums: Sums | None) -> str:
    return (
        " ".join(f"{name}={value:f}" for name, value in zip(NAMES, sums or ZERO, strict=True) if value) or "0"
    )
