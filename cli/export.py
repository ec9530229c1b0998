"""`merchant-sales export`: every merchant's totals as a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from cli.choices import AsJson, Local, StackName, choices
from cli.deployment import Deployment, connect
from cli.errors import CommandError
from cli.printing import say, show, show_json
from cli.reading_runs import Standing, all_key_items, standings
from cli.reading_sales import all_totals
from cli.totals_file import total_line, write_totals
from cli.whole_file import require_place_for
from lambdas.adapters.dynamodb import Item


def export(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Written anew; replaced if it exists.")],
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """Write every merchant's totals to a CSV file, by merchant id and currency, amounts with 4 decimals.

    Each total is read as it is at that moment. Keys whose files are being processed, or counted only in
    part, are named on stderr.
    """
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    _require_writable(file)
    deployment = connect(chosen)
    before = all_key_items(deployment.dynamodb, deployment.runs_table)
    lines = all_totals(deployment.dynamodb, deployment.sales_table, total_line)
    after = all_key_items(deployment.dynamodb, deployment.runs_table)
    write_totals(lines, file)
    unsettled = _unsettled(deployment, before, after)
    if chosen.as_json:
        show_json({"file": str(file), "totals": len(lines)} | _named(unsettled))
        return
    show(f"{len(lines):,} totals written to {file}")
    for remark, keys in _named(unsettled).items():
        if keys:
            say(f"{remark.replace('_', ' ')} while this was read: {', '.join(keys)}", style="yellow")


def _require_writable(file: Path) -> None:
    if file.suffix.lower() == ".parquet":
        raise CommandError(f"{file}: Parquet can't be written yet; give a name that ends in .csv.")
    if file.suffix.lower() != ".csv":
        raise CommandError(f"{file}: give a name that ends in .csv.")
    require_place_for(file)


def _unsettled(
    deployment: Deployment, before: Mapping[str, Item], after: Mapping[str, Item]
) -> list[Standing]:
    """How the keys stand that may show in the totals: at the end, or running or replaced in the meantime."""
    changed = {name for name in after if after[name].get("revision") != before.get(name, {}).get("revision")}
    found = []
    for items, busy in ((before, set()), (after, changed)):
        stand = standings(deployment.dynamodb, deployment.runs_table, items)
        found += [
            Standing(
                object_key=one.object_key,
                running=one.running or name in busy,
                partly_counted=one.partly_counted,
            )
            for name, one in stand.items()
        ]
    return found


def _named(unsettled: list[Standing]) -> dict[str, list[str]]:
    return {
        "running": sorted({one.object_key for one in unsettled if one.running}),
        "partly_counted": sorted({one.object_key for one in unsettled if one.partly_counted}),
    }
