"""The boto3-like clients that the adapters get: every call of theirs is a point where anything may happen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.fault.faults import (
    CRASH_AFTER,
    CRASH_BEFORE,
    NO_ANSWER,
    RACE_409,
    REPEATED,
    REPEATED_COMPLETION,
    Faults,
    error_of,
)
from tests.fault.scheduler import FOREVER, CrashedError, Scheduler
from tests.fault.services.dynamodb import DynamoDB
from tests.fault.services.refusals import Exceptions, UnsupportedError

NAPS_STEPS = (10, 50, 400, FOREVER, FOREVER)
WRITES = ("put_object", "upload_file", "upload_part", "complete_multipart_upload", "transact_write_items")


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Where a worker waits for its turn before each service call."""

    scheduler: Scheduler
    faults: Faults
    tell: Callable[[str], None]

    def call(
        self,
        service: str,
        operation: str,
        request: Mapping[str, Any],
        effect: Callable[[], Any],
        *,
        in_conflict: Callable[[], Any] | None = None,
    ) -> Any:
        """Do a service call at the worker's next turn, unless something happens to it.

        `in_conflict` is what a conflict with another writer does.
        """
        worker = self.scheduler.current
        if worker is None:
            raise UnsupportedError(f"{operation} by none of the workers")
        about = described(operation, request)
        worker.before = f"{service}.{operation} {about}"
        worker.calls_wanted = (operation, str(request.get("Key", "")))
        worker.calls += 1
        if (worker.function, worker.calls) == self.faults.sore_spot:
            self._nap(worker.name, "stall_at_sore_spot", (FOREVER,))
        else:
            self._nap(worker.name, "stall_at_write" if operation in WRITES else "stall", NAPS_STEPS)
        worker.wait()
        conditional = "IfNoneMatch" in request
        kind = self.faults.at_call(
            operation, conditional_put=conditional, in_race=conditional and self._in_race(worker.calls_wanted)
        )
        self.tell(f"{worker.name}: {worker.before}{f' -> {kind}' if kind else ''}")
        if kind == CRASH_BEFORE:
            raise CrashedError
        if not kind:
            return self._done(worker.name, effect)
        if kind == RACE_409 and in_conflict:
            in_conflict()
        if kind in (CRASH_AFTER, NO_ANSWER, REPEATED, REPEATED_COMPLETION):
            self._done(worker.name, effect)
        if kind == CRASH_AFTER:
            raise CrashedError
        raise error_of(kind, service, operation, len(request.get("TransactItems", "1")))

    def pause(self, seconds: float) -> None:
        """What the adapters are given as `sleep`."""
        self.call("clock", "sleep", {"Key": f"{seconds:.3f} s"}, lambda: None)

    def part(self, items: int, kind: str) -> int:
        """How many of so many items a page or an answer holds: at least one."""
        if items > 1 and self.faults.profile.call_fault and self.faults.random.random() < 0.2:
            self.faults.counts[kind] += 1
            return self.faults.random.randrange(1, items)
        return items

    def _done(self, name: str, effect: Callable[[], Any]) -> Any:
        try:
            return effect()
        except Exception as e:
            self.tell(f"{name}:     {e}")
            raise

    def _nap(self, name: str, hazard: str, naps_steps: Sequence[int]) -> None:
        if self.faults.happens(hazard, "worker stalls"):
            worker = self.scheduler.current
            nap = self.faults.random.choice(naps_steps)
            assert worker is not None
            worker.sleeps_until = self.scheduler.step + nap
            self.tell(
                f"{name}: stalls before {worker.before} for {nap if nap < FOREVER else 'very many'} steps"
            )

    def _in_race(self, wanted: tuple[str, str]) -> bool:
        others = [worker for worker in self.scheduler.workers if worker is not self.scheduler.current]
        return any(worker.calls_wanted == wanted for worker in others)


class OpenGate:
    """A gate that nobody waits at."""

    def call(self, *call: Any, **_: Any) -> Any:
        """Do it now."""
        return call[-1]()

    def part(self, items: int, _: str) -> int:
        """All of the items."""
        return items


@dataclass(frozen=True)
class DynamoDBClient:
    """The DynamoDB client of the adapters."""

    gate: Gate
    dynamodb: DynamoDB
    exceptions = Exceptions

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """get_item, transact_write_items."""
        if operation not in ("get_item", "transact_write_items"):
            raise UnsupportedError(f"dynamodb.{operation}")
        effect = getattr(self.dynamodb, operation)
        return lambda **request: self.gate.call("dynamodb", operation, request, lambda: effect(**request))

    def batch_get_item(self, **request: Any) -> Any:
        """Some of the items; the others are UnprocessedKeys."""
        ((table, wanted),) = request["RequestItems"].items()
        read = self.gate.part(len(wanted["Keys"]), "UnprocessedKeys")
        now = {table: wanted | {"Keys": wanted["Keys"][:read]}}
        later = {table: wanted | {"Keys": wanted["Keys"][read:]}} if read < len(wanted["Keys"]) else {}
        answer = self.gate.call(
            "dynamodb", "batch_get_item", now[table], lambda: self.dynamodb.batch_get_item(RequestItems=now)
        )
        return answer | {"UnprocessedKeys": later}

    def scan(self, **request: Any) -> Any:
        """A page of a table, often a short one."""
        limit = self.gate.part(9, "short page")
        effect = lambda: self.dynamodb.scan(limit=limit, **request)  # noqa: E731
        return self.gate.call("dynamodb", "scan", {}, effect)

    def get_paginator(self, operation: str) -> Pages:
        """The pages of query."""
        if operation != "query":
            raise UnsupportedError(f"pages of dynamodb.{operation}")
        return Pages(self._pages)

    def _pages(self, **request: Any) -> Iterator[dict[str, Any]]:
        more = True
        while more:
            limit = self.gate.part(5, "short page")
            page = self.gate.call(
                "dynamodb",
                "query",
                request,
                lambda: self.dynamodb.query(limit=limit, **request),  # noqa: B023
            )
            yield page
            more = "LastEvaluatedKey" in page
            if more:
                request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


@dataclass(frozen=True)
class EventsClient:
    """The EventBridge client of the adapters."""

    gate: Gate
    taken: list[dict[str, Any]]

    def put_events(self, **request: Any) -> Any:
        """Take an event."""
        [entry] = request["Entries"]
        detail = json.loads(entry["Detail"])

        def taken() -> dict[str, Any]:
            self.taken.append(detail)
            return {"FailedEntryCount": 0}

        return self.gate.call("events", "put_events", {"Key": detail["id"]}, taken)


@dataclass(frozen=True)
class LambdaClient:
    """The Lambda client of the adapters: sweep calls itself."""

    gate: Gate
    sweep: Callable[[dict[str, Any]], None]

    def invoke(self, **request: Any) -> Any:
        """Call sweep without waiting for it."""
        event = json.loads(request["Payload"])
        return self.gate.call("lambda", "invoke", {}, lambda: self.sweep(event))


@dataclass(frozen=True)
class Pages:
    """The pages of an operation, as a paginator gives them."""

    pages: Callable[..., Iterator[dict[str, Any]]]

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        """One after the other."""
        return self.pages(**request)


def described(operation: str, request: Mapping[str, Any]) -> str:
    """A call's items in a few words."""
    if operation == "transact_write_items":
        actions = [next(iter(action.items())) for action in request["TransactItems"]]
        return ", ".join(f"{kind} {_name(action.get('Item') or action['Key'])}" for kind, action in actions)
    if "Keys" in request:
        return ", ".join(map(_name, request["Keys"]))
    key = request.get("Key") or request.get("Prefix") or request.get("executionArn") or ""
    version = f" version {request['VersionId']}" if "VersionId" in request else ""
    version += f" part {request['PartNumber']}" if "PartNumber" in request else ""
    values = request.get("ExpressionAttributeValues", {})
    return (
        (_name(key) if isinstance(key, dict) else str(key))
        + version
        + str(values.get(":pk", {}).get("S", ""))
    )


def _name(key: Mapping[str, Any]) -> str:
    return f"{key['pk']['S']}/{key['sk']['S']}"
