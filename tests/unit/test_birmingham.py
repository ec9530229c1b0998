"""Real files of a city council: 44 months, 8 headings, code page 1252, one order format."""

from __future__ import annotations

import csv
import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from lambdas.domain.order_format import load_order_formats
from tests.unit.order_files import Processed, process

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "samples" / "birmingham_pcard").glob("*.csv.gz"))


def read(path: Path, scratch: Path) -> Processed:
    (chosen,) = [one for one in load_order_formats(ROOT / "formats") if one.name == "birmingham_pcard"]
    return process(path.read_bytes(), chosen, scratch=scratch, key=f"birmingham_pcard/{path.name}")


def rows_of(path: Path) -> list[list[str]]:
    with gzip.open(path, "rt", encoding="cp1252", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in FILES])
def test_every_file_is_read_through_one_format(path: Path, tmp_path: Path) -> None:
    heading, *rows = rows_of(path)
    rows = [row for row in rows if row]
    amount, merchant = heading.index("ORIGINAL GROSS AMT"), heading.index("MERCHANT NAME")
    outcome = read(path, tmp_path)
    good = [row for row in rows if len(row) == len(heading) and row[merchant].strip()]
    assert outcome.index.lines_read == len(rows)
    assert outcome.index.rejected == len(rows) - len(good)
    assert sum(outcome.net_sales.values()) == sum(Decimal(row[amount].strip()) for row in good)


def test_the_files_have_eight_headings() -> None:
    assert len(FILES) == 44
    assert len({tuple(rows_of(path)[0]) for path in FILES}) == 8


def test_a_row_that_is_empty_but_for_a_blank_is_a_reject_with_its_line(tmp_path: Path) -> None:
    (path,) = [path for path in FILES if path.name == "publish-spend-april-2016.csv.gz"]
    (reject,) = read(path, tmp_path).rejects
    assert (reject["line"], reject["text"]) == (2, ",,,,,, ")
    assert reject["reason"] == "The merchant is blank."
