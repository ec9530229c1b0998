"""`merchant-sales reconcile`: recompute the sales from the order files and compare them with the table."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.choices import AsJson, Local, StackName, choices
from cli.deployment import connect
from cli.errors import CommandError
from cli.printing import say, show, show_json, table
from cli.reconcile.independent_pass import Reconciled, reconcile_keys
from cli.reconcile.left_out import told_of_left_out

DIFFERENT = 1


def reconcile(
    ctx: typer.Context,
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY]...", help="Keys of the orders bucket (default: all).")
    ] = None,
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """Recompute sales from the order files, line by line in plain Python, and print every difference.

    Shares no rule with the functions but the SQL expressions of the order format; Parquet files are read by
    Apache Arrow. Without KEY also: each total is the sum of its contributions. Reads the whole sales table,
    of which up to 100 KEYs have only their own items sent; memory grows with the merchants and ids of the
    largest file. Keys that are running, partly counted or whose newest run failed are left out and named.
    Exit code 1 where there is a difference.
    """
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    asked = sorted(set(keys)) if keys else None
    for key in asked or ():
        if not key or key.endswith("/"):
            raise CommandError(f"{key!r} is no key of an order file: keys that end in / are never looked at.")
    deployment = connect(chosen)
    with tempfile.TemporaryDirectory() as scratch:
        outcome = reconcile_keys(deployment, asked, Path(scratch))
    if chosen.as_json:
        show_json(_to_json(outcome))
    else:
        _show(outcome, with_totals=asked is None)
    if outcome.differences:
        raise typer.Exit(DIFFERENT)


def _to_json(outcome: Reconciled) -> dict[str, Any]:
    return vars(outcome) | {
        "differences": [vars(one) for one in outcome.differences],
        "left_out": {name: one.why for name, one in outcome.left_out.items()},
    }


def _show(outcome: Reconciled, *, with_totals: bool) -> None:
    for name, remark in outcome.remarks.items():
        say(f"{name}: {remark}", style="yellow")
    for name, left_out in outcome.left_out.items():
        say(f"left out: {name}: {left_out.why}", style="yellow")
    if outcome.differences:
        rows = [
            (
                one.key or "(total)",
                one.merchant_id or "",
                one.currency or "",
                one.attribute,
                one.expected,
                one.found,
            )
            for one in outcome.differences
        ]
        show(table("~key", "~merchant", "currency", "attribute", ">expected", ">found", rows=rows))
    show(verdict(outcome, with_totals=with_totals))


def verdict(outcome: Reconciled, *, with_totals: bool) -> str:
    """One line that says it all, also what was not compared and what to do about it."""
    count = len(outcome.differences)
    left_out = told_of_left_out(outcome.left_out.values())
    equal = "No difference in what was compared" if left_out else "No difference"
    told = equal if not count else f"{count:,} difference{'s' if count > 1 else ''}"
    compared = f"{outcome.keys:,} keys and {outcome.contributions:,} contributions"
    totals = f", {outcome.totals:,} totals" if with_totals else ""
    return f"{told}: {compared}{totals} compared." + (f" {left_out}." if left_out else "")
