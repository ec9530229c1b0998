"""`merchant-sales sales`: one merchant's sales by currency, by month and by file."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from cli.choices import AsJson, Local, StackName, choices
from cli.deployment import connect
from cli.errors import CommandError
from cli.merchant_report import MerchantSales, merchant_sales, report, to_json
from cli.printing import show, show_json
from cli.reading_runs import key_items, standings
from cli.reading_sales import keyhash_of, merchant_items


def sales(
    ctx: typer.Context,
    merchant: Annotated[str, typer.Argument(metavar="MERCHANT", help="The merchant's id, exactly.")],
    first: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM", help="First month shown.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM", help="Last month shown.")] = None,
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """Show a merchant's sales: totals by currency, by month (--from and --to choose), and by file."""
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    months = _months(first, last)
    deployment = connect(chosen)
    totals, contributions = merchant_items(deployment.dynamodb, deployment.sales_table, merchant)
    if not totals and not contributions:
        raise CommandError(
            f"There is no merchant {merchant!r} in {deployment.where}: `merchant-sales top` shows some, "
            "`merchant-sales export FILE.csv` all of them."
        )
    client, runs_table = deployment.dynamodb, deployment.runs_table
    keys = key_items(client, runs_table, map(keyhash_of, contributions))
    found: MerchantSales = merchant_sales(
        merchant, totals, contributions, standings(client, runs_table, keys), months=months
    )
    if chosen.as_json:
        show_json(to_json(found))
    else:
        show(*report(found))


def _months(first: str | None, last: str | None) -> tuple[str, str] | None:
    """The first and the last month, or None for all of them."""
    for option, value in (("--from", first), ("--to", last)):
        if value is not None and not re.fullmatch("[0-9]{4}-(0[1-9]|1[0-2])", value):
            raise CommandError(f"{option} {value!r}: expected a month as YYYY-MM, such as 2017-03.")
    if first and last and first > last:
        raise CommandError(f"--from {first} is after --to {last}: exchange the two.")
    return (first or "0000-00", last or "9999-99") if first or last else None
