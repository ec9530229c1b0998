"""Events that a run has ended, or that a key could not be looked at: docs/schemas/run-event.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdas.domain.money import money_to_json
from lambdas.domain.order_file import RunId

SOURCE = "merchant-sales"
RUN_ENDED = {"SUCCEEDED": "Run Succeeded", "FAILED": "Run Failed", "SUPERSEDED": "Run Superseded"}
LOOK_FAILED = "Look Failed"
SUBJECT_CHARACTERS = 100
"""What SNS takes: ASCII, in one line."""
COPIED = ("run_id", "version_id", "status", "reason", "started_at", "ended_at", "format", "execution")


@dataclass(frozen=True, kw_only=True)
class RunEvent:
    """An event as EventBridge takes it."""

    detail_type: str
    detail: Mapping[str, Any]


def run_ended(item: Mapping[str, Any]) -> RunEvent | None:
    """The event of a run's item; None while the run goes on.

    The same ending always has the same id, so whoever counts events can leave out repeated ones.
    """
    detail_type = RUN_ENDED.get(item["status"])
    if detail_type is None:
        return None
    detail: dict[str, Any] = {
        "id": f"{item['run_id']}/{item['status']}/{item['ended_at']}",
        "key": item["object_key"],
        "revision": RunId.parse(item["run_id"]).revision,
        **{name: item.get(name) for name in COPIED},
        "counts": {name: int(count) for name, count in item.get("counts", {}).items()},
        "money": {currency: money_to_json(amounts) for currency, amounts in item.get("money", {}).items()},
        "warnings": [str(warning) for warning in item.get("warnings", [])],
    }
    return RunEvent(detail_type=detail_type, detail=detail)


def look_failed(*, key: str, execution: str, reason: str, ended_at: str) -> RunEvent:
    """The event of an execution that ended before it had looked at its key: there is no run."""
    name = execution.rsplit(":", 1)[-1]
    values = {"id": f"{name}/FAILED/{ended_at}", "key": key, "status": "FAILED", "reason": reason}
    return RunEvent(detail_type=LOOK_FAILED, detail=values | {"execution": execution, "ended_at": ended_at})


def subject(detail_type: str, detail: Mapping[str, Any]) -> str:
    """The subject of a message to people."""
    told = f"merchant-sales: {detail_type}: {detail['key']}"
    line = "".join(c if c.isascii() and c.isprintable() else "?" for c in told)
    return line if len(line) <= SUBJECT_CHARACTERS else f"{line[: SUBJECT_CHARACTERS - 3]}..."


def message(detail_type: str, detail: Mapping[str, Any]) -> str:
    """The message itself: what happened to which file, why, and what to do."""
    lines = [f"{detail_type}: {detail['key']}", ""]
    if detail.get("reason"):
        lines += [detail["reason"], ""]
    lines += [f"Warning: {warning}" for warning in detail.get("warnings", [])]
    counts = detail.get("counts") or {}
    if counts:
        lines.append("Order lines: " + ", ".join(f"{counts[name]:,} {name}" for name in counts))
    for currency, amounts in sorted((detail.get("money") or {}).items()):
        lines.append(f"Money in {currency}: " + ", ".join(f"{amounts[name]} {name}" for name in amounts))
    for name in ("started_at", "ended_at"):
        if detail.get(name):
            lines.append(f"{name.replace('_at', '').capitalize()}: {detail[name]}")
    return "\n".join([*lines, "", *_what_to_do(detail_type, detail)]) + "\n"


def _what_to_do(detail_type: str, detail: Mapping[str, Any]) -> list[str]:
    key = json.dumps(detail["key"], ensure_ascii=False)
    if detail_type == LOOK_FAILED:
        return [
            "The file was not looked at, so it has no run. When the cause has passed:",
            f"  merchant-sales replay {key}",
            'What else can be done: docs/operations.md, "A key could not be looked at".',
        ]
    shown = [f"More: merchant-sales run {detail['run_id']}"]
    if detail["status"] != "FAILED":
        return shown
    return [
        *shown,
        "Correct the file and upload it again under the same key; or, when the cause has passed:",
        f"  merchant-sales redrive {detail['run_id']}",
        'What else can be done: docs/operations.md, "A run failed".',
    ]
