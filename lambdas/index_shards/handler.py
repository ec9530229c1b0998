"""IndexShards: add up what the shards say, check the rejects, set the fence and list the partitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from lambdas.adapters.aws import aws, now
from lambdas.adapters.content_claims import ContentClaims
from lambdas.adapters.run_items import intake_values
from lambdas.adapters.runs_table import FAILED, RUNNING, SUPERSEDED, RunsTable, iso
from lambdas.adapters.work_files import WorkFiles, range_to_json
from lambdas.domain.money import add_money
from lambdas.domain.order_file import RunId
from lambdas.domain.oversize_partitions import oversize_partitions
from lambdas.domain.partitions import HashRange, hash_ranges
from lambdas.domain.plan import Plan
from lambdas.domain.reconciliation import Intake, check_currencies, check_reject_ratio
from lambdas.domain.shard_index import ShardIndex
from lambdas.domain.stored_names import partitions_object


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001  Lambda's signature
    """Take {run_id}; answer {cuts_proven, few_partitions, partitions, partitions_key, oversize…}.

    `oversize` says whether there are `oversize_partitions`, for jobs; the others are for functions.
    """
    settings = aws().settings
    work = aws().work_files
    parts, oversize = index_shards(
        event["run_id"],
        runs=aws().runs_table,
        claims=aws().content_claims,
        work=work,
        function_bytes=settings.oversize_partition_bytes,
        now=now,
    )
    few = len(parts) <= settings.limits.inline_partitions
    if parts:
        work.put_partitions(event["run_id"], parts)
    counts = {"partitions": len(parts), "oversize": len(oversize)}
    aws().logger.info("indexed", extra={"run_id": event["run_id"], **counts})
    return {
        "cuts_proven": True,
        "few_partitions": few,
        "partitions": [range_to_json(part) for part in parts] if few else [],
        "partitions_key": partitions_object(event["run_id"]),
        "oversize": bool(oversize),
        "oversize_partitions": [range_to_json(part) for part in oversize],
    }


def index_shards(
    run_id: str,
    *,
    runs: RunsTable,
    claims: ContentClaims,
    work: WorkFiles,
    function_bytes: int,
    now: Callable[[], datetime],
) -> tuple[list[HashRange], list[HashRange]]:
    """The partitions for functions, and those with more shards than a function takes, for jobs.

    None where a newer run of the key has set its fence already.

    Raises OrderFileError where too many lines were rejected: then the fence stays, and what was counted
    before stays counted.
    """
    plan = work.plan(run_id)
    indexes = [work.shard_index(run_id, split) for split in plan.splits]
    intake = _intake(indexes)
    parts = list(hash_ranges(plan.partitions))
    oversize = oversize_partitions(parts, indexes, function_bytes=function_bytes)
    check_currencies(intake)
    runs.describe(RunId.parse(run_id), _described(plan, indexes, intake, len(parts), now()))
    if indexes:
        check_reject_ratio(intake, max_reject_ratio=plan.order_format.max_reject_ratio)
        _warn_of_same_content(plan, indexes, intake, runs, claims)
    if runs.raise_fence(RunId.parse(run_id)):
        return [part for part in parts if part not in oversize], oversize
    values = {"ended_at": iso(now())}
    runs.change_status(RunId.parse(run_id), SUPERSEDED, allowed={RUNNING, FAILED}, values=values)
    return [], []


def _warn_of_same_content(
    plan: Plan, indexes: list[ShardIndex], intake: Intake, runs: RunsTable, claims: ContentClaims
) -> None:
    """Both files count, as the design says: only people can know whether one of them is a mistake."""
    if intake.lines == 0:
        return
    run_id = RunId.parse(plan.run_id)
    other = claims.claim(indexes[0].content_sha256, run_id=run_id, object_key=plan.order_file.key)
    if other is not None:
        warning = f"The same bytes are counted under the key {other!r} too: one of the two may be a mistake."
        runs.describe(run_id, {"warnings": [warning]})


def _intake(indexes: list[ShardIndex]) -> Intake:
    reasons: Counter[str] = Counter()
    for index in indexes:
        reasons.update(index.reject_reasons)
    return Intake(
        lines=sum(index.lines_read for index in indexes),
        rejected=sum(index.rejected for index in indexes),
        reject_reasons=reasons,
        accepted_money=add_money(index.accepted_money for index in indexes),
    )


def _described(
    plan: Plan, indexes: list[ShardIndex], intake: Intake, partitions: int, moment: datetime
) -> dict[str, Any]:
    values = intake_values(intake) | {"partitions": partitions, "sharded_at": iso(moment)}
    if indexes:
        values |= {
            "format": plan.format_name,
            "content_sha256": indexes[0].content_sha256,
            "detected": dict(indexes[0].detected),
            "raw_bytes": sum(index.raw_bytes for index in indexes),
        }
    return values
