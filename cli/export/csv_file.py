"""The exported file as CSV: the same bytes for the same rows, and no formula for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from cli.export.rows import ExportedRow
from cli.printing import exact
from cli.reading_sales import COUNTS, MONEY
from cli.whole_file import written_whole

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
"""What begins a cell that spreadsheets take for a formula (OWASP, CSV Injection)."""
LINE_END = ";\t\r\n"
"""csv quotes what holds a character of its line end: CR and LF, and what separates columns elsewhere."""


class _Line:
    """Where csv writes one record, which `writerow` then answers with."""

    def write(self, record: str) -> str:
        return record


def heading(*, by_month: bool) -> tuple[str, ...]:
    """The names of the columns."""
    return ("merchant_id", "currency", *(["month"] if by_month else []), *COUNTS, *MONEY)


def csv_line(cells: Iterable[str]) -> str:
    """A record with quotes only where they are needed, ending in LF."""
    record = str(csv.writer(_Line(), lineterminator=LINE_END).writerow(cells))
    return record.removesuffix(LINE_END) + "\n"


def is_formula(merchant_id: str) -> bool:
    """Whether a spreadsheet would take the id for a formula, or for one that has got its mark already."""
    return merchant_id.lstrip("'").startswith(FORMULAS)


def write_csv(rows: Sequence[ExportedRow], file: Path, *, by_month: bool, exact_ids: bool) -> int:
    """Write the file; it is there whole or as it was before. How many ids have got a ' before them."""
    marked = 0
    with written_whole(file) as partial, partial.open("w", encoding="utf-8", newline="") as out:
        out.write(csv_line(heading(by_month=by_month)))
        for row in rows:
            mark = not exact_ids and is_formula(row.merchant_id)
            marked += mark
            about = ["'" * mark + row.merchant_id, row.currency, *([row.month] if by_month else [])]
            out.write(csv_line([*about, *map(_cell, row.amounts)]))
    return marked


def _cell(value: object) -> str:
    return exact(value) if isinstance(value, Decimal) else str(value)
