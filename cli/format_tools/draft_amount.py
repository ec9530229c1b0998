"""The draft's amount: a column, or an expression where a column holds cents, prices of a unit, or codes."""

from __future__ import annotations

from collections import defaultdict

import duckdb

from cli.format_tools.column_look import ColumnLook
from cli.format_tools.column_names import in_expression, listed
from cli.format_tools.heading_fit import fit, words_of
from cli.format_tools.roles import Choice, Roles
from cli.format_tools.yaml_text import Entry, scalar
from lambdas.domain.database import quoted

CENTS = {"cent", "cents", "pence", "pennies", "centimes", "centavos", "ct", "minor"}
ORDERS_THAT_TELL = 10


def amount_choice(roles: Roles) -> Choice | None:
    """The column that the amount comes from, if any looks like one."""
    return roles.choices.get("amount") or roles.choices.get("unit_price")


def draft_amount(chosen: Choice, roles: Roles, connection: duckdb.DuckDBPyConnection) -> Entry:
    """The entry `columns.amount`, with what is doubtful about it."""
    look, quantity = chosen.look, roles.choices.get("quantity")
    name, value = in_expression(look.name, connection), scalar(look.name)
    doubts = [*chosen.doubts, *([f"It could also be: {listed(chosen.others)}."] if chosen.others else [])]
    if look.code:
        value = scalar(f"replace({name}, {quoted(look.code)}, '')")
    elif CENTS.intersection(words_of(look.name)):
        value = scalar(f"{name} * 0.01")
        doubts.append(f"Read as cents. If it isn't in cents, write amount: {scalar(look.name)}")
    elif _is_unit_price(chosen, roles) and quantity and set(quantity.look.values) - {"1"}:
        value = scalar(f"{name} * {in_expression(quantity.look.name, connection)}")
        doubts.append(
            f"Read as the price of one unit. If it is the line's, write amount: {scalar(look.name)}"
        )
    elif _is_unit_price(chosen, roles) and not quantity:
        doubts.append("It may be the price of one unit, and no column looks like a quantity.")
    if _repeats_in_orders(look, roles.choices.get("order_id")):
        doubts.append(
            "All lines of an order have the same amount. If it is the order's, each line counts all of it."
        )
    return Entry(key="amount", value=value, doubts=doubts)


def _is_unit_price(chosen: Choice, roles: Roles) -> bool:
    """Whether the heading says price, and no more than that."""
    unit = roles.choices.get("unit_price")
    same = unit is not None and unit.look.place == chosen.look.place
    return same and fit(chosen.look.name, "unit_price") >= fit(chosen.look.name, "amount")


def _repeats_in_orders(amount: ColumnLook, order: Choice | None) -> bool:
    if order is None:
        return False
    amounts = defaultdict(list)
    for order_id, cell in zip(order.look.column.cells, amount.column.cells, strict=True):
        if order_id not in (None, ""):
            amounts[order_id].append(cell)
    several = [cells for cells in amounts.values() if len(cells) > 1]
    distinct = {cell for cells in several for cell in cells}
    same = all(len(set(cells)) == 1 for cells in several)
    return len(several) >= ORDERS_THAT_TELL and len(distinct) > 1 and same
