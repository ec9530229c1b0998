"""Whether the first row of a CSV file is its heading, told by what stands in it and below it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cli.format_tools.heading_fit import fit
from cli.format_tools.heading_words import heading_words

VALUE = re.compile(r"[\s(+-]*\W?\s*[0-9][0-9.,:/' \-T+]*\W?[\s)Z-]*|(?i:true|false|null|n/?a)")
"""A number or a date, as hardly anybody names a column."""
SHARE_OF_VALUES = 0.9


def has_heading(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of the rows names the columns.

    It does where its cells above numbers and dates are none themselves. Where no column holds such values,
    it does if one of its cells is a word for a column, or none of its cells comes again below.
    """
    first, below = rows[0], rows[1:]
    columns = [[row[at] for row in below if row[at].strip()] for at in range(len(first))]
    above_values = [
        VALUE.fullmatch(cell) is None
        for cell, others in zip(first, columns, strict=True)
        if cell.strip() and others and _are_values(others)
    ]
    if above_values:
        return sum(above_values) * 2 >= len(above_values)
    if any(fit(cell, role) > 0 for cell in first for role in heading_words()):
        return True
    return all(cell not in others for cell, others in zip(first, columns, strict=True) if cell.strip())


def _are_values(cells: Sequence[str]) -> bool:
    return sum(VALUE.fullmatch(cell) is not None for cell in cells) >= SHARE_OF_VALUES * len(cells)
