"""The draft's currency: a column, signs or codes beside the amounts, a word of the heading, or a guess."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from cli.format_tools.column_look import ColumnLook
from cli.format_tools.column_names import in_expression, listed
from cli.format_tools.currencies import BY_SIGN, OF_SEVERAL, code_in_heading, signs
from cli.format_tools.roles import Choice
from cli.format_tools.yaml_text import Entry, scalar, short
from lambdas.domain.database import quoted
from lambdas.domain.order_format import Numbers


@dataclass(frozen=True, kw_only=True)
class DraftCurrency:
    """The entry `columns.currency`, if the lines say their currency, and the key `currency`."""

    fixed: Entry
    columns: tuple[Entry, ...] = ()


def draft_currency(
    column: Choice | None, amount: ColumnLook, numbers: Numbers, connection: duckdb.DuckDBPyConnection
) -> DraftCurrency:
    """What says the currency of the amounts."""
    found = signs(amount.texts) if numbers.currency_sign == "strip" else []
    if column:
        return _by_column(column)
    if len(found) > 1:
        return _by_several_signs(found, in_expression(amount.name, connection))
    if amount.code:
        return DraftCurrency(fixed=_fixed(amount.code, note="it stands beside the amounts"))
    if found:
        doubts = [f"{found[0]} is the sign of other currencies too."] if found[0] in OF_SEVERAL else []
        note = f"the amounts have its sign, {found[0]}"
        return DraftCurrency(fixed=_fixed(BY_SIGN[found[0]], *doubts, note=note))
    if code := code_in_heading(amount.name):
        return DraftCurrency(fixed=_fixed(code, note=f"by the heading {short(amount.name)}; check it"))
    return DraftCurrency(fixed=_fixed("USD", "Nothing in the file says the currency. Is it this one?"))


def _by_column(column: Choice) -> DraftCurrency:
    others = [f"It could also be: {listed(column.others)}."] if column.others else []
    entry = Entry(key="currency", value=scalar(column.look.name), doubts=[*column.doubts, *others])
    most = column.look.example.upper()
    note = f"of lines whose currency is blank: {'the most frequent one' if most else 'a guess, check it'}"
    return DraftCurrency(columns=(entry,), fixed=_fixed(most or "USD", note=note))


def _by_several_signs(found: list[str], amount: str) -> DraftCurrency:
    cases = " ".join(
        f"WHEN contains({amount}, {quoted(sign)}) THEN {quoted(BY_SIGN[sign])}" for sign in found
    )
    said = ", ".join(f"{sign} is {BY_SIGN[sign]}" for sign in found)
    entry = Entry(
        key="currency",
        value=scalar(f"CASE {cases} END"),
        doubts=[f"The amounts have several signs; taken as: {said}."],
    )
    fixed = _fixed(BY_SIGN[found[0]], note="of amounts without a sign: that of the most frequent one")
    return DraftCurrency(columns=(entry,), fixed=fixed)


def _fixed(code: str, *doubts: str, note: str = "") -> Entry:
    return Entry(key="currency", value=scalar(code), doubts=doubts, note=note)
