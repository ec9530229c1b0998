"""The exported file: order, quoting, exact amounts, and whole or not at all."""

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cli.export.csv_file import csv_line, write_csv
from cli.export.parquet_file import write_parquet
from cli.export.rows import month_rows, ordered, total_row
from lambdas.adapters.dynamodb import Item, to_item
from lambdas.domain.ledger import Amounts, MerchantCurrency
from lambdas.domain.stored_names import contribution_item

EXPECTED = Path(__file__).parents[2] / "expected"
HEADING = "merchant_id,currency,orders,lines,units,gross_sales,refunds,net_sales\n"


def item(merchant_id: str, currency: str = "USD", **values: Decimal) -> Item:
    zero = Decimal(0)
    money = {"gross_sales": zero, "refunds": zero, "net_sales": zero} | values
    counts = {"orders": Decimal(1), "lines": Decimal(2), "units": Decimal(-3)}
    return {"merchant_id": merchant_id, "currency": currency, **counts, **money}


def written(items: list[Item], file: Path, *, exact_ids: bool = True) -> str:
    write_csv(ordered(map(total_row, items)), file, by_month=False, exact_ids=exact_ids)
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


def test_an_amount_that_would_have_to_be_rounded_is_an_error(tmp_path: Path) -> None:
    rows = [total_row(item("m", net_sales=Decimal("0.00001")))]
    with pytest.raises(ArithmeticError):
        write_csv(rows, tmp_path / "out.csv", by_month=False, exact_ids=True)
    with pytest.raises(ValueError, match="data loss"):
        write_parquet(rows, tmp_path / "out.parquet", by_month=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "merchant_id", ['say "x"', "a,b", "a\nb", "a\rb", "a\r\nb", "=cmd()", "MERCHANT#1/2"]
)
def test_any_merchant_id_comes_back_from_a_csv_reader(merchant_id: str, tmp_path: Path) -> None:
    written([item(merchant_id)], tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1][0] == merchant_id


def test_a_cell_with_another_countrys_separator_is_quoted() -> None:
    assert csv_line(["x;=1", "USD"]) == '"x;=1",USD\n'
    assert csv_line(['x;"y"', "USD"]) == '"x;""y""",USD\n'
    assert csv_line(["x;,=1", "USD"]) == '"x;,=1",USD\n'


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
        written([item("\ud800")], target)
    assert target.read_text() == "as it was"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_no_merchant_id_becomes_a_formula_in_a_spreadsheet(tmp_path: Path) -> None:
    ids = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1+1", "plain", "a=1", "'a"]
    written([item(merchant) for merchant in ids], tmp_path / "out.csv", exact_ids=False)
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        found = {row[0] for row in list(csv.reader(file))[1:]}
    assert found == {"'" + merchant for merchant in ids[:8]} | set(ids[8:])


def test_parquet_holds_ids_as_they_are_and_exact_decimals(tmp_path: Path) -> None:
    largest = Decimal("1234567890123456789012345678901234.5678")
    rows = ordered([total_row(item("=1", net_sales=largest)), total_row(item("-", "EUR"))])
    write_parquet(rows, tmp_path / "out.parquet", by_month=False)
    zero, kind = Decimal("0.0000"), "DECIMAL(38,4)"
    assert query(f"SELECT *, typeof(net_sales) FROM '{tmp_path / 'out.parquet'}'") == [
        ("-", "EUR", 1, 2, -3, zero, zero, zero, kind),
        ("=1", "USD", 1, 2, -3, zero, zero, largest, kind),
    ]


def query(sql: str) -> list[Any]:
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()


class Table:
    """A sales table of one page, in one segment."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items

    def get_paginator(self, operation: str) -> Any:
        """The pages of a scan."""
        assert operation == "scan"
        return self

    def paginate(self, **request: Any) -> Any:
        """All in the first segment."""
        return [{"Items": [to_item(item) for item in self.items] if request["Segment"] == 0 else []}]


def contribution(merchant: str, key: str, months: dict[str, Decimal]) -> Item:
    sums = {month: vars(Amounts(orders=1, lines=1, net_sales=net)) for month, net in months.items()}
    return contribution_item(MerchantCurrency(merchant, "USD"), key) | {"months": sums}


def test_months_are_summed_over_files_in_order_and_within_the_span(tmp_path: Path) -> None:
    client: Any = Table(
        [
            contribution("b", "2" * 32, {"2024-01": Decimal("0.1"), "2024-03": Decimal(7)}),
            contribution("a#1", "1" * 32, {"2024-02": Decimal("1.5"), "2023-12": Decimal(3)}),
            contribution("b", "1" * 32, {"2024-01": Decimal("0.2")}),
        ]
    )
    rows = ordered(month_rows(client, "sales", ("2024-01", "2024-02")))
    write_csv(rows, tmp_path / "out.csv", by_month=True, exact_ids=False)
    assert (tmp_path / "out.csv").read_text().splitlines() == [
        "merchant_id,currency,month,orders,lines,units,gross_sales,refunds,net_sales",
        "a#1,USD,2024-02,1,1,0,0.0000,0.0000,1.5000",
        "b,USD,2024-01,2,2,0,0.0000,0.0000,0.3000",
    ]
    write_parquet(rows, tmp_path / "out.parquet", by_month=True)
    months = query(f"SELECT merchant_id, month, net_sales FROM '{tmp_path / 'out.parquet'}'")
    assert months == [("a#1", "2024-02", Decimal("1.5")), ("b", "2024-01", Decimal("0.3"))]
