"""`merchant-sales top`: the merchants with the highest net sales."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from cli.amounts_report import HEADINGS, amounts_cells, amounts_to_json
from cli.choices import AsJson, Local, StackName, choices
from cli.deployment import connect
from cli.errors import CommandError
from cli.partly_counted import PartlyCounted, partly_counted
from cli.printing import number, say, show, show_json, table
from cli.reading_runs import newest_runs
from cli.reading_sales import best_merchants
from lambdas.adapters.dynamodb import Item
from lambdas.domain.ledger import Amounts

RUNS_LOOKED_AT = 100


def top(
    ctx: typer.Context,
    count: Annotated[int, typer.Option("-n", "--count", min=1, max=10_000, help="Show so many.")] = 10,
    currency: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="Such as USD (default: each currency of the newest 100 runs)."),
    ] = None,
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """Show the merchants with the highest net sales, a list for each currency.

    Below them stands which keys are partly counted, of the newest 100 runs and of the files of the first 100
    merchants shown.
    """
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    asked = [_code(currency)] if currency else None
    deployment = connect(chosen)
    newest = newest_runs(deployment.dynamodb, deployment.runs_table, RUNS_LOOKED_AT)
    currencies = asked or _currencies(newest)
    client, sales_table = deployment.dynamodb, deployment.sales_table
    best = {code: best_merchants(client, sales_table, code, count) for code in currencies}
    partly = partly_counted(deployment, best.values(), newest)
    if chosen.as_json:
        show_json({code: [_to_json(item, partly) for item in items] for code, items in best.items()})
    else:
        _report(best, asked=currency is not None)
    if partly.told:
        say(partly.told, style="yellow")


def _report(best: Mapping[str, list[Item]], *, asked: bool) -> None:
    if best and not asked:
        names = ", ".join(best)
        say(f"currencies of the newest {RUNS_LOOKED_AT} runs: {names}; --currency takes any other")
    if not any(best.values()):
        show(f"No merchant has sales{f' in {next(iter(best))}' if asked else ''} yet.")
        return
    for code, items in best.items():
        _show(code, items)


def _show(code: str, items: list[Item]) -> None:
    cells = amounts_cells([Amounts.of(item) for item in items])
    rows = [
        (number(place), item["merchant_id"], number(item["files"]), *row)
        for place, (item, row) in enumerate(zip(items, cells, strict=True), start=1)
    ]
    show(table(">", "~merchant", ">files", *HEADINGS, rows=rows, title=f"Highest net sales in {code}"))


def _to_json(item: Item, partly: PartlyCounted) -> dict[str, object]:
    about = {"merchant_id": item["merchant_id"], "currency": item["currency"], "files": int(item["files"])}
    return about | amounts_to_json(Amounts.of(item)) | {"partly_counted": partly.of(item)}


def _code(currency: str) -> str:
    if not re.fullmatch("[A-Za-z]{3}", currency):
        raise CommandError(f"--currency {currency!r}: expected three letters of ISO 4217, such as USD.")
    return currency.upper()


def _currencies(newest: Sequence[Item]) -> list[str]:
    """The currencies of the newest runs: the lists are kept by currency, and nothing names them all."""
    return sorted({code for run in newest for code in run.get("money", {})})
