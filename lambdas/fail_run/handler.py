"""FailRun: an execution failed, timed out or was stopped; mark its run FAILED with a reason for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from lambdas.adapters.aws import aws, now
from lambdas.adapters.dynamodb import ConditionNotMetError
from lambdas.adapters.executions import Executions
from lambdas.adapters.run_events import RunEvents
from lambdas.adapters.runs_table import FAILED, GIVEN_UP, RUNNING, Look, RunsTable, iso
from lambdas.domain.measures import Measure
from lambdas.domain.order_file import RunId, key_hash
from lambdas.domain.run_event import look_failed


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001  Lambda's signature
    """Take EventBridge's "Step Functions Execution Status Change"; answer {status}."""
    detail = event["detail"]
    key = key_of(detail, aws().executions)
    if key is None:
        aws().logger.warning("an execution without a key", extra={"execution": detail["executionArn"]})
        return {"status": "no key"}
    status = fail_run(
        detail["executionArn"],
        key=key,
        bucket=aws().settings.orders_bucket,
        executions=aws().executions,
        runs=aws().runs_table,
        events=aws().run_events,
        now=now,
    )
    measured = {FAILED: Measure.RUNS_FAILED, GIVEN_UP: Measure.LOOKS_FAILED}.get(status)
    if measured:
        aws().metrics.put({measured: 1})
    aws().logger.info("failed", extra={"execution": detail["executionArn"], "status": status})
    return {"status": status}


def key_of(detail: Mapping[str, Any], executions: Executions) -> str | None:
    """Give the key that the execution began with: the event keeps it back where a KMS key encrypts it."""
    given = detail.get("input") or executions.given_input(detail["executionArn"])
    key = json.loads(given).get("key") if given else None
    return None if key is None else str(key)


def fail_run(
    execution: str,
    *,
    key: str,
    bucket: str,
    executions: Executions,
    runs: RunsTable,
    events: RunEvents,
    now: Callable[[], datetime],
) -> str:
    """Settle what an ended execution left behind; answers with the run's status, or the execution's.

    Acts on the execution's present status, because the event may be late: a redriven one is left alone.
    """
    ending = executions.ending(execution)
    if not ending.ended_badly:
        return ending.status
    ended_at = ending.ended_at or now()  # the same at every attempt, so that the event is
    look = runs.look(execution) or _give_up(execution, key, bucket, ending.reason, runs, ended_at)
    if look.outcome == GIVEN_UP:
        told = {"key": key, "execution": execution, "reason": ending.reason, "ended_at": iso(ended_at)}
        events.tell(look_failed(**told))
    if look.run_id is None:
        return look.outcome
    run_id = RunId.parse(look.run_id)
    values = {"reason": ending.reason, "ended_at": iso(ended_at)}
    # FAILED too: a redriven execution that failed again has another reason.
    status = runs.change_status(run_id, FAILED, allowed={RUNNING, FAILED}, values=values)
    events.tell_of_run(runs.run(run_id))
    return status


def _give_up(execution: str, key: str, bucket: str, reason: str, runs: RunsTable, moment: datetime) -> Look:
    try:
        return runs.give_up_look(
            execution=execution, key=key, keyhash=key_hash(bucket, key), reason=reason, now=moment
        )
    except ConditionNotMetError:  # a slow plan_run recorded its outcome in the meantime
        look = runs.look(execution)
        if look is None:
            raise
        return look
