"""Runs that are RUNNING though their execution has ended: fail_run wasn't called, or came too early."""

from __future__ import annotations

from datetime import datetime, timedelta

from lambdas.adapters.dynamodb import Item
from lambdas.adapters.executions import GONE, Ending, Executions
from lambdas.adapters.run_events import RunEvents
from lambdas.adapters.runs_table import FAILED, RUNNING, RunsTable, iso
from lambdas.domain.order_file import RunId

BELIEVED_GONE_AFTER = timedelta(hours=1)
"""Step Functions may not know an execution yet in the moment after its start."""


def ending_of_abandoned(run: Item, executions: Executions, moment: datetime) -> Ending | None:
    """How the execution of a RUNNING run ended; None where it goes on, or the run isn't RUNNING."""
    if run["status"] != RUNNING:
        return None
    ending = executions.ending(run["execution"])
    young = moment - datetime.fromisoformat(run["started_at"]) < BELIEVED_GONE_AFTER
    if not ending.ended_badly or (ending.status == GONE and young):
        return None
    return ending


def settle_abandoned(
    run: Item, *, runs: RunsTable, executions: Executions, events: RunEvents, moment: datetime
) -> bool:
    """Whether a run is abandoned: then it is FAILED from now on, as fail_run would have left it."""
    ending = ending_of_abandoned(run, executions, moment)
    if ending is None:
        return False
    values = {"reason": ending.reason, "ended_at": iso(ending.ended_at or moment)}
    run_id = RunId.parse(run["run_id"])
    if runs.change_status(run_id, FAILED, allowed={RUNNING}, values=values) != FAILED:
        return False
    events.tell_of_run(runs.run(run_id))
    return True
