"""`merchant-sales export`: every merchant's totals, whole or by month, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.choices import AsJson, Local, StackName, choices
from cli.deployment import Deployment, connect
from cli.errors import CommandError
from cli.export.csv_file import write_csv
from cli.export.parquet_file import write_parquet
from cli.export.rows import ExportedRow, month_rows, ordered, total_row
from cli.months import ALL_MONTHS, From, Months, To, months_between
from cli.printing import say, show, show_json
from cli.reading_runs import all_key_items
from cli.reading_sales import all_totals
from cli.unsettled import tell_unsettled, unsettled_between
from cli.whole_file import require_place_for

ENDINGS = (".csv", ".parquet")
By = Annotated[str | None, typer.Option("--by", metavar="month", help="A line for each month of a merchant.")]
ExactIds = Annotated[
    bool, typer.Option("--exact-ids", help="In CSV, no ' before ids that a spreadsheet takes for formulas.")
]


def export(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Ends in .csv or .parquet; replaced if it exists.")
    ],
    by: By = None,
    first: From = None,
    last: To = None,
    exact_ids: ExactIds = False,
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """Write every merchant's totals to a CSV or Parquet file, by merchant id and currency, exactly.

    Each total is read as it is at that moment. Keys whose files are being processed, or counted only in
    part, are named on stderr. In CSV, ids that a spreadsheet would take for a formula get a ' before them.
    """
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    months = _months(by, first, last)
    _require_writable(file)
    deployment = connect(chosen)
    before = all_key_items(deployment.dynamodb, deployment.runs_table)
    rows = _read(deployment, months)
    after = all_key_items(deployment.dynamodb, deployment.runs_table)
    marked = _write(rows, file, by_month=months is not None, exact_ids=exact_ids)
    unsettled = unsettled_between(deployment, before, after)
    what = "months" if months else "totals"
    if chosen.as_json:
        show_json({"file": str(file), what: len(rows), "marked_ids": marked} | unsettled)
        return
    show(f"{len(rows):,} {what} written to {file}")
    if marked:
        say(f"{marked:,} merchant ids have a ' before them, so that no spreadsheet computes with them")
    tell_unsettled(unsettled)


def _months(by: str | None, first: str | None, last: str | None) -> Months | None:
    """The months to write, None for totals."""
    if by not in (None, "month"):
        raise CommandError(f"--by {by}: there is only --by month.")
    span = months_between(first, last)
    if span and by is None:
        raise CommandError("--from and --to choose months: say --by month, too.")
    return (span or ALL_MONTHS) if by else None


def _read(deployment: Deployment, months: Months | None) -> list[ExportedRow]:
    client, table = deployment.dynamodb, deployment.sales_table
    return ordered(month_rows(client, table, months) if months else all_totals(client, table, total_row))


def _write(rows: list[ExportedRow], file: Path, *, by_month: bool, exact_ids: bool) -> int:
    if file.suffix.lower() == ".parquet":
        write_parquet(rows, file, by_month=by_month)
        return 0
    return write_csv(rows, file, by_month=by_month, exact_ids=exact_ids)


def _require_writable(file: Path) -> None:
    if file.suffix.lower() not in ENDINGS:
        raise CommandError(f"{file}: give a name that ends in {' or '.join(ENDINGS)}.")
    require_place_for(file)
