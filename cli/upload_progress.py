"""How far an upload is, computed from what is stored about its key and its run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from cli.run_progress import Progress
from lambdas.adapters.dynamodb import Item
from lambdas.adapters.runs_table import FAILED, RUNNING


class Stage(Enum):
    """What goes on with an upload, as people read it."""

    UPLOADING = "uploading"
    UPLOADED = "waiting for its run"
    SHARDING = "sharding"
    COMPUTING = "computing sales"
    SETTLING = "settling"
    SETTLED = "settled"


_DONE_BEFORE = {
    Stage.UPLOADING: 0.0,
    Stage.UPLOADED: 0.1,
    Stage.SHARDING: 0.15,
    Stage.COMPUTING: 0.5,
    Stage.SETTLING: 0.95,
    Stage.SETTLED: 1.0,
}


@dataclass(kw_only=True)
class Upload:
    """One file on its way: what was asked for, and what is known of it by now."""

    path: Path
    key: str
    keyhash: str
    size_bytes: int
    before: Item
    """The key's item before the upload; empty where there was none."""
    sent_bytes: int = 0
    version_id: str | None = None
    run: Item | None = None
    progress: Progress | None = None
    """How far its run is, where that has been asked for."""
    settled: bool = False
    look_error: str | None = None
    """Why nobody could look at the key, if that is so: then there is no run."""

    @property
    def stage(self) -> Stage:
        """What goes on with it."""
        if self.settled:
            return Stage.SETTLED
        if self.version_id is None:
            return Stage.UPLOADING
        if self.run is None:
            return Stage.UPLOADED
        if self.run["status"] != RUNNING:
            return Stage.SETTLING
        if "sharded_at" not in self.run:
            return Stage.SHARDING
        return Stage.COMPUTING if self.done < self.partitions else Stage.SETTLING

    @property
    def partitions(self) -> int:
        """How many partitions its run has; 0 while that isn't known."""
        return int((self.run or {}).get("partitions", 0))

    @property
    def done(self) -> int:
        """How many partitions are committed."""
        return self.progress.partitions_done if self.progress else 0

    @property
    def part_done(self) -> float:
        """How much of the way lies behind it, 0 to 1."""
        base = _DONE_BEFORE[self.stage]
        if self.stage is Stage.UPLOADING and self.size_bytes:
            return _DONE_BEFORE[Stage.UPLOADED] * self.sent_bytes / self.size_bytes
        if self.stage is Stage.COMPUTING:
            return base + (_DONE_BEFORE[Stage.SETTLING] - base) * self.done / self.partitions
        return base

    @property
    def words(self) -> str:
        """The stage with its numbers."""
        if self.progress and self.stage in {Stage.SHARDING, Stage.COMPUTING, Stage.SETTLING}:
            return self.progress.words
        return FAILED if self.failed else self.stage.value

    @property
    def status(self) -> str:
        """The status to report: the run's, or FAILED without one."""
        if self.look_error:
            return FAILED
        return str(self.run["status"]) if self.run else ""

    @property
    def failed(self) -> bool:
        """Whether its run has FAILED, or there was none because nobody could look at the key."""
        return self.settled and self.status == FAILED

    @property
    def reason(self) -> str:
        """Why it failed, if it did."""
        return self.look_error or str((self.run or {}).get("reason", ""))


def covers(key_item: Item, *, version_id: str, present_version_id: str) -> bool:
    """Whether a key's newest revision is of this version or a later one.

    One that is neither this version nor what the key holds now may be an earlier one, uploaded by somebody
    else just before: its own run settles nothing of this one.
    """
    return key_item.get("version_id") in {version_id, present_version_id}


def pause_seconds(waited_seconds: float, *, local: bool) -> float:
    """How long to wait before asking again: twice a second locally, ever more rarely on AWS."""
    return 0.5 if local else min(10.0, 1.0 + waited_seconds / 30)


def ended(uploads: Sequence[Upload]) -> str:
    """How many have settled, and how many have failed."""
    failed = sum(upload.failed for upload in uploads)
    settled = sum(upload.settled for upload in uploads) - failed
    return f"{settled} of {len(uploads)} settled{f', {failed} {FAILED}' if failed else ''}"


def summary(uploads: Sequence[Upload]) -> str:
    """One line over all of them."""
    counts = Counter(upload.stage for upload in uploads if not upload.settled)
    active = [f"{counts[stage]} {stage.value}" for stage in Stage if counts[stage]]
    return ", ".join([ended(uploads), *active])
