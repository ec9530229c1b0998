"""SettleRun: prove that no line and no cent was lost, and publish the run."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from lambdas.adapters.aws import aws, now
from lambdas.adapters.named_failures import named_failures
from lambdas.adapters.read_splits import read_splits
from lambdas.adapters.run_items import intake_of, settled_values
from lambdas.adapters.runs_table import FAILED, RUNNING, SUCCEEDED, SUPERSEDED, RunsTable, iso
from lambdas.adapters.work_files import WorkFiles
from lambdas.domain.errors import ConservationError, RunError
from lambdas.domain.fan_out import sales_partitions
from lambdas.domain.measures import Measure, money_of_settled_run, of_ended_run
from lambdas.domain.order_file import RunId
from lambdas.domain.partitions import HashRange
from lambdas.domain.reconciliation import Outcome, outcome_from_json, prove_conservation, total_outcome

READERS = 16


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001  Lambda's signature
    """Take {run_id}; answer {status}."""
    run_id = RunId.parse(event["run_id"])
    with named_failures(aws().logger, f"settling of run {run_id}", run_id=str(run_id)):
        return settle_and_tell(run_id)


def settle_and_tell(run_id: RunId) -> dict[str, Any]:
    """Settle a run, and tell of it in events, metrics and the log."""
    try:
        status = settle_run(run_id, runs=aws().runs_table, work=aws().work_files, now=now)
    except ConservationError as e:
        aws().metrics.put({Measure.CONSERVATION_FAILURES: 1})
        raise RunError(str(e)) from e  # the name by which the state machine knows not to try again
    # also where an earlier attempt has settled it: that one may have died before it told
    run = aws().runs_table.run(run_id)
    aws().run_events.tell_of_run(run)
    aws().metrics.put(of_ended_run(run) if run else {})
    aws().metrics.put_money(money_of_settled_run(run) if run else {})
    aws().logger.info("settled", extra={"run_id": str(run_id), "status": status})
    return {"status": status}


def settle_run(run_id: RunId, *, runs: RunsTable, work: WorkFiles, now: Callable[[], datetime]) -> str:
    """Settle a run whose partitions have ended; answers with its status.

    Raises RunError where a partition isn't done though no newer run took over, ConservationError where
    the laws don't hold.
    """
    run = runs.run(run_id)
    if run is None:
        raise RunError(f"There is no run {run_id}; `merchant-sales runs` lists the runs.")
    if run["status"] in {SUCCEEDED, SUPERSEDED}:
        return str(run["status"])
    outcomes = _outcomes(run_id, work)
    missing = [part for part, outcome in outcomes.items() if outcome is None]
    if missing and runs.key_state(run_id.keyhash).fence > run_id.revision:
        return runs.change_status(
            run_id, SUPERSEDED, allowed={RUNNING, FAILED}, values={"ended_at": iso(now())}
        )
    if missing:
        raise RunError(
            f"Partition {missing[0].name} of run {run_id} is not done ({len(missing)} of {len(outcomes)} are "
            f"missing). Run the file again with `merchant-sales replay`."
        )
    if "counts" not in run:
        raise RunError(
            f"Run {run_id} has no counts in the runs table, though its partitions are done: somebody changed "
            "the table. Run the file again with `merchant-sales replay`."
        )
    intake = intake_of(run)
    outcome = total_outcome(outcome for outcome in outcomes.values() if outcome is not None)
    prove_conservation(intake, outcome)
    values = settled_values(intake, outcome) | {"ended_at": iso(now())}
    return runs.change_status(run_id, SUCCEEDED, allowed={RUNNING, FAILED}, values=values)


def _outcomes(run_id: RunId, work: WorkFiles) -> dict[HashRange, Outcome | None]:
    def outcome(part: HashRange) -> Outcome | None:
        done = work.done(str(run_id), part)
        return outcome_from_json(done) if done is not None else None

    # From the plan and the shards, which are written once, not from the list that index_shards writes: a run
    # that met a newer fence lists none, and one that lists none must not pass for done.
    plan = work.plan(str(run_id))
    parts = sales_partitions(plan, read_splits(plan, work).indexes if plan.fan_out == "merchant" else [])
    with ThreadPoolExecutor(READERS) as readers:
        return dict(zip(parts, readers.map(outcome, parts), strict=True))
