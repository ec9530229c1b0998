"""Notices that nothing is finished for minutes, and says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cli.run_progress import Progress
from lambdas.adapters.dynamodb import Item

SECONDS_TO_STAND_STILL = 300.0


@dataclass
class Standstill:
    """What was seen last, and since when; times are seconds on the watcher's clock."""

    since: float = 0.0
    _seen: object = None
    _told_at: float | None = None

    def told(self, seen: object, now: float) -> str:
        """What to say of it, every five minutes that the same is seen; else nothing."""
        if self._seen is not None and seen != self._seen:
            self.since, self._told_at = now, None
        self._seen = seen
        before = self.since if self._told_at is None else self._told_at
        if now - before < SECONDS_TO_STAND_STILL:
            return ""
        self._told_at = now
        return (
            f"nothing was finished for {(now - self.since) / 60:.0f} minutes: a large partition, functions "
            "or a table that are too busy, or a Batch job that waits; docs/operations.md, "
            '"Nothing moves", tells them apart'
        )


def finished(progress: Progress | None) -> tuple[int, int]:
    """What counts as seen of a run: the splits and partitions that are done."""
    return (progress.splits_done, progress.partitions_done) if progress else (0, 0)


def stands_since(item: Item, progress: Progress, now: datetime) -> float:
    """For how many seconds nothing was finished, when a run is first looked at; 0 if that can't be known."""
    if progress.partitions_done or (progress.splits_done and "sharded_at" not in item):
        return 0.0
    since = datetime.fromisoformat(str(item.get("sharded_at", item["started_at"])))
    return max(0.0, (now - since).total_seconds())
