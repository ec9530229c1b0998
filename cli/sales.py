"""`merchant-sales sales`: one merchant's sales by currency, by month and by file."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.choices import AsJson, Local, StackName, choices
from cli.deployment import connect
from cli.errors import CommandError
from cli.merchant_report import MerchantSales, merchant_sales, report, to_json
from cli.months import From, To, months_between
from cli.printing import show, show_json
from cli.reading_runs import key_items, standings
from cli.reading_sales import keyhash_of, merchant_items


def sales(
    ctx: typer.Context,
    merchant: Annotated[str, typer.Argument(metavar="MERCHANT", help="The merchant's id, exactly.")],
    first: From = None,
    last: To = None,
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """Show a merchant's sales: totals by currency, by month (--from and --to choose), and by file."""
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    months = months_between(first, last)
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
