"""The place that scheduled sweeps have reached: where one has to end the next goes on, to the end of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lambdas.adapters.dynamodb import (
    Backoff,
    ConditionNotMetError,
    ConflictError,
    Item,
    get_item,
    transact,
    update,
)
from lambdas.adapters.runs_table import RunsTable, iso
from lambdas.adapters.sweep import Cursor
from lambdas.domain.stored_names import sweep_item

KEPT_FOR = timedelta(days=21)
"""Three times the longest that may be between two sweeps: who comes later begins at the start."""
ATTEMPTS = 20
_FIELDS = {"bucket": {"KeyMarker", "VersionIdMarker"}, "table": {"pk", "sk"}}
"""Of a place, by side; a place without any is the side's beginning."""
START = Cursor(place={})


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """Where a sweep begins; how many sweeps before it have not come to the end of all.

    `refused` says why it begins at the start although a place is stored; else it is empty.
    """

    cursor: Cursor
    unfinished: int
    refused: str = ""


@dataclass(frozen=True, kw_only=True)
class SweepPlace:
    """The item of the runs table that holds the place; it belongs to the sweep that began last.

    So of two sweeps the older one ends with its present call, and can't bring back a place that was passed.
    """

    runs: RunsTable
    backoff: Backoff

    def take(self, sweep: str, moment: datetime) -> Beginning:
        """Make the place this sweep's, also when another one is still at it."""
        item = get_item(self.runs.client, self.runs.table, sweep_item()) or {}
        unfinished = int(item.get("sweeps", 0))
        if item.get("sweep") == sweep:  # this call again
            unfinished -= 1
        self._write({"sweep": sweep, "sweeps": unfinished + 1, "since": item.get("since") or iso(moment)})
        if "side" not in item:
            return Beginning(cursor=START, unfinished=unfinished)
        refused = _why_not(item, moment)
        cursor = START if refused else Cursor.of(item)
        return Beginning(cursor=cursor, unfinished=unfinished, refused=refused)

    def keep(self, sweep: str, cursor: Cursor, moment: datetime) -> bool:
        """Keep how far this sweep is; False where a later one has taken the place."""
        values: Item = {"side": cursor.side, "place": dict(cursor.place), "kept_at": iso(moment)}
        return self._write(values, only_of=sweep)

    def finish(self, sweep: str, moment: datetime) -> bool:
        """Everything has been compared: the next sweep begins at the start; False as above."""
        values: Item = {"finished_at": iso(moment)}
        gone = ("sweep", "sweeps", "since", "side", "place", "kept_at")
        return self._write(values, remove=gone, only_of=sweep)

    def _write(self, values: Item, *, remove: tuple[str, ...] = (), only_of: str = "") -> bool:
        action = update(
            self.runs.table,
            sweep_item(),
            set_values=values,
            remove=remove,
            condition="#sweep = :sweep" if only_of else None,
            values_of_condition={":sweep": only_of} if only_of else None,
        )
        for attempt in range(ATTEMPTS):
            try:
                transact(self.runs.client, [action])
            except ConditionNotMetError:
                return False
            except ConflictError as e:
                self.backoff.wait(attempt, str(e))
                continue
            return True
        raise ConflictError(f"the place of the sweep could not be written in {ATTEMPTS} attempts")


def _why_not(item: Mapping[str, Any], moment: datetime) -> str:
    """Why a stored place can't be gone on from; empty where it can."""
    side, place, kept_at = item["side"], item.get("place"), str(item.get("kept_at"))
    if side not in _FIELDS or not _of_side(side, place):
        return f"it is no place: {place!r} of the {side!r}"
    try:
        outdated = moment - datetime.fromisoformat(kept_at) > KEPT_FOR
    except (ValueError, TypeError):  # no moment, or one without a time zone
        return f"it was kept at {kept_at}, which is no moment"
    return f"it was kept at {kept_at}, more than {KEPT_FOR.days} days ago" if outdated else ""


def _of_side(side: str, place: object) -> bool:
    if not isinstance(place, dict) or (place and set(place) != _FIELDS[side]):
        return False
    return all(isinstance(value, str) for value in place.values())
