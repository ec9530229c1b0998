"""The account's default event bus: it is told of every run that has ended."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.adapters.dynamodb import Item
from lambdas.domain.run_event import SOURCE, RunEvent, run_ended

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient


class EventNotTakenError(Exception):
    """EventBridge didn't take an event: try again."""


@dataclass(frozen=True, kw_only=True)
class RunEvents:
    """What tells of runs; always after the change of their status, so a failure can only repeat an event."""

    client: EventBridgeClient
    runs_table: str
    """Tells the stacks of one account apart."""

    def tell_of_run(self, item: Item | None) -> None:
        """Tell that a run has ended; of one that goes on there is nothing to tell."""
        event = run_ended(item) if item else None
        if event:
            self.tell(event)

    def tell(self, event: RunEvent) -> None:
        """Put an event; raises EventNotTakenError."""
        detail = {**event.detail, "runs_table": self.runs_table}
        answer = self.client.put_events(
            Entries=[{"Source": SOURCE, "DetailType": event.detail_type, "Detail": json.dumps(detail)}]
        )
        if answer["FailedEntryCount"]:
            refused = answer["Entries"][0]
            raise EventNotTakenError(f"{refused.get('ErrorCode')}: {refused.get('ErrorMessage')}")
