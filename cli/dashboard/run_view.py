"""A run's item as its page and the list of runs show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cli.printing import moment, number
from cli.reading_runs import Standing
from cli.run_progress import Progress
from cli.run_report import COUNTS, money_rows, net_money, reject_reasons, run_facts, run_row
from cli.suggested import completed
from lambdas.adapters.dynamodb import Item
from lambdas.adapters.runs_table import FAILED, RUNNING

Rows = Sequence[tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class ListRow:
    """A run in a list; `far` is in words, where it goes on."""

    run_id: str
    key: str
    started: str
    status: str
    tone: str
    far: str
    counts: tuple[str, ...]
    money: str


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A step on a run's time line, and how many percent of the time since the start were over then."""

    name: str
    when: str
    after: str
    percent: int


@dataclass(frozen=True, kw_only=True)
class RunView:
    """One run."""

    row: ListRow
    goes_on: bool
    failed: bool
    reason: str
    standing: str
    warnings: Sequence[str]
    percent_done: int
    facts: Rows
    stages: Sequence[Stage]
    counts: Rows
    money: Rows
    reasons: Rows
    rejected: bool


def list_row(item: Item, far: Progress | None) -> ListRow:
    """A run as a row of a list."""
    key, status, *counts = run_row(item)
    return ListRow(
        run_id=item["run_id"],
        key=key,
        started=moment(item["started_at"]),
        status=status,
        tone=str(item["status"]).lower(),
        far=far.words if far else "",
        counts=tuple(counts),
        money=net_money(item),
    )


def run_view(
    item: Item, standing: Standing | None, far: Progress | None, *, done: int | None, on_aws: bool
) -> RunView:
    """Everything about one run; `done` is how many partitions are committed, where it matters."""
    counts, reasons = item.get("counts", {}), reject_reasons(item)
    on_top = {"run", "key", "status", "reason", "key now", "started (UTC)", "sharded", "ended", "warnings"}
    facts = run_facts(item, standing, done=done, on_aws=on_aws)
    return RunView(
        row=list_row(item, far),
        goes_on=item["status"] == RUNNING,
        failed=item["status"] == FAILED,
        reason=completed(item.get("reason", ""), item),
        standing=standing.remark if standing else "",
        warnings=[str(warning) for warning in item.get("warnings", [])],
        percent_done=int(far.part_done * 100) if far else 0,
        facts=[fact for fact in facts if fact[0] not in on_top],
        stages=stages(item),
        counts=[(name, number(counts.get(name))) for name in COUNTS] if counts else [],
        money=money_rows(item["money"]) if item.get("money") else [],
        reasons=[(reason, number(count)) for reason, count in reasons],
        rejected=bool(reasons),
    )


def stages(item: Item) -> list[Stage]:
    """What happened when, as far as it has."""
    start = datetime.fromisoformat(item["started_at"])
    known = [("started", item["started_at"])]
    known += [("sharded: every line read, cuts and rejects checked", item.get("sharded_at"))]
    known += [(f"ended: {item['status']}", item.get("ended_at"))]
    seconds = [(name, at, (datetime.fromisoformat(at) - start).total_seconds()) for name, at in known if at]
    longest = max(after for _, _, after in seconds) or 1.0
    return [
        Stage(
            name=name,
            when=moment(at),
            after=f"after {after:,.1f} s" if at != item["started_at"] else "",
            percent=round(100 * after / longest),
        )
        for name, at, after in seconds
    ]
