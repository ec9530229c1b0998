"""PlanRun: look at a key; register a run and write its plan if there is something to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from lambdas.adapters.abandoned_runs import settle_abandoned
from lambdas.adapters.aws import aws, now
from lambdas.adapters.counted_bucket import claim_counted_bucket
from lambdas.adapters.dynamodb import ConflictError
from lambdas.adapters.executions import Executions
from lambdas.adapters.named_failures import named_failures
from lambdas.adapters.order_files import OrderFiles
from lambdas.adapters.run_events import RunEvents
from lambdas.adapters.runs_table import GIVEN_UP, RUNNING, Look, RunsTable
from lambdas.adapters.work_files import WorkFiles
from lambdas.domain.errors import RunError
from lambdas.domain.look import KeyState, next_revision
from lambdas.domain.order_file import OrderFile, RunId, key_hash
from lambdas.domain.order_format import OrderFormat, load_order_formats
from lambdas.domain.plan import Limits, Plan, make_plan

FORMATS = Path(__file__).parents[2] / "formats"
LOOKS = 20
"""How often one attempt looks again when the key's item changes under it."""


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001  Lambda's signature
    """Take {key, replay, execution}; answer {run_id, run_needed, lane, splits, splits_key}."""
    with named_failures(aws().logger, f"look at {event['key']!r}", key=event["key"]):
        return plan_run(event)


def plan_run(event: dict[str, Any]) -> dict[str, Any]:
    """The answer to an execution's event: what is to be done about its key."""
    formats = load_order_formats(FORMATS)
    look = look_at(
        event["key"],
        replay=event["replay"],
        execution=event["execution"],
        order_files=aws().order_files,
        runs=aws().runs_table,
        executions=aws().executions,
        events=aws().run_events,
        formats=formats,
        now=now,
    )
    aws().logger.info("looked", extra={"outcome": look.outcome, "run_id": look.run_id})
    if look.run_id is None:
        return {"run_id": "", "run_needed": False, "lane": "none", "splits": 0, "splits_key": ""}
    plan = plan_of(
        look.run_id,
        bucket=aws().order_files.bucket,
        runs=aws().runs_table,
        work=aws().work_files,
        formats=formats,
        limits=aws().settings.limits,
    )
    count = len(plan.splits)
    return {
        "run_id": plan.run_id,
        "run_needed": True,
        "lane": plan.lane,
        "splits": count,
        "splits_key": aws().work_files.put_splits(plan.run_id, range(count)) if count > 1 else "",
    }


def look_at(
    key: str,
    *,
    replay: bool,
    execution: str,
    order_files: OrderFiles,
    runs: RunsTable,
    executions: Executions,
    events: RunEvents,
    formats: Sequence[OrderFormat],
    now: Callable[[], datetime],
) -> Look:
    """The outcome of this execution's look: the recorded one, or what the key's state asks for now."""
    abandoned = False
    for _ in range(LOOKS):
        look = runs.look(execution)
        if look is None:
            known = runs.key_state(key_hash(order_files.bucket, key))
            if known.looks == 0:
                claim_counted_bucket(runs, order_files.bucket)
            abandoned |= _settle_abandoned(known, order_files.bucket, key, runs, executions, events, now())
            present = order_files.present(key)
            revision = next_revision(known, present, replay=replay or abandoned, formats=formats)
            look = runs.record_look(
                execution=execution, known=known, present=present, revision=revision, now=now()
            )
        if look is None:
            continue
        if look.outcome == GIVEN_UP:
            raise RunError(f"This execution was given up before it looked at {key!r}; look again.")
        return look
    raise ConflictError(f"the key {key!r} changed {LOOKS} times while it was looked at")


def _settle_abandoned(
    known: KeyState,
    bucket: str,
    key: str,
    runs: RunsTable,
    executions: Executions,
    events: RunEvents,
    moment: datetime,
) -> bool:
    """Whether the key's newest run is RUNNING though its execution has ended: then it is FAILED from now on.

    That is fail_run's work, and fail_run wasn't called. The look that finds such a run continues it as a
    new revision, because nobody was told that it failed.
    """
    if known.status != RUNNING:
        return False
    run = runs.run(RunId(key_hash(bucket, key), known.revision))
    return run is not None and settle_abandoned(
        run, runs=runs, executions=executions, events=events, moment=moment
    )


def plan_of(
    run_id: str,
    *,
    bucket: str,
    runs: RunsTable,
    work: WorkFiles,
    formats: Sequence[OrderFormat],
    limits: Limits,
) -> Plan:
    """The plan of a registered run: written by the first attempt that gets here, read by the others.

    Raises RunError where the plan is of another run of that name: what it stored would count as this one's.
    """
    run = runs.run(RunId.parse(run_id))
    if run is None:
        raise RunError(f"There is no run {run_id}, though this execution registered it; see the runs table.")
    order_file = OrderFile(
        bucket=bucket,
        key=run["object_key"],
        version_id=run["version_id"],
        size_bytes=int(run["size_bytes"]),
    )
    plan = make_plan(
        order_file=order_file,
        revision=RunId.parse(run_id).revision,
        replaced_bytes=int(run["replaced_bytes"]),
        formats=formats,
        limits=limits,
    )
    stored = work.put_plan(plan)
    if stored.order_file != order_file:
        raise RunError(
            f"There was a run {run_id} before, of another version of the file: its plan is in the work "
            "bucket, so the runs table is older than what runs have stored. Was it restored from a backup? "
            'Then docs/operations.md, "A table is lost or was restored", says what to do.'
        )
    return stored
