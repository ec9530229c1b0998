"""IndexShards: put the splits together, check the rejects, set the fence and list the partitions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from lambdas.adapters.aws import aws, now
from lambdas.adapters.content_claims import ContentClaims
from lambdas.adapters.named_failures import named_failures
from lambdas.adapters.read_splits import ReadSplits, read_splits
from lambdas.adapters.run_items import described_values
from lambdas.adapters.runs_table import FAILED, RUNNING, SUPERSEDED, RunsTable, iso
from lambdas.adapters.work_files import WorkFiles, range_to_json
from lambdas.domain.cuts import require_columns
from lambdas.domain.fan_out import check_merchants, sales_partitions
from lambdas.domain.measures import rejected_percent
from lambdas.domain.order_file import RunId
from lambdas.domain.oversize_partitions import oversize_partitions
from lambdas.domain.partitions import HashRange
from lambdas.domain.plan import Plan
from lambdas.domain.reconciliation import (
    Intake,
    advice_on_rejects,
    check_currencies,
    check_reject_ratio,
)
from lambdas.domain.stored_names import partitions_object
from lambdas.index_shards.write_lists import write_lists


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001  Lambda's signature
    """Take {run_id}; answer {cuts_proven, splits_key, few_partitions, partitions, partitions_key, oversize…}.

    `oversize` says whether there are `oversize_partitions`, for jobs; the other partitions are for functions.
    """
    run_id = event["run_id"]
    with named_failures(aws().logger, f"index of run {run_id}", run_id=run_id):
        return list_partitions(run_id, aws().work_files)


def list_partitions(run_id: str, work: WorkFiles) -> dict[str, Any]:
    """The handler's answer, for a run whose splits are sharded."""
    plan = work.plan(run_id)
    read = read_splits(plan, work)
    if read.to_shard_again:
        aws().logger.info("cuts in quotes", extra={"run_id": run_id, "splits": len(read.to_shard_again)})
        return {
            "cuts_proven": False,
            "splits_key": work.put_splits(run_id, read.to_shard_again, begin_inside=True),
            "few_partitions": True,
            "partitions": [],
            "partitions_key": "",
            "oversize": False,
            "oversize_partitions": [],
        }
    intake, settings = read.intake, aws().settings
    aws().metrics.put(rejected_percent(lines=intake.lines, rejected=intake.rejected))
    parts, oversize = index_shards(
        plan,
        read,
        runs=aws().runs_table,
        claims=aws().content_claims,
        work=work,
        function_bytes=settings.oversize_partition_bytes,
        now=now,
    )
    few = len(parts) <= settings.limits.inline_partitions
    if not few:
        work.put_partitions(run_id, parts)
    counts = {"partitions": len(parts), "oversize": len(oversize)}
    aws().logger.info("indexed", extra={"run_id": run_id, **counts})
    return {
        "cuts_proven": True,
        "splits_key": "",
        "few_partitions": few,
        "partitions": [range_to_json(part) for part in parts] if few else [],
        "partitions_key": partitions_object(run_id),
        "oversize": bool(oversize),
        "oversize_partitions": [range_to_json(part) for part in oversize],
    }


def index_shards(
    plan: Plan,
    read: ReadSplits,
    *,
    runs: RunsTable,
    claims: ContentClaims,
    work: WorkFiles,
    function_bytes: int,
    now: Callable[[], datetime],
) -> tuple[list[HashRange], list[HashRange]]:
    """The partitions for functions, and those with more shards than a function takes, for jobs.

    None where a newer run of the key has set its fence already.

    Raises OrderFileError where too many lines were rejected, RunError where there are too many merchants or
    oversize partitions: then the fence stays, and what was counted before stays counted.
    """
    run_id = RunId.parse(plan.run_id)
    write_lists(plan, read, work)  # first, because the rejects of a run that fails are numbered by them
    check_currencies(read.intake)
    parts = sales_partitions(plan, read.indexes)
    runs.describe(run_id, described_values(plan, read.indexes, read.intake, len(parts), now()))
    require_columns(read.indexes, plan.order_file.key, plan.format_name)
    if read.indexes:
        ratio = plan.order_format.max_reject_ratio
        check_reject_ratio(read.intake, max_reject_ratio=ratio, advice=advice_on_rejects(run_id))
        _warn_of_same_content(plan, read.content_sha256, read.intake, runs, claims)
    check_merchants(plan, parts)
    oversize = oversize_partitions(plan, parts, read.indexes, function_bytes=function_bytes)
    if runs.raise_fence(run_id):
        jobs = set(oversize)
        return [part for part in parts if part not in jobs], oversize
    values = {"ended_at": iso(now())}
    runs.change_status(run_id, SUPERSEDED, allowed={RUNNING, FAILED}, values=values)
    return [], []


def _warn_of_same_content(
    plan: Plan, content_sha256: str, intake: Intake, runs: RunsTable, claims: ContentClaims
) -> None:
    """Both files count, as the design says: only people can know whether one of them is a mistake."""
    if intake.lines == 0:
        return
    run_id = RunId.parse(plan.run_id)
    other = claims.claim(content_sha256, run_id=run_id, object_key=plan.order_file.key)
    if other is not None:
        warning = f"The same bytes are counted under the key {other!r} too: one of the two may be a mistake."
        runs.describe(run_id, {"warnings": [warning]})
