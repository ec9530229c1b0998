"""The draft's merchant, order, line and quantity: columns, and what the rows say against them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cli.format_tools.column_faults import ROWS_THAT_TELL
from cli.format_tools.column_names import listed
from cli.format_tools.heading_fit import words_of
from cli.format_tools.roles import Roles
from cli.format_tools.sample import Cell, Sample
from cli.format_tools.yaml_text import Entry, scalar

COUNTING = {"line", "position", "pos", "row", "seq", "sequence", "zeile", "ligne", "linea", "riga", "regel"}
"""Words of headings that number the lines of an order; other line ids are products."""


def draft_lines(roles: Roles, sample: Sample) -> list[Entry]:
    """The entries of `columns` for merchant, order, line and quantity, as far as they were found."""
    return [
        *_entry("merchant_id", roles, _merchant_doubts(roles, sample)),
        *_entry("order_id", roles),
        *_line_id(roles, sample),
        *_entry("quantity", roles),
    ]


def _entry(role: str, roles: Roles, doubts: Sequence[str] = ()) -> list[Entry]:
    choice = roles.choices.get(role)
    if choice is None:
        return _refused(role, roles)
    said = [*choice.doubts, *doubts]
    if choice.others:
        said.append(f"It could also be: {listed(choice.others)}.")
    return [Entry(key=role, value=scalar(choice.look.name), doubts=said)]


def _refused(role: str, roles: Roles) -> list[Entry]:
    """Columns whose headings name the field and whose values don't fit it, as comments."""
    if role == "merchant_id":
        return []
    return [
        Entry(key=role, value=scalar(look.name), doubts=[f"Not used: {why}."], active=False)
        for look, why in roles.refused.get(role, ())
        if look.filled
    ]


def _merchant_doubts(roles: Roles, sample: Sample) -> list[str]:
    choice = roles.choices.get("merchant_id")
    if choice and sample.rows > ROWS_THAT_TELL and len(choice.look.values) == choice.look.filled:
        return ["Every line of the sample has another value: is it the merchant?"]
    return []


def _line_id(roles: Roles, sample: Sample) -> list[Entry]:
    choice = roles.choices.get("line_id")
    if choice is None or not {"merchant_id", "order_id"} <= roles.choices.keys():
        return []
    equal, different = _lines_that_share_ids(roles, sample)
    value = scalar(choice.look.name)
    if different:
        doubt = (
            f"Not used: of lines with the same merchant, order and {value} only the last counts, and "
            f"{different:,} in the sample differ from another such line."
        )
        return [Entry(key="line_id", value=value, doubts=[doubt], active=False)]
    doubts = list(choice.doubts)
    if equal:
        doubts.append(f"{equal:,} in the sample equal another line in every column, and don't count.")
    words = set(words_of(choice.look.name))
    is_product = not (COUNTING & words or {"order", "item"} <= words)
    note = "of lines of one order with the same one only the last counts" if is_product else ""
    return [Entry(key="line_id", value=value, doubts=doubts, note=note)]


def _lines_that_share_ids(roles: Roles, sample: Sample) -> tuple[int, int]:
    """How many lines have the ids of an earlier one: those that equal it, and those that don't."""
    merchants, orders, lines = (
        roles.choices[role].look.column.cells for role in ("merchant_id", "order_id", "line_id")
    )
    ids = list(zip(merchants, orders, lines, strict=True))
    named = [row for row, (_, order, line) in enumerate(ids) if not (_blank(order) or _blank(line))]
    rows = Counter((ids[row], tuple(column.cells[row] for column in sample.columns)) for row in named)
    distinct = Counter(key for key, _ in rows)
    different = sum(count - 1 for count in distinct.values())
    return rows.total() - len(rows), different


def _blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
