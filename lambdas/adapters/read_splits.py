"""The splits of a run as they were read: the indexes of their shards, each from where it truly begins."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lambdas.adapters.work_files import WorkFiles
from lambdas.domain.cuts import content_sha256, splits_inside
from lambdas.domain.money import add_money
from lambdas.domain.plan import Plan
from lambdas.domain.reconciliation import Intake
from lambdas.domain.shard_index import ShardIndex

READERS = 16


@dataclass(frozen=True, kw_only=True)
class ReadSplits:
    """The index of each split, read from where it truly begins; `inside` are those that begin in quotes.

    `to_shard_again` are the ones of them that have not been read so yet; then the rest isn't known.
    """

    indexes: list[ShardIndex]
    inside: list[int]
    to_shard_again: list[int]

    @property
    def intake(self) -> Intake:
        """What the sharding of all splits read."""
        reasons: Counter[str] = Counter()
        for index in self.indexes:
            reasons.update(index.reject_reasons)
        return Intake(
            lines=sum(index.lines_read for index in self.indexes),
            rejected=sum(index.rejected for index in self.indexes),
            reject_reasons=reasons,
            accepted_money=add_money(index.accepted_money for index in self.indexes),
        )

    @property
    def content_sha256(self) -> str:
        """The hash that names the file's content."""
        return content_sha256(self.indexes)


def read_splits(plan: Plan, work: WorkFiles) -> ReadSplits:
    """Read the indexes of a run's splits, and prove its cuts."""
    run_id = plan.run_id
    with ThreadPoolExecutor(READERS) as readers:
        indexes = list(readers.map(lambda split: work.shard_index(run_id, split), plan.splits))
        inside = splits_inside(indexes)
        again = [n for n in inside if not work.has_shards(run_id, plan.splits[n], begins_inside=True)]
        for number in () if again else inside:
            indexes[number] = work.shard_index(run_id, plan.splits[number], begins_inside=True)
    return ReadSplits(indexes=indexes, inside=inside, to_shard_again=again)
