"""The exported file: order, quoting, exact amounts, and whole or not at all."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from cli.totals_file import TotalLine, csv_line, total_line, write_totals
from lambdas.adapters.dynamodb import Item

EXPECTED = Path(__file__).parents[2] / "expected"
HEADING = "merchant_id,currency,orders,lines,units,gross_sales,refunds,net_sales\n"


def item(merchant_id: str, currency: str = "USD", **values: Decimal) -> Item:
    zero = Decimal(0)
    money = {"gross_sales": zero, "refunds": zero, "net_sales": zero} | values
    counts = {"orders": Decimal(1), "lines": Decimal(2), "units": Decimal(-3)}
    return {"merchant_id": merchant_id, "currency": currency, **counts, **money}


def written(items: list[Item], file: Path) -> str:
    write_totals(map(total_line, items), file)
    return file.read_bytes().decode()


def test_lines_stand_by_code_point_of_the_merchant_and_then_by_currency(tmp_path: Path) -> None:
    merchants = ["b", "B", "é", "10", "9", "\U0001f600", "\uffee", "a,b"]
    items = [item(merchant, currency) for merchant in merchants for currency in ("USD", "EUR")]
    text = written(items, tmp_path / "out.csv")
    found = [tuple(row[:2]) for row in csv.reader(text.splitlines()[1:])]
    assert found == [(merchant, currency) for merchant in sorted(merchants) for currency in ("EUR", "USD")]
    assert found[-2][0] == "\U0001f600"


def test_amounts_have_exactly_four_decimals_and_lines_end_in_lf(tmp_path: Path) -> None:
    largest = Decimal("1234567890123456789012345678901234.5")
    text = written([item("m", gross_sales=largest, refunds=Decimal("1E+2"))], tmp_path / "out.csv")
    assert text == f"{HEADING}m,USD,1,2,-3,1234567890123456789012345678901234.5000,100.0000,0.0000\n"


def test_an_amount_that_would_have_to_be_rounded_is_an_error() -> None:
    with pytest.raises(ArithmeticError):
        total_line(item("m", net_sales=Decimal("0.00001")))


@pytest.mark.parametrize(
    "merchant_id", ['say "x"', "a,b", "a\nb", "a\rb", "a\r\nb", "=cmd()", "MERCHANT#1/2"]
)
def test_any_merchant_id_comes_back_from_a_csv_reader(merchant_id: str, tmp_path: Path) -> None:
    write_totals([total_line(item(merchant_id))], tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1][0] == merchant_id


def test_only_what_needs_quotes_has_them() -> None:
    assert csv_line(["a b", "=x", "it's", ""]) == "a b,=x,it's,\n"


def test_the_expected_files_merged_and_sorted_are_what_is_written(tmp_path: Path) -> None:
    texts = [path.read_bytes().decode() for path in sorted(EXPECTED.glob("*.csv"))]
    rows = [row for text in texts for row in list(csv.reader(text.splitlines()))[1:]]
    names = HEADING.strip().split(",")
    items: list[Item] = [dict(zip(names, row, strict=True)) for row in rows]
    for one in items:
        one.update({name: Decimal(one[name]) for name in names[2:]})
    text = written(items, tmp_path / "out.csv")
    assert sorted(text.splitlines()[1:]) == sorted(line for t in texts for line in t.splitlines()[1:])


def test_a_file_that_is_there_stays_when_writing_fails(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("as it was")
    with pytest.raises(UnicodeEncodeError):
        write_totals([TotalLine("m", "USD", "\ud800\n")], target)
    assert target.read_text() == "as it was"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
