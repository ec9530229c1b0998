"""What the dashboard asks AWS for, counted at its clients, and what DynamoDB and S3 charge for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Lock
from typing import Any

from cli.deployment import Deployment
from cli.estimate.item_units import item_bytes
from cli.estimate.prices import Prices

READ_BYTES, HALF = 4096, Decimal("0.5")
PRICED_AS_PUT, PRICED_AS_GET = {"ListObjectsV2"}, {"GetObject", "HeadObject"}
TOTAL_BYTES = 200
"""About what a merchant's total has in the index."""


@dataclass
class Asked:
    """Requests by operation, and DynamoDB's read units."""

    requests: Counter[str] = field(default_factory=Counter)
    read_units: Decimal = Decimal(0)
    lock: Lock = field(default_factory=Lock)

    def watch(self, deployment: Deployment) -> None:
        """Count what the clients of a deployment ask for."""
        for client in (deployment.dynamodb, deployment.s3, deployment.stepfunctions):
            client.meta.events.register("before-parameter-build", self._asks)
            client.meta.events.register("after-call", self._answered)

    def forget(self) -> None:
        """Begin to count."""
        with self.lock:
            self.requests.clear()
            self.read_units = Decimal(0)

    def taken(self, prices: Prices) -> tuple[dict[str, int], Decimal, Decimal]:
        """Requests, read units and dollars since then."""
        with self.lock:
            requests, units = dict(sorted(self.requests.items())), self.read_units
        puts = sum(count for name, count in requests.items() if name in PRICED_AS_PUT)
        gets = sum(count for name, count in requests.items() if name in PRICED_AS_GET)
        cost = units * prices.dynamodb_read_unit + puts * prices.s3_put + gets * prices.s3_get
        return requests, units, cost

    def _asks(self, params: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
        context["asked_for"] = params

    def _answered(
        self, model: Any, parsed: Mapping[str, Any], context: Mapping[str, Any], **_: object
    ) -> None:
        with self.lock:
            self.requests[model.name] += 1
            self.read_units += _units(model.name, context.get("asked_for", {}), parsed)


def _units(operation: str, params: Mapping[str, Any], parsed: Mapping[str, Any]) -> Decimal:
    if operation == "Query":
        sizes = [item_bytes(item) for item in parsed["Items"]]
        # What a filter left out was read, too.
        of_one = sum(sizes) / len(sizes) if sizes else TOTAL_BYTES
        return _blocks(round(of_one * parsed["ScannedCount"])) * (1 if params.get("ConsistentRead") else HALF)
    if operation == "GetItem":
        return _blocks(item_bytes(parsed.get("Item", {})))
    if operation == "BatchGetItem":
        items = [item for found in parsed["Responses"].values() for item in found]
        return sum((_blocks(item_bytes(item)) for item in items), Decimal(0))
    return Decimal(0)


def _blocks(size_bytes: int) -> Decimal:
    return Decimal(max(1, -(-size_bytes // READ_BYTES)))
