"""Which lines are rejected, with which words, and what the others count."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from lambdas.domain import reading, text_rows
from lambdas.domain.delivered_file import CHUNK_BYTES
from lambdas.domain.errors import OrderFileError
from lambdas.domain.ledger import Amounts
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.order_lines import read_csv
from lambdas.domain.rejects import Reject, Rejected
from tests.unit.order_files import order_format, process

FULL = order_format("""
columns: {merchant_id: shop, order_id: order, line_id: line, amount: amount, quantity: quantity,
          ordered_at: date, status: status, currency: currency}
status: {sale: [paid], refund: [refunded], ignore: [cancelled]}
""")
HEADING = "shop,order,line,amount,quantity,date,status,currency"
GOOD = {
    "shop": "s", "order": "1", "line": "1", "amount": "1.50", "quantity": "2", "date": "2024-02-29",
    "status": "paid", "currency": "EUR",
}  # fmt: skip


def line(**changes: str) -> bytes:
    fields = GOOD | changes
    return (HEADING + "\n" + ",".join(fields.values()) + "\n").encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("shop", "", "The merchant is blank"),
        ("shop", " \u00a0\u3000\t", "The merchant is blank"),
        ("shop", "x" * 257, "The merchant id is longer than 256 bytes"),
        ("shop", "\u00e9" * 129, "The merchant id is longer than 256 bytes"),
        ("order", "x" * 257, "The order id is longer than 256 bytes"),
        ("line", "x" * 257, "The line id is longer than 256 bytes"),
        ("amount", "", "The amount is blank"),
        ("amount", "NaN", "The amount is not a plain number"),
        ("amount", "1e9999", "The amount is not a plain number"),
        ("amount", "1e3", "The amount is not a plain number"),
        ("amount", "1_000", "The amount is not a plain number"),
        ("amount", "0x10", "The amount is not a plain number"),
        ("amount", "=cmd()", "The amount is not a plain number"),
        ("amount", "\u0661", "The amount is not a plain number"),
        ("amount", "1.23456", "The amount has more than 4 decimals"),
        ("amount", "0.0000000000000004440892", "The amount has more than 4 decimals"),
        ("amount", "100000000000000", "The amount is too large"),
        ("amount", "9" * 300, "The amount is too large"),
        ("quantity", "", "The quantity is blank"),
        ("quantity", "1.5", "The quantity is not a whole number"),
        ("quantity", "two", "The quantity is not a whole number"),
        ("quantity", "9223372036854775808", "The quantity is too large"),
        ("date", "", "The date is blank"),
        ("date", "2023-02-29", "The date is not a date in ISO 8601, such as 2024-01-31"),
        ("date", "29/02/2024", "The date is not a date in ISO 8601, such as 2024-01-31"),
        ("date", "2024-01-01 24:00:00", "The date is not a date in ISO 8601, such as 2024-01-31"),
        ("date", "2024-01-01T00:00:00+99:99", "The date is not a date in ISO 8601, such as 2024-01-31"),
        ("date", "2024-01-01T00:00:00+05:75", "The date is not a date in ISO 8601, such as 2024-01-31"),
        ("date", "infinity", "The date is not a date in ISO 8601, such as 2024-01-31"),
        ("date", "1969-12-31", "The date is not in 1970 to 2099"),
        ("date", "2100-01-01", "The date is not in 1970 to 2099"),
        ("status", "Paid", "The status is unknown"),
        ("status", "", "The status is unknown"),
        ("currency", "EURO", "The currency is not three letters"),
        ("currency", "E1R", "The currency is not three letters"),
        ("shop", "\udcff", "The line has bytes that are not valid text in the encoding of the file"),
        ("currency", "EUR,1", "The line has too many columns"),
        ("currency", "EUR,", "The line has too many columns"),
        ("currency", 'EUR,""', "The line has too many columns"),
        ("currency", ",", "The line has too many columns"),
        ("currency", ",,,", "The line has too many columns"),
        ("currency", 'EUR, ""', "The line has too many columns"),
        ("currency", 'EUR,"" ', "The line has too many columns"),
        ("shop", '"a"b', "A quote of the line is not closed, or has text after it"),
    ],
)
def test_a_wrong_value_is_rejected_with_its_reason(
    field: str, value: str, reason: str, tmp_path: Path
) -> None:
    outcome = process(line(**{field: value}), FULL, scratch=tmp_path)
    assert outcome.reasons == [reason]
    assert (outcome.index.lines_read, outcome.index.rejected) == (1, 1)
    assert outcome.rejects[0]["line"] == 2
    assert outcome.rejects[0]["byte"] == len(HEADING) + 1


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("amount", " +1.5\t", {"net_sales": Decimal("1.5000")}),
        ("amount", "1.23400000000000000000000000000000000000000000", {"net_sales": Decimal("1.2340")}),
        ("amount", "99999999999999.9999", {"net_sales": Decimal("99999999999999.9999")}),
        ("amount", ".5", {"net_sales": Decimal("0.5000")}),
        ("amount", "5.", {"net_sales": Decimal("5.0000")}),
        ("amount", "-2", {"net_sales": Decimal(-2), "refunds": Decimal(2), "gross_sales": Decimal(0)}),
        ("quantity", "17.00", {"units": 17}),
        ("quantity", " -3 ", {"units": -3}),
        ("quantity", "-9223372036854775808", {"units": -9223372036854775808}),
        ("status", "refunded", {"net_sales": Decimal("-1.5"), "refunds": Decimal("1.5"), "units": 2}),
        ("status", " paid ", {"net_sales": Decimal("1.5")}),
        ("date", "2024-02-29T23:30:00-02:00", {"first_order_at": "2024-03-01T01:30:00Z"}),
        ("date", "2024-02-29 23:30", {"last_order_at": "2024-02-29T23:30:00Z"}),
        ("date", "2024-02-29T23:30:00Z", {"last_order_at": "2024-02-29T23:30:00Z"}),
        ("currency", " gbp", {"currency": "GBP"}),
        ("currency", "", {"currency": "USD"}),
        ("shop", " \u00a0s\t", {"merchant_id": "s"}),
        ("shop", "=cmd()", {"merchant_id": "=cmd()"}),
        ("shop", '"a#b/c ""d""\ne,f"', {"merchant_id": 'a#b/c "d"\ne,f'}),
        ("shop", 'a 5" pipe', {"merchant_id": 'a 5" pipe'}),
        ("shop", "x" * 256, {"merchant_id": "x" * 256}),
        ("order", "", {"orders": 1}),
    ],
)
def test_an_odd_but_right_value_is_counted(
    field: str, value: str, expected: dict[str, object], tmp_path: Path
) -> None:
    outcome = process(line(**{field: value}), FULL, scratch=tmp_path)
    assert outcome.rejects == []
    (sales,) = outcome.sales.values()
    found = vars(sales) | vars(sales.amounts) | vars(sales.about)
    assert {name: found[name] for name in expected} == expected


def test_an_ignored_line_removes_its_earlier_copy(tmp_path: Path) -> None:
    rows = [
        "s,1,1,5,1,2024-01-01,paid,EUR",
        "s,1,1,5,1,2024-01-02,cancelled,EUR",
        "s,1,2,3,1,2024-01-01,paid,EUR",
    ]
    outcome = process("\n".join([HEADING, *rows]).encode(), FULL, scratch=tmp_path, partitions=1)
    counts = outcome.partitions[0][0]
    assert (counts.duplicates, counts.ignored, counts.counted) == (1, 1, 1)
    assert outcome.net_sales == {"s": Decimal(3)}
    assert counts.duplicate_money == {"EUR": Decimal(5)}


def test_lines_without_both_ids_are_never_duplicates(tmp_path: Path) -> None:
    rows = ["s,,1,5,1,2024-01-01,paid,EUR", "s,1, ,5,1,2024-01-01,paid,EUR"] * 2
    outcome = process("\n".join([HEADING, *rows]).encode(), FULL, scratch=tmp_path)
    (sales,) = outcome.sales.values()
    assert (sales.amounts.lines, sales.amounts.orders) == (4, 3)


def test_the_month_is_that_of_the_formats_time_zone(tmp_path: Path) -> None:
    chosen = order_format(
        "columns: {merchant_id: shop, amount: amount, ordered_at: at}\ntimezone: Asia/Tokyo"
    )
    content = b"shop,amount,at\ns,1,2024-01-31T23:00:00Z\ns,2,2024-02-01 08:00:00\n"
    (sales,) = process(content, chosen, scratch=tmp_path).sales.values()
    three = Amounts(orders=2, lines=2, units=2, gross_sales=Decimal(3), net_sales=Decimal(3))
    assert sales.months == {"2024-02": three}
    assert sales.first_order_at == sales.last_order_at == "2024-01-31T23:00:00Z"


@pytest.mark.parametrize(
    ("numbers", "written", "amount"),
    [
        ("{decimal: ',', thousands: '.'}", "1.234.567,89", "1234567.89"),
        ("{decimal: ',', thousands: '.'}", "1234,5", "1234.5"),
        ('{thousands: "\'"}', "1'234.50", "1234.50"),
        ("{currency_sign: strip}", "-\u00a3 5.00", "-5"),
        ("{currency_sign: strip}", "5.00 \u20ac", "5"),
        ("{currency_sign: strip}", "$5.00$", None),
        ("{currency_sign: strip, negative: parentheses}", "($5.00)$", None),
        ("{decimal: ',', thousands: '.'}", "1.5", None),
        ("{thousands: ','}", '"1,2"', None),
    ],
)
def test_numbers_are_read_as_the_format_says(
    numbers: str, written: str, amount: str | None, tmp_path: Path
) -> None:
    chosen = order_format(
        f"columns: {{merchant_id: shop, amount: amount}}\nnumbers: {numbers}\ncsv: {{delimiter: ;}}"
    )
    outcome = process(f"shop;amount\ns;{written}\n".encode(), chosen, scratch=tmp_path)
    assert outcome.net_sales == ({"s": Decimal(amount)} if amount else {})


def test_rejected_lines_are_found_among_blank_broken_and_long_ones(tmp_path: Path) -> None:
    content = b'shop,amount\n\na,1\n"b\nb",x\nc\n\n\n"d"e,"f"g\n"h","i\n\nj"\nk,2,\nl,NaN\nm,3\n'
    outcome = process(content, scratch=tmp_path)
    assert [(reject["line"], reject["text"]) for reject in outcome.rejects] == [
        (4, '"b\nb",x'),
        (6, "c"),
        (9, '"d"e,"f"g'),
        (10, '"h","i\n\nj"'),
        (13, "k,2,"),
        (14, "l,NaN"),
    ]
    assert all(content[reject["byte"] :].startswith(reject["text"].encode()) for reject in outcome.rejects)
    assert outcome.net_sales == {"a": Decimal(1), "m": Decimal(3)}
    assert outcome.index.lines_read == 8


def test_a_quote_that_never_closes_is_one_rejected_line(tmp_path: Path) -> None:
    outcome = process(b'shop,amount\na,1\nb,"2\nc,3', scratch=tmp_path)
    assert [(reject["line"], reject["text"]) for reject in outcome.rejects] == [(3, 'b,"2\nc,3')]
    assert outcome.net_sales == {"a": Decimal(1)}


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_line_above_2_mb_is_rejected_alone(quote: str, tmp_path: Path) -> None:
    content = f"shop,amount\na,1\n{quote}{'x' * 3_000_000}{quote},2\nb,3\n".encode()
    outcome = process(content, scratch=tmp_path)
    assert [reason.partition(";")[0] for reason in outcome.reasons] == ["The line is longer than 2 MB"]
    assert [(reject["line"], len(reject["text"])) for reject in outcome.rejects] == [(3, 1024)]
    assert outcome.net_sales == {"a": Decimal(1), "b": Decimal(3)}


def test_a_line_without_any_character_is_no_order_line(tmp_path: Path) -> None:
    chosen: OrderFormat = order_format("columns: {merchant_id: shop, amount: \"'1'\"}")
    outcome = process(b'shop\na\n\n""\n\nb\n', chosen, scratch=tmp_path)
    assert (outcome.index.lines_read, outcome.index.rejected) == (3, 1)
    assert [(reject["line"], reject["text"]) for reject in outcome.rejects] == [(4, '""')]


NOTED = "shop,amount,note\na,1,\n"


@pytest.mark.parametrize(
    ("others", "reasons"),
    [
        ("B,5.00,,\n", ["The line has too many columns"]),
        ("B,5.00,x,\nc,1,\n", ["The line has too many columns"]),
        ("b,1,\nc,5\nB,5.00,,\n", ["The line has too few columns", "The line has too many columns"]),
        ("b,1,,,\nB,5.00\n", ["The line has too many columns", "The line has too few columns"]),
        ('b,1,"x,y"\nB,5.00,"",""\n', ["The line has too many columns"]),
        ('b,1,"x,y"\nB,5.00\nB,5.00,,\n', ["The line has too few columns", "The line has too many columns"]),
        ('b,1,"x,y"\nc,1,"x,"\n', []),
        ("b,1,\nc,1,x\nB,5\n", ["The line has too few columns"]),
    ],
)
def test_a_blank_column_too_many_is_found_whatever_stands_beside_it(
    others: str, reasons: list[str], tmp_path: Path
) -> None:
    outcome = process((NOTED + others).encode(), scratch=tmp_path)
    assert outcome.reasons == reasons
    assert "B" not in outcome.net_sales


@pytest.mark.parametrize("marks", [1, 2])
def test_a_byte_order_mark_after_the_heading_is_no_part_of_the_line(marks: int, tmp_path: Path) -> None:
    mark = "\ufeff" * marks
    outcome = process(f"shop,amount\n{mark}A,5,1\nB,6\n".encode(), scratch=tmp_path)
    assert [(reject["line"], reject["text"]) for reject in outcome.rejects] == [(2, "A,5,1")]
    assert outcome.rejects[0]["byte"] == len(f"shop,amount\n{mark}".encode())
    assert outcome.net_sales == {"B": Decimal(6)}
    assert outcome.index.lines_read == 2
    assert process(f"shop,amount\n{mark}A,5\n".encode(), scratch=tmp_path).net_sales == {"A": Decimal(5)}


def test_a_line_that_the_reader_loses_fails_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def losing(*args: object, **named: object) -> str:
        return f"(SELECT * FROM {read_csv(*args, **named)} WHERE t0 <> 'b')"  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "read_csv", losing)
    with pytest.raises(OrderFileError, match=r"3 lines, but 1 were accepted and 1 rejected.*report"):
        process(b"shop,amount\na,1\n\n\nb,2\nc,x\n", scratch=tmp_path)


def test_a_reject_that_is_not_found_in_the_text_fails_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blind(_: Rejected) -> Iterator[Reject]:
        return iter(())

    monkeypatch.setattr(Rejected, "rejects", blind)
    with pytest.raises(OrderFileError, match=r"1 of its lines are rejected, but 0 .* report"):
        process(b'shop,amount\na,1\n"b",x\n', scratch=tmp_path)


def test_blank_lines_of_any_number_are_no_lines(tmp_path: Path) -> None:
    rows = (CHUNK_BYTES - len("shop,amount\n")) // len("a,1\n") - 1  # blank lines on both sides of a chunk
    blank = [*[0] * rows, 7, 0, 1, 2, 3, 100_000]
    content = b"shop,amount\n" + b"".join(b"\n" * count + b"a,1\n" for count in blank) + b"\n\n"
    outcome = process(content, scratch=tmp_path)
    assert (outcome.index.lines_read, outcome.net_sales) == (rows + 6, {"a": Decimal(rows + 6)})


def test_all_rejects_are_counted_and_the_first_ones_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_rows, "LISTED_REJECTS", 5)
    content = b"shop,amount\n" + b"a,x\nb,1\nc\n" * 10
    outcome = process(content, scratch=tmp_path)
    assert [reject["line"] for reject in outcome.rejects] == [2, 4, 5, 7, 8]
    assert outcome.index.reject_reasons == {
        "The amount is not a plain number.": 10,
        "The line has too few columns.": 10,
    }
    assert (outcome.index.lines_read, outcome.index.rejected) == (30, 20)
