"""FailRun: an execution failed, timed out or was stopped; mark its run FAILED with a reason for people."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from lambdas.adapters.aws import aws, now
from lambdas.adapters.dynamodb import ConditionNotMetError
from lambdas.adapters.executions import Executions
from lambdas.adapters.runs_table import FAILED, RUNNING, Look, RunsTable, iso
from lambdas.domain.order_file import RunId, key_hash


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001  Lambda's signature
    """Take EventBridge's "Step Functions Execution Status Change"; answer {status}."""
    detail = event["detail"]
    key = json.loads(detail["input"]).get("key")
    if key is None:
        aws().logger.warning("an execution without a key", extra={"execution": detail["executionArn"]})
        return {"status": "no key"}
    status = fail_run(
        detail["executionArn"],
        key=key,
        bucket=aws().settings.orders_bucket,
        executions=aws().executions,
        runs=aws().runs_table,
        now=now,
    )
    aws().logger.info("failed", extra={"execution": detail["executionArn"], "status": status})
    return {"status": status}


def fail_run(
    execution: str,
    *,
    key: str,
    bucket: str,
    executions: Executions,
    runs: RunsTable,
    now: Callable[[], datetime],
) -> str:
    """Settle what an ended execution left behind; answers with the run's status, or the execution's.

    Acts on the execution's present status, because the event may be late: a redriven one is left alone.
    """
    ending = executions.ending(execution)
    if not ending.ended_badly:
        return ending.status
    look = runs.look(execution) or _give_up(execution, key, bucket, ending.reason, runs, now())
    if look.run_id is None:
        return look.outcome
    values = {"reason": ending.reason, "ended_at": iso(now())}
    # FAILED too: a redriven execution that failed again has another reason.
    return runs.change_status(RunId.parse(look.run_id), FAILED, allowed={RUNNING, FAILED}, values=values)


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
