"""A sweep: compares what every key holds now with its item, in both directions, and finds what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lambdas.adapters.abandoned_runs import ending_of_abandoned, settle_abandoned
from lambdas.adapters.dynamodb import Backoff, Item
from lambdas.adapters.executions import Executions
from lambdas.adapters.looks import Looks
from lambdas.adapters.order_files import OrderFiles
from lambdas.adapters.run_events import RunEvents
from lambdas.adapters.runs_table import RunsTable
from lambdas.adapters.sweep_sides import KnownKey, Place, held_keys, known_keys, known_states
from lambdas.domain.look import KeyState, next_revision
from lambdas.domain.order_file import DELETED, OrderFile, RunId, key_hash
from lambdas.domain.order_format import OrderFormat

READERS = 10
"""Calls at once: as many as a client keeps connections."""
NEVER_RAN = "it never had a run"
CHANGED = "it changed after its newest run"
GONE = "it holds nothing any more, and its newest run is of a version"
ABANDONED = "its run is RUNNING, but the execution has ended"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that is missing: a look at a key, or (with a run id) the settling of an abandoned run."""

    key: str
    why: str
    run_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """How far a sweep is: first all of the bucket, then all of the table."""

    side: str = "bucket"
    place: Place

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Cursor:
        """The cursor of a dictionary of its fields; an empty one begins."""
        return cls(side=values.get("side", "bucket"), place=values.get("place", {}))


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a page held: how many keys of each side, and what is missing; `rest` is where to go on."""

    held: int = 0
    known: int = 0
    findings: Sequence[Finding]
    rest: Cursor | None


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """What a sweep works with.

    A key that changed after `changed_before` is left to its event, which may still be on the way.
    """

    order_files: OrderFiles
    runs: RunsTable
    executions: Executions
    looks: Looks
    events: RunEvents
    formats: Sequence[OrderFormat]
    changed_before: datetime
    backoff: Backoff
    now: Callable[[], datetime]

    def pages(self, cursor: Cursor) -> Iterator[Page]:
        """Everything from the cursor on, in pages of bounded size."""
        while True:
            page = self._of_bucket(cursor.place) if cursor.side == "bucket" else self._of_table(cursor.place)
            yield page
            if page.rest is None:
                return
            cursor = page.rest

    def put_right(self, finding: Finding) -> str:
        """Look at the key, or settle the run; answers with the look's execution, or nothing."""
        if finding.run_id is None:
            return self.looks.start(finding.key)
        run = self.runs.run(RunId.parse(finding.run_id))
        if run is not None:
            settle_abandoned(
                run, runs=self.runs, executions=self.executions, events=self.events, moment=self.now()
            )
        return ""

    def _of_bucket(self, place: Place) -> Page:
        held, rest = held_keys(self.order_files.client, self.order_files.bucket, place)
        keyhashes = [self._keyhash(one.order_file.key) for one in held]
        states = known_states(self.runs.client, self.runs.table, keyhashes, self.backoff)
        findings = []
        for one in held:
            known = states.get(self._keyhash(one.order_file.key), KeyState())
            if one.since < self.changed_before and (why := self._why(known, one.order_file)):
                findings.append(Finding(key=one.order_file.key, why=why))
        after = Cursor(side="bucket", place=rest) if rest else Cursor(side="table", place={})
        return Page(held=len(held), findings=findings, rest=after)

    def _of_table(self, place: Place) -> Page:
        """Keys that hold nothing, without a delete marker, aren't in the bucket's list; and running runs."""
        page = known_keys(self.runs.client, self.runs.table, place)
        with ThreadPoolExecutor(READERS) as readers:
            removed = readers.map(self._removed, (one for one in page.keys if one.state.revision))
            abandoned = readers.map(self._abandoned, page.running)
            findings = [finding for finding in (*removed, *abandoned) if finding]
        rest = Cursor(side="table", place=page.rest) if page.rest else None
        return Page(known=len(page.keys), findings=findings, rest=rest)

    def _removed(self, known: KnownKey) -> Finding | None:
        if not self._why(known.state, self._nothing(known.key)):
            return None
        present = self.order_files.present(known.key)
        if not present.deleted:
            return None
        fresh = self.runs.key_state(self._keyhash(known.key))
        why = self._why(fresh, present)
        return Finding(key=known.key, why=why) if why else None

    def _abandoned(self, run: Item) -> Finding | None:
        if ending_of_abandoned(run, self.executions, self.now()) is None:
            return None
        return Finding(key=run["object_key"], why=ABANDONED, run_id=run["run_id"])

    def _why(self, known: KeyState, present: OrderFile) -> str:
        """Why a key has to be looked at: by the rule that the look itself goes by; empty where it hasn't."""
        if next_revision(known, present, replay=False, formats=self.formats) is None:
            return ""
        if known.revision == 0:
            return NEVER_RAN
        return GONE if present.deleted else CHANGED

    def _nothing(self, key: str) -> OrderFile:
        return OrderFile(bucket=self.order_files.bucket, key=key, version_id=DELETED)

    def _keyhash(self, key: str) -> str:
        return key_hash(self.order_files.bucket, key)
