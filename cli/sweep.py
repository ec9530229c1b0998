"""`merchant-sales sweep`: look at every key whose newest run isn't of what it holds now."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime
from random import Random
from typing import Annotated, Any

import typer

from cli.choices import STARTS_PER_SECOND, AsJson, Local, PerSecond, StackName, choices
from cli.deployment import Deployment, connect
from cli.formats import FORMATS
from cli.printing import printable, say, show, show_json
from lambdas.adapters.counted_bucket import require_counted_bucket
from lambdas.adapters.dynamodb import Backoff
from lambdas.adapters.executions import Executions
from lambdas.adapters.run_events import RunEvents
from lambdas.adapters.sweep import Cursor, Finding, Sweep
from lambdas.domain.order_format import load_order_formats

SECONDS_BETWEEN_REMARKS = 10.0
MOST_IN_JSON = 10_000


def sweep(
    ctx: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what is missing; start and settle nothing.")
    ] = False,
    per_second: PerSecond = STARTS_PER_SECOND,
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """Find keys that nobody looked at, such as files from before the deployment, and look at them.

    Compares what each key of the orders bucket holds now with its newest run, and each key that had a run
    with the bucket. Runs that are RUNNING although their execution has ended become FAILED, and a FAILED run
    is never started again: `replay` does that. The deployed stack sweeps by itself, every six hours
    (`sweepHours`).
    """
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    deployment = connect(chosen)
    counts: Counter[str] = Counter()
    listed: list[dict[str, Any]] = []
    told_at = time.monotonic()
    work = sweep_of(deployment)
    work.order_files.require_versions()
    require_counted_bucket(work.runs, work.order_files.bucket)
    for page in work.pages(Cursor(place={})):
        counts += Counter(held=page.held, known=page.known)
        for finding in page.findings:
            counts["abandoned" if finding.run_id else "looks"] += 1
            execution = "" if dry_run else work.put_right(finding)
            if not chosen.as_json:
                show(_line(finding, dry_run=dry_run))
            elif len(listed) < MOST_IN_JSON:
                listed.append({**vars(finding), "execution": execution or None})
            if execution:
                time.sleep(1 / per_second)
        if time.monotonic() - told_at > SECONDS_BETWEEN_REMARKS:
            told_at = time.monotonic()
            say(f"{counts['held']:,} keys of the bucket and {counts['known']:,} of the table compared")
    _report(counts, listed, dry_run=dry_run, as_json=chosen.as_json)


def sweep_of(deployment: Deployment) -> Sweep:
    """The sweep of a deployed stack with the caller's credentials; no key is left to its event."""
    work = deployment.work_files
    return Sweep(
        order_files=deployment.order_files,
        runs=deployment.runs,
        executions=Executions(deployment.stepfunctions, work),
        looks=deployment.looks,
        events=RunEvents(client=deployment.events, runs_table=deployment.runs_table),
        formats=load_order_formats(FORMATS),
        changed_before=datetime.max.replace(tzinfo=UTC),
        backoff=Backoff(sleep=time.sleep, random=Random()),
        now=lambda: datetime.now(UTC),
    )


def _line(finding: Finding, *, dry_run: bool) -> str:
    if finding.run_id:
        done = "would be marked FAILED" if dry_run else "is FAILED now"
        return f"{printable(finding.key)}: {finding.why}; run {finding.run_id} {done}"
    return f"{printable(finding.key)}: {finding.why}; {'would be looked at' if dry_run else 'looked at'}"


def _report(counts: Counter[str], listed: list[dict[str, Any]], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        numbers = {name: counts[name] for name in ("held", "known", "looks", "abandoned")}
        show_json({"dry_run": dry_run, **numbers, "findings": listed})
        return
    compared = f"{counts['held']:,} keys of the bucket and {counts['known']:,} of the table compared"
    if not counts["looks"] + counts["abandoned"]:
        show(f"{compared}: nothing is missing")
        return
    looks, abandoned = ("would be looked at", "would be settled") if dry_run else ("looked at", "settled")
    show(f"{compared}: {counts['looks']:,} {looks}, {counts['abandoned']:,} abandoned runs {abandoned}")
    if not dry_run and counts["looks"]:
        show("`merchant-sales runs` shows how they go on.")
    if not dry_run and counts["abandoned"]:
        show("Run the keys of abandoned runs again with `merchant-sales replay KEY`.")
