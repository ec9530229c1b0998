"""Which keys a replay takes, and what it will cost about."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from statistics import fmean

from cli.deployment import CALLS_AT_ONCE, Deployment
from cli.errors import CommandError
from cli.estimate.estimation import Estimate
from cli.estimate.load import load_of
from cli.reading_runs import all_key_items, run_items
from lambdas.adapters.dynamodb import Item
from lambdas.domain.order_file import RunId

SAMPLE = 20
"""Runs whose merchants are counted for the estimate."""


def moment_of(option: str, text: str) -> datetime:
    """A date or a moment, UTC where it says nothing else; raises CommandError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as e:
        raise CommandError(
            f"{option} {text!r}: expected a date or a moment, such as 2026-11-25 or 2026-11-25T08:30Z."
        ) from e
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def newest_runs_of(deployment: Deployment, prefix: str, since: datetime | None) -> list[Item]:
    """The newest run of every key under the prefix, of those that began since then; by key."""
    keys = all_key_items(deployment.dynamodb, deployment.runs_table)
    ids = [
        RunId(name, int(item["revision"]))
        for name, item in keys.items()
        if item["object_key"].startswith(prefix) and item.get("revision")
    ]
    runs = run_items(deployment.dynamodb, deployment.runs_table, ids).values()
    chosen = [run for run in runs if not since or datetime.fromisoformat(run["started_at"]) >= since]
    return sorted(chosen, key=lambda run: str(run["object_key"]))


def cost_of(deployment: Deployment, runs: Sequence[Item]) -> Decimal:
    """US dollars on AWS for so many files of their average size, lines and merchants, by the estimate."""
    work = deployment.work_files
    sample = runs[:: max(1, len(runs) // SAMPLE)][:SAMPLE]

    def merchants(run: Item) -> int:
        parts = work.results_of(run["run_id"])
        return sum(int((work.done(run["run_id"], part) or {}).get("contributions", 0)) for part in parts)

    with ThreadPoolExecutor(CALLS_AT_ONCE) as readers:
        counted = list(readers.map(merchants, sample))
    load = load_of(
        delivered_bytes=max(1, round(fmean(int(run["size_bytes"]) for run in runs))),
        lines=max(1, round(fmean(int((run.get("counts") or {}).get("lines", 0)) for run in runs))),
        merchants=max(1, round(fmean(counted))),
        files=len(runs),
        replaces=True,
    )
    return Estimate(load=load).cost
