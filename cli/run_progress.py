"""How far a run is, by what its workers have left in the work bucket so far."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cli.deployment import CALLS_AT_ONCE, Deployment
from cli.pace import Pace
from cli.printing import money
from lambdas.adapters.dynamodb import Item
from lambdas.domain.partitions import HashRange
from lambdas.domain.reconciliation import Outcome, outcome_from_json, total_outcome
from lambdas.domain.stored_names import DONE, plan_object, results_folder, shards_folder


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What is done of a run; splits and partitions are 0 while their number isn't known yet."""

    splits: int = 0
    splits_done: int = 0
    partitions: int = 0
    partitions_done: int = 0
    lines: int = 0
    done: Outcome = field(default_factory=Outcome)
    seconds_left: float | None = None
    """Of the stage that goes on, sharding or computing, at its pace of late; None while nothing moves."""

    @property
    def part_done(self) -> float:
        """How much of the stage that goes on is done, 0 to 1."""
        if self.partitions:
            return self.partitions_done / self.partitions
        return self.splits_done / self.splits if self.splits else 0.0

    @property
    def words(self) -> str:
        """All of it in one line, for people."""
        if not self.partitions:
            told = [
                f"sharding, {self.splits_done:,} of {self.splits:,} splits" if self.splits else "planning"
            ]
        elif self.partitions_done == self.partitions:
            told = [f"settling, {self.partitions:,} partitions done"]
        else:
            told = [f"computing sales, {self.partitions_done:,} of {self.partitions:,} partitions"]
        if self.partitions:
            accounted = self.done.duplicates + self.done.ignored + self.done.counted
            told.append(f"{accounted:,} of {self.lines:,} lines")
        if self.done.counted_money:
            amounts = sorted(self.done.counted_money.items())
            texts = zip(amounts, money([amount for _, amount in amounts]), strict=True)
            told.append(" and ".join(f"{text} {currency}" for (currency, _), text in texts) + " so far")
        if self.seconds_left is not None:
            told.append(f"about {_duration(self.seconds_left)} left")
        return "; ".join(told)


@dataclass(kw_only=True)
class RunWatch:
    """Looks at one run over and over; a partition that is done is read once."""

    deployment: Deployment
    run_id: str
    splits: int = 0
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    _paces: dict[str, Pace] = field(default_factory=dict)

    def look(self, run: Item, now: datetime) -> Progress:
        """How far the run of this item is."""
        if "sharded_at" not in run:
            return self._sharding(run, now)
        self._read_done()
        partitions, done = int(run["partitions"]), len(self.outcomes)
        counts = run["counts"]
        return Progress(
            splits=int(run.get("splits", 0)),
            splits_done=int(run.get("splits", 0)),
            partitions=partitions,
            partitions_done=done,
            lines=int(counts["lines"]) - int(counts["rejected"]),
            done=total_outcome(self.outcomes.values()),
            seconds_left=self._seconds_left(run["sharded_at"], now, done, partitions),
        )

    def _sharding(self, run: Item, now: datetime) -> Progress:
        deployment = self.deployment
        if not self.splits and deployment.has_object(deployment.work_bucket, plan_object(self.run_id)):
            self.splits = len(deployment.work_files.plan(self.run_id).splits)
        if not self.splits:
            return Progress()
        names = (name.partition(".")[0] for name in self._names(shards_folder(self.run_id)))
        done = len(set(names))
        left = self._seconds_left(run["started_at"], now, done, self.splits)
        return Progress(splits=self.splits, splits_done=done, seconds_left=left)

    def _read_done(self) -> None:
        names = (name for name in self._names(results_folder(self.run_id)) if name.endswith(DONE))
        new = [name for name in names if name not in self.outcomes]
        with ThreadPoolExecutor(CALLS_AT_ONCE) as readers:
            marks = list(readers.map(self._done, new))
        self.outcomes |= {
            name: outcome_from_json(mark) for name, mark in zip(new, marks, strict=True) if mark
        }

    def _done(self, name: str) -> dict[str, Any] | None:
        return self.deployment.work_files.done(self.run_id, HashRange.of_name(name.removesuffix(DONE)))

    def _seconds_left(self, since: str, now: datetime, done: int, of: int) -> float | None:
        """Of the stage that began then."""
        pace = self._paces.setdefault(since, Pace(began=datetime.fromisoformat(since)))
        return pace.seconds_left(now, done, of)

    def _names(self, folder: str) -> Iterator[str]:
        pages = self.deployment.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.deployment.work_bucket, Prefix=folder
        )
        for page in pages:
            for found in page.get("Contents", []):
                yield found["Key"].removeprefix(folder)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
