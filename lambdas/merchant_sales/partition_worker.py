"""One partition of a run: results written ahead, fence, commit, retractions, done mark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from lambdas.adapters.runs_table import SUCCEEDED, RunsTable
from lambdas.adapters.sales_table import Commit, SalesTable
from lambdas.adapters.work_files import WorkFiles
from lambdas.domain.errors import RunError
from lambdas.domain.frame_list import Frame
from lambdas.domain.ledger import Contribution, MerchantCurrency
from lambdas.domain.order_file import RunId
from lambdas.domain.partitions import HashRange, hash_ranges, merchant_hash
from lambdas.domain.plan import Plan
from lambdas.domain.reconciliation import Outcome, outcome_to_json
from lambdas.domain.sales import compute_sales, read_results


@dataclass(frozen=True, kw_only=True)
class PartitionWorker:
    """What a sales worker is given: its part of a run, and what it works with."""

    run_id: RunId
    part: HashRange
    runs: RunsTable
    sales: SalesTable
    work: WorkFiles
    scratch: Path
    connection: duckdb.DuckDBPyConnection
    now: Callable[[], datetime]

    def run(self) -> dict[str, Any]:
        """Compute, commit, retract; answers {superseded, committed, retracted}.

        The results are written before the fence is read, and the fence is read before the first commit: a
        newer run either finds these results when it retracts, or has set the fence that stops this one.
        """
        plan = self.work.plan(str(self.run_id))
        results = self._written_ahead(plan)
        if self.runs.key_state(self.run_id.keyhash).fence > self.run_id.revision:
            return {"superseded": True, "committed": 0, "retracted": 0}
        commit = Commit(run_id=self.run_id, object_key=plan.order_file.key, now=self.now())
        outcome, contributions = self._read(results, str(self.run_id))
        named: set[MerchantCurrency] = set()
        committed = self.sales.commit(_naming(contributions, named), commit)
        retracted = self.sales.commit(self._retractions(named), commit)
        answer = {"superseded": False, "committed": committed, "retracted": retracted}
        self.work.put_done(str(self.run_id), self.part, outcome_to_json(outcome) | answer)
        return answer

    def _written_ahead(self, plan: Plan) -> Path:
        """The partition's results: the stored ones where an earlier attempt has got so far."""
        results = self.scratch / "results.parquet"
        if self.work.fetch_results(str(self.run_id), self.part, results):
            return results
        compute_sales(frames=self._frames(plan), results=results, connection=self.connection)
        run_id = str(self.run_id)
        written = self.work.put_results(run_id, self.part, results)
        if not written and not self.work.fetch_results(run_id, self.part, results):
            raise RunError(
                f"The results {self.part.name} of run {run_id} disappeared from the work bucket while they "
                "were written. Find out who deletes under sales/, and run the file again with "
                "`merchant-sales replay`."
            )
        return results

    def _read(self, results: Path, run_id: str) -> tuple[Outcome, Iterator[Contribution]]:
        try:
            return read_results(results, self.connection)
        except (duckdb.Error, ValueError) as e:
            raise RunError(
                f"The results {self.part.name} of run {run_id} in the work bucket are damaged ({e}). Restore "
                "the object under sales/, or delete it if the run is this one, and run the file again with "
                "`merchant-sales replay`."
            ) from e

    def _frames(self, plan: Plan) -> list[Path]:
        paths = []
        for frame in self._frames_of(plan, list(hash_ranges(plan.partitions)).index(self.part)):
            split = plan.splits[frame.split]
            paths.append(self.scratch / f"{split.name}.parquet")
            self.work.fetch_frame(
                plan.run_id,
                split,
                begins_inside=frame.begins_inside,
                offset=frame.offset,
                length=frame.length,
                to=paths[-1],
            )
        return paths

    def _frames_of(self, plan: Plan, number: int) -> list[Frame]:
        """By the index of the only split, or the list over the indexes of all."""
        if len(plan.splits) > 1:
            return self.work.frames(plan.run_id, number)
        places = [self.work.shard_index(plan.run_id, split).frames[number] for split in plan.splits]
        return [Frame(0, False, *place) for place in places if place]

    def _retractions(self, named: set[MerchantCurrency]) -> Iterator[Contribution]:
        """An empty contribution for all that earlier runs may have put and this one doesn't name.

        Every earlier run counts, whatever its status, back to the newest that SUCCEEDED, which did the same.
        """
        gone: set[MerchantCurrency] = set()
        for run in self.runs.earlier_runs(self.run_id):
            gone.update(self._counted_by(run["run_id"]))
            if run["status"] == SUCCEEDED:
                break
        for about in sorted(gone - named):
            yield Contribution(about=about)

    def _counted_by(self, run_id: str) -> Iterator[MerchantCurrency]:
        earlier = self.scratch / "earlier.parquet"
        for part in self.work.results_of(run_id):
            if part.hi < self.part.lo or part.lo > self.part.hi:
                continue
            if not self.work.fetch_results(run_id, part, earlier):
                raise RunError(
                    f"The results {part.name} of the earlier run {run_id} disappeared while they were read. "
                    "Without them its sales can't be taken back; restore sales/ in the work bucket."
                )
            for contribution in self._read(earlier, run_id)[1]:
                if merchant_hash(contribution.about.merchant_id) in self.part:
                    yield contribution.about


def _naming(contributions: Iterator[Contribution], named: set[MerchantCurrency]) -> Iterator[Contribution]:
    """The same contributions, noting on the way whom they are about."""
    for contribution in contributions:
        named.add(contribution.about)
        yield contribution
