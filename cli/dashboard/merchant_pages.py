"""The pages of merchants: by net sales, found by their id, and one of them."""

from __future__ import annotations

import re

from flask import Flask, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cli.amounts_report import amounts_cells
from cli.dashboard.index_pages import index_page
from cli.dashboard.lists import best_that_contain, leaderboard_index, newest_currencies
from cli.dashboard.merchant_items import merchant_items
from cli.dashboard.merchant_view import merchant_view
from cli.deployment import Deployment
from cli.errors import CommandError
from cli.merchant_report import merchant_sales
from cli.printing import number
from cli.reading_runs import key_items, standings
from cli.reading_sales import has_merchant, keyhash_of
from lambdas.adapters.dynamodb import Item
from lambdas.domain.ledger import Amounts

PAGE_SIZE = 50
MOST_FOUND = 100

MerchantRow = tuple[str, tuple[str, ...]]


def add(app: Flask, deployment: Deployment) -> None:
    """Add the pages to an application."""

    @app.get("/merchants")
    def merchants() -> Response | str:
        currencies = newest_currencies(deployment.dynamodb, deployment.runs_table)
        currency = _currency(request.args.get("currency", ""), currencies)
        cursor, search = request.args.get("after"), request.args.get("search", "").strip()
        if search and has_merchant(deployment.dynamodb, deployment.sales_table, search):
            return redirect(url_for("merchant", id=search))
        if search:
            found = best_that_contain(
                deployment.dynamodb, deployment.sales_table, currency, search, most=MOST_FOUND
            )
            items, next_cursor = found, None
        else:
            index = leaderboard_index(deployment.sales_table, currency)
            page = index_page(deployment.dynamodb, index, size=PAGE_SIZE, cursor=cursor)
            items, next_cursor = page.items, page.cursor
        return render_template(
            "merchants.html", rows=_rows(items), currency=currency, currencies=currencies, search=search,
            cursor=cursor, next_cursor=next_cursor, poll=None,
        )  # fmt: skip

    @app.get("/merchant")
    def merchant() -> str:
        merchant_id = request.args.get("id", "")
        if not merchant_id:
            abort(400, "The address names no merchant: choose one from the list, or search for an id.")
        client, runs_table = deployment.dynamodb, deployment.runs_table
        items = merchant_items(client, deployment.sales_table, merchant_id)
        if not items.totals and not items.contributions:
            raise CommandError(
                f"There is no merchant {merchant_id!r} in {deployment.where}: search for it in the list of "
                "merchants; `merchant-sales export FILE.csv` has all of them."
            )
        keys = key_items(client, runs_table, map(keyhash_of, items.contributions))
        found = merchant_sales(
            merchant_id, items.totals, items.contributions, standings(client, runs_table, keys), months=None
        )
        view = merchant_view(found, complete=items.complete)
        return render_template("merchant.html", merchant=view, poll=None)


def _currency(asked: str, known: list[str]) -> str:
    if not asked:
        return known[0] if known else "USD"
    if not re.fullmatch("[A-Za-z]{3}", asked):
        abort(400, f"{asked!r} is no currency: give the three letters of ISO 4217, such as USD.")
    return asked.upper()


def _rows(items: list[Item]) -> list[MerchantRow]:
    cells = amounts_cells([Amounts.of(item) for item in items])
    return [
        (item["merchant_id"], (number(item["files"]), *row)) for item, row in zip(items, cells, strict=True)
    ]
