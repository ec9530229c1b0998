"""The exported file: a line per merchant and currency, the same bytes for the same totals."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from cli.printing import exact
from cli.reading_sales import COUNTS, MONEY
from cli.whole_file import written_whole
from lambdas.adapters.dynamodb import Item

HEADING = ("merchant_id", "currency", *COUNTS, *MONEY)


class TotalLine(NamedTuple):
    """A line of the file after its order: merchant ids by code point, then currencies."""

    merchant_id: str
    currency: str
    line: str


class _Line:
    """Where csv writes one record, which `writerow` then answers with."""

    def write(self, record: str) -> str:
        return record


def total_line(item: Item) -> TotalLine:
    """A total as the file holds it."""
    counts = [str(int(item[name])) for name in COUNTS]
    amounts = [exact(item[name]) for name in MONEY]
    record = [item["merchant_id"], item["currency"], *counts, *amounts]
    return TotalLine(item["merchant_id"], item["currency"], csv_line(record))


def csv_line(cells: Iterable[str]) -> str:
    """A record with quotes only where they are needed, ending in LF."""
    # With CR LF as its line end, csv quotes ids that hold either of the two.
    record = csv.writer(_Line(), lineterminator="\r\n").writerow(cells)
    return str(record).removesuffix("\r\n") + "\n"


def write_totals(lines: Iterable[TotalLine], file: Path) -> None:
    """Write the file, ordered; it is there whole or as it was before."""
    with written_whole(file) as partial, partial.open("w", encoding="utf-8", newline="") as out:
        out.write(csv_line(HEADING))
        out.writelines(total.line for total in sorted(lines))
