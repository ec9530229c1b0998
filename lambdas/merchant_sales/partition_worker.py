"""One partition of a run: results written ahead, fence, commit, retractions, done mark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from lambdas.adapters.runs_table import SUCCEEDED, RunsTable
from lambdas.adapters.sales_table import TO_STOP_SECONDS, Commit, SalesTable
from lambdas.adapters.work_files import FRAME_READERS, WorkFiles
from lambdas.domain.errors import RunError, TimeIsUpError
from lambdas.domain.frame_list import Frame
from lambdas.domain.ledger import Contribution
from lambdas.domain.order_file import RunId
from lambdas.domain.partitions import HashRange, hash_ranges
from lambdas.domain.plan import Plan
from lambdas.domain.reconciliation import Outcome, outcome_to_json
from lambdas.domain.retractions import not_named_any_more, write_named
from lambdas.domain.sales import compute_sales, read_results


@dataclass(frozen=True, kw_only=True)
class PartitionWorker:
    """What a sales worker is given: its part of a run, and what it works with.

    `seconds_left` is how long the call may go on, infinity where nothing ends it.
    """

    run_id: RunId
    part: HashRange
    runs: RunsTable
    sales: SalesTable
    work: WorkFiles
    scratch: Path
    connection: duckdb.DuckDBPyConnection
    now: Callable[[], datetime]
    seconds_left: Callable[[], float]

    def run(self) -> dict[str, Any]:
        """Compute, commit, retract; answers {superseded, committed, retracted}.

        Raises TimeIsUpError when the time doesn't suffice: the next attempt takes the results as they are.
        The results are written before the fence is read, and the fence is read before the first commit: a
        newer run either finds these results when it retracts, or has set the fence that stops this one. What
        earlier runs named is read before the first commit too: where it is gone, this attempt counts nothing.
        """
        plan = self.work.plan(str(self.run_id))
        results, resumed = self._written_ahead(plan)
        if self.runs.key_state(self.run_id.keyhash).fence > self.run_id.revision:
            return {"superseded": True, "committed": 0, "retracted": 0}
        commit = Commit(
            run_id=self.run_id,
            object_key=plan.order_file.key,
            now=self.now(),
            resumed=resumed,
            check_time=self._check_time,
        )
        earlier = self._named_earlier()
        outcome, contributions = self._read(results)
        named = 0

        def counted() -> Iterator[Contribution]:
            nonlocal named
            for contribution in contributions:
                named += 1
                yield contribution

        committed = self.sales.commit(counted(), commit)
        gone = not_named_any_more(earlier, results, self.connection)
        retracted = self.sales.commit((Contribution(about=about) for about in gone), commit)
        answer = {"superseded": False, "committed": committed, "retracted": retracted}
        done = outcome_to_json(outcome) | answer | {"contributions": named}
        self.work.put_done(str(self.run_id), self.part, done)
        return answer

    def _check_time(self) -> None:
        if self.seconds_left() < TO_STOP_SECONDS:
            raise TimeIsUpError(
                f"The partition {self.part.name} of run {self.run_id} takes longer than one call: another "
                "one goes on."
            )

    def _written_ahead(self, plan: Plan) -> tuple[Path, bool]:
        """The partition's results, and whether they are the stored ones of an earlier attempt."""
        results = self.scratch / "results.parquet"
        if self.work.fetch_results(str(self.run_id), self.part, results):
            return results, True
        divided = hash_ranges(plan.partitions)
        met = [number for number, part in enumerate(divided) if part.meets(self.part)]
        whole = all(self.part.covers(divided[number]) for number in met)
        compute_sales(
            frames=self._frames(plan, range(met[0], met[-1] + 1)),
            results=results,
            connection=self.connection,
            only=None if whole else self.part,
        )
        run_id = str(self.run_id)
        written = self.work.put_results(run_id, self.part, results)
        if not written and not self.work.fetch_results(run_id, self.part, results):
            raise RunError(
                f"The results {self.part.name} of run {run_id} disappeared from the work bucket while they "
                "were written. Find out who deletes under sales/, and run the file again with "
                "`merchant-sales replay`."
            )
        return results, not written

    def _read(self, results: Path) -> tuple[Outcome, Iterator[Contribution]]:
        try:
            return read_results(results, self.connection)
        except (duckdb.Error, ValueError) as e:
            raise _damaged(self.part, str(self.run_id), e) from e

    def _frames(self, plan: Plan, partitions: range) -> list[Path]:
        """The frames of neighbouring partitions, those of each partition in the order of the splits."""

        def fetch(number: int, frame: Frame) -> Path:
            path = self.scratch / f"{number}.frame"
            self.work.fetch_frame(
                plan.run_id,
                plan.splits[frame.split],
                begins_inside=frame.begins_inside,
                offset=frame.offset,
                length=frame.length,
                to=path,
            )
            return path

        frames = self._frames_of(plan, partitions)
        with ThreadPoolExecutor(FRAME_READERS) as readers:
            return list(readers.map(fetch, range(len(frames)), frames))

    def _frames_of(self, plan: Plan, partitions: range) -> list[Frame]:
        """By the index of the only split, or the list over the indexes of all."""
        if len(plan.splits) > 1:
            return self.work.frames(plan.run_id, partitions)
        frames = [self.work.shard_index(plan.run_id, split).frames for split in plan.splits]
        places = [places[number] for places in frames for number in partitions]
        return [Frame(0, False, *place) for place in places if place]

    def _named_earlier(self) -> list[Path]:
        """Whom earlier runs may have given sales in this range: what this run doesn't name, it takes back.

        Every earlier run counts, whatever its status, back to the newest that SUCCEEDED, which did the same.
        """
        earlier: list[Path] = []
        for run in self.runs.earlier_runs(self.run_id):
            self._check_time()
            parts = [part for part in self.work.results_of(run["run_id"]) if part.meets(self.part)]
            if run["status"] == SUCCEEDED and not self.part.is_covered_by(parts):
                raise _missing(self.part, run["run_id"])
            for part in parts:
                earlier.append(self.scratch / f"{len(earlier)}.named")
                self._write_named(run["run_id"], part, named=earlier[-1])
            if run["status"] == SUCCEEDED:
                break
        return earlier

    def _write_named(self, run_id: str, part: HashRange, *, named: Path) -> None:
        """Whom the results of an earlier run's partition name in this one's range."""
        results = self.scratch / "earlier.parquet"
        if not self.work.fetch_results(run_id, part, results):
            raise _missing(part, run_id)
        try:
            write_named(results, self.part, named=named, connection=self.connection)
        except duckdb.Error as e:
            raise _damaged(part, run_id, e) from e


RESTORE = 'docs/operations.md, "Results are damaged or gone", says how to get them back.'


def _missing(part: HashRange, run_id: str) -> RunError:
    return RunError(
        f"The results of run {run_id} for the partition {part.name} are gone from sales/ in the work bucket. "
        f"Without them its sales can't be taken back, so this attempt counted nothing: {RESTORE}"
    )


def _damaged(part: HashRange, run_id: str, error: Exception) -> RunError:
    return RunError(
        f"The results {part.name} of run {run_id} in the work bucket are damaged ({error}): {RESTORE}"
    )
