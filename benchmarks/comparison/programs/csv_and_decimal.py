"""Python's csv and Decimal: exact, and the sums that all others are compared with."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from benchmarks.comparison.programs.output import given, write_sums


def main() -> None:
    """Add up line by line."""
    out, files = given()
    write_sums(out, sums_of(files))


def sums_of(files: Iterable[Path]) -> dict[str, Decimal]:
    """The exact sums of order files."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            add_rows(csv.reader(lines), sums)
    return sums


def add_rows(rows: Iterable[list[str]], sums: defaultdict[str, Decimal]) -> None:
    """Add rows of which the first is the heading."""
    rows = iter(rows)
    heading = next(rows)
    merchant, price, discount = map(heading.index, ("l_suppkey", "l_extendedprice", "l_discount"))
    for row in rows:
        sums[row[merchant]] += Decimal(row[price]) * (1 - Decimal(row[discount]))


if __name__ == "__main__":
    main()
