"""Why the values of a column can't be those of a field, whatever its heading says."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cli.format_tools.column_look import ColumnLook

MOST_STATUSES = 30
MOST_LINES_OF_AN_ORDER = 50
"""On average; a column whose values come again more often than that names no orders."""
ROWS_THAT_TELL = 20
COMPACT = "%Y%m%d"


def fault(role: str, look: ColumnLook, rows: int) -> str | None:
    """Why the values of a column can't be those of a field, or None."""
    if look.column.repeated:
        return "its heading comes more than once, so a format can't use it"
    if not rows or (role == "line_id" and not look.filled):
        return None
    if not look.filled:
        return "it is blank in all lines of the sample"
    return FAULTS[role](look, rows)


def _merchant_fault(look: ColumnLook, rows: int) -> str | None:
    if look.is_date or (look.is_number and not look.is_whole) or look.is_currency:
        return f"its values don't name merchants, such as {look.example!r}"
    return "it is blank in most lines" if look.filled * 2 < rows else None


def _amount_fault(look: ColumnLook, rows: int) -> str | None:
    if not look.is_number:
        return f"its values are no numbers, such as {look.example!r}"
    return "it is blank in most lines" if look.filled * 2 < rows else None


def _quantity_fault(look: ColumnLook, rows: int) -> str | None:  # noqa: ARG001  as the others
    return None if look.is_whole else f"its values are not whole numbers, such as {look.example!r}"


def _date_fault(look: ColumnLook, rows: int) -> str | None:  # noqa: ARG001  as the others
    return (
        None if look.is_date else f"its values are no dates that a format can read, such as {look.example!r}"
    )


def _id_fault(look: ColumnLook, rows: int) -> str | None:  # noqa: ARG001  as the others
    if look.is_number and not look.is_whole:
        return f"its values are no ids, such as {look.example!r}"
    return None


def _order_fault(look: ColumnLook, rows: int) -> str | None:
    if look.is_date and not is_compact_date(look):
        return f"its values are dates, such as {look.example!r}"
    if rows > ROWS_THAT_TELL and look.filled > MOST_LINES_OF_AN_ORDER * len(look.values):
        return f"only {len(look.values):,} values come in {look.filled:,} lines"
    return _id_fault(look, rows)


def _status_fault(look: ColumnLook, rows: int) -> str | None:
    few = len(look.values) <= MOST_STATUSES and (
        rows <= ROWS_THAT_TELL or len(look.values) * 4 <= look.filled
    )
    codes = all(len(value) <= 2 for value in look.values)
    return None if few and not look.is_number and not codes else "its values are no statuses"


def _currency_fault(look: ColumnLook, rows: int) -> str | None:  # noqa: ARG001  as the others
    return None if look.is_currency else f"its values are no codes of currencies, such as {look.example!r}"


FAULTS: Mapping[str, Callable[[ColumnLook, int], str | None]] = {
    "merchant_id": _merchant_fault,
    "amount": _amount_fault,
    "unit_price": _amount_fault,
    "ordered_at": _date_fault,
    "currency": _currency_fault,
    "quantity": _quantity_fault,
    "order_id": _order_fault,
    "line_id": _id_fault,
    "status": _status_fault,
}


def is_compact_date(look: ColumnLook) -> bool:
    """Whether the values are dates such as 20170131, which may be any other numbers."""
    return look.patterns is not None and look.patterns.patterns[0] == COMPACT
