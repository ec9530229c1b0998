"""Events of ended runs keep to their schema, and their messages can be read."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from lambdas.adapters.run_events import EventNotTakenError, RunEvents
from lambdas.domain.run_event import look_failed, message, run_ended, subject

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schemas/run-event.json").read_text())
RUN_ID = f"{'a' * 32}-00000002"
ENDED: dict[str, Any] = {
    "run_id": RUN_ID,
    "object_key": "shops/été.csv",
    "version_id": "v1",
    "status": "SUCCEEDED",
    "started_at": "2026-01-01T00:00:00.000Z",
    "ended_at": "2026-01-01T00:00:09.250Z",
    "execution": "arn:aws:states:eu-central-1:123456789012:execution:SalesRun:e1",
    "format": "default",
    "counts": {"lines": Decimal(10), "rejected": Decimal(1), "counted": Decimal(9)},
    "money": {"USD": {"accepted": Decimal("-1234.5000"), "counted": Decimal("1E+2")}},
    "warnings": ["The same bytes are counted under another key too."],
    "expires_at": 1,
}
FAILED = {
    name: value for name, value in ENDED.items() if name not in {"counts", "money", "format", "warnings"}
}
FAILED |= {"status": "FAILED", "reason": "The file is empty."}
LOOK = look_failed(
    key="a.csv", execution=ENDED["execution"], reason="No permission.", ended_at=ENDED["ended_at"]
)


class Bus:
    """Keeps what it is given, or refuses it."""

    def __init__(self, *, refused: int = 0) -> None:
        self.entries: list[dict[str, Any]] = []
        self.refused = refused

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803  boto3's name
        """EventBridge's answer."""
        self.entries += Entries
        entry = {"ErrorCode": "InternalFailure", "ErrorMessage": "try again"} if self.refused else {}
        return {"FailedEntryCount": self.refused, "Entries": [entry]}

    @property
    def events(self) -> list[dict[str, Any]]:
        """What a rule of the bus sees."""
        return [
            {"source": one["Source"], "detail-type": one["DetailType"], "detail": json.loads(one["Detail"])}
            for one in self.entries
        ]


def events_over(bus: Any) -> RunEvents:
    return RunEvents(client=bus, runs_table="runs")


@pytest.mark.parametrize(
    ("item", "detail_type"),
    [
        (ENDED, "Run Succeeded"),
        (FAILED, "Run Failed"),
        (ENDED | {"status": "SUPERSEDED"}, "Run Superseded"),
    ],
)
def test_an_ended_run_is_an_event_that_keeps_to_the_schema(item: dict[str, Any], detail_type: str) -> None:
    bus = Bus()
    events_over(bus).tell_of_run(item)
    [event] = bus.events
    jsonschema.validate(event, SCHEMA)
    assert event["detail-type"] == detail_type
    assert event["detail"]["id"] == f"{RUN_ID}/{item['status']}/2026-01-01T00:00:09.250Z"


def test_a_look_that_failed_is_an_event_that_keeps_to_the_schema() -> None:
    bus = Bus()
    events_over(bus).tell(LOOK)
    jsonschema.validate(bus.events[0], SCHEMA)


def test_the_schema_refuses_what_is_not_documented() -> None:
    event = run_ended(ENDED)
    assert event is not None
    wrong = {"source": "merchant-sales", "detail-type": "Run Succeeded", "detail": {**event.detail, "x": 1}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMA)


def test_of_a_run_that_goes_on_nothing_is_told() -> None:
    bus = Bus()
    events_over(bus).tell_of_run(ENDED | {"status": "RUNNING"})
    events_over(bus).tell_of_run(None)
    assert bus.entries == []


def test_an_event_that_is_not_taken_is_an_error_so_that_it_is_tried_again() -> None:
    with pytest.raises(EventNotTakenError, match="try again"):
        events_over(Bus(refused=1)).tell_of_run(ENDED)


def test_money_stays_exact_and_in_plain_digits() -> None:
    event = run_ended(ENDED)
    assert event is not None
    assert event.detail["money"] == {"USD": {"accepted": "-1234.5000", "counted": "100"}}


def test_a_message_says_what_happened_why_and_what_to_do() -> None:
    event = run_ended(FAILED)
    assert event is not None
    told = message(event.detail_type, event.detail)
    assert told.startswith("Run Failed: shops/été.csv\n\nThe file is empty.\n")
    assert f"merchant-sales redrive {RUN_ID}" in told
    assert 'merchant-sales replay "a.csv"' in message(LOOK.detail_type, LOOK.detail)
    good = run_ended(ENDED)
    assert good is not None
    told = message(good.detail_type, good.detail)
    assert "Order lines: 10 lines, 1 rejected, 9 counted" in told
    assert "redrive" not in told


def test_a_subject_is_what_sns_takes() -> None:
    assert subject("Run Failed", {"key": "été\n.csv"}) == "merchant-sales: Run Failed: ?t??.csv"
    assert len(subject("Run Failed", {"key": "k" * 900})) == 100


@pytest.mark.parametrize("heading", ["A run failed", "A key could not be looked at"])
def test_the_sections_that_messages_name_are_in_the_runbook(heading: str) -> None:
    runbook = (Path(__file__).parents[2] / "docs/operations.md").read_text()
    assert f"\n## {heading}\n" in runbook
