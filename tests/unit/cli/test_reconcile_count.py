"""The plain pass: which lines count and what they come to, by itself and against the functions' own rules."""

import csv
import gzip
import io
import re
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cli.reconcile.count import Counted, count_file
from cli.reconcile.csv_records import records_of
from cli.reconcile.errors import UncountableFileError
from lambdas.domain.errors import OrderFileError
from lambdas.domain.order_format import OrderFormat, choose_order_format, load_order_formats
from tests.unit.order_files import Processed, opened, order_format, process

ROOT = Path(__file__).parents[3]
FULL = order_format("""
columns: {merchant_id: shop, order_id: order, line_id: line, amount: amount, quantity: quantity,
          ordered_at: date, status: status, currency: currency}
status: {sale: [paid], refund: [refunded], ignore: [cancelled]}
max_reject_ratio: 1
""")
HEADING = "shop,order,line,amount,quantity,date,status,currency"
GOOD = {
    "shop": "s", "order": "1", "line": "1", "amount": "1.50", "quantity": "2", "date": "2024-02-29",
    "status": "paid", "currency": "EUR",
}  # fmt: skip


def line(**changes: str) -> bytes:
    fields = GOOD | changes
    return (HEADING + "\n" + ",".join(fields.values()) + "\n").encode("utf-8", "surrogateescape")


def lenient(text: str) -> OrderFormat:
    return order_format(text + "\nmax_reject_ratio: 1")


def plain(content: bytes, chosen: OrderFormat = FULL, *, scratch: Path, key: str = "orders.csv") -> Counted:
    with opened(scratch) as connection:
        return count_file(lambda: io.BytesIO(content), key=key, order_format=chosen, connection=connection)


def told(counted: Counted) -> dict[str, object]:
    """What the plain pass found, so that it can be compared."""
    sales = {about: one.attributes() for about, one in counted.sales.items()}
    counts = (counted.lines, counted.rejected, counted.duplicates, counted.ignored)
    return {"counts": counts, "sales": sales}


def told_by_functions(outcome: Processed) -> dict[str, object]:
    """What the functions' rules found, in the same form."""
    sales: dict[tuple[str, str], dict[str, object]] = {}
    for about, one in outcome.sales.items():
        dates = {"first_order_at": one.first_order_at, "last_order_at": one.last_order_at}
        sales[about] = vars(one.amounts) | {name: date for name, date in dates.items() if date}
        for month, sums in one.months.items():
            sales[about] |= {f"months.{month}.{name}": value for name, value in vars(sums).items()}
    parts = [counts for counts, _ in outcome.partitions]
    duplicates, ignored = sum(part.duplicates for part in parts), sum(part.ignored for part in parts)
    return {
        "counts": (outcome.index.lines_read, outcome.index.rejected, duplicates, ignored),
        "sales": sales,
    }


def assert_both_find_the_same(content: bytes, chosen: OrderFormat, key: str = "orders.csv") -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            expected = told_by_functions(
                process(content, chosen, scratch=Path(folder), key=key, partitions=1)
            )
        except OrderFileError:
            with pytest.raises(UncountableFileError):
                plain(content, chosen, scratch=Path(folder), key=key)
            return
        assert told(plain(content, chosen, scratch=Path(folder), key=key)) == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("shop", ""), ("shop", " \u00a0\u3000\t"), ("shop", "x" * 257), ("shop", "\u00e9" * 129),
        ("order", "x" * 257), ("order", " " * 257), ("line", "x" * 257),
        ("amount", ""), ("amount", "NaN"), ("amount", "1e9999"), ("amount", "1e3"), ("amount", "1_000"),
        ("amount", "0x10"), ("amount", "=cmd()"), ("amount", "\u0661"), ("amount", "1.23456"),
        ("amount", "0.0000000000000004440892"), ("amount", "100000000000000"), ("amount", "9" * 300),
        ("amount", "."), ("amount", "+"), ("amount", "- 1"), ("amount", "inf"), ("amount", "1,5"),
        ("quantity", ""), ("quantity", "1.5"), ("quantity", "two"), ("quantity", "9223372036854775808"),
        ("quantity", "-9223372036854775809"), ("quantity", "."),
        ("date", ""), ("date", "2023-02-29"), ("date", "29/02/2024"), ("date", "2024-01-01 24:00:00"),
        ("date", "infinity"), ("date", "1969-12-31"), ("date", "2100-01-01"), ("date", "2024-1-1"),
        ("date", "2024-01-01Z"), ("date", "2024-01-01 10"), ("date", "2024-01-01T10:00:60"),
        ("date", "1970-01-01T00:30:00+01:00"), ("date", "0001-01-01T00:00:00+05:00"),
        ("date", "2024-01-01T00:00:00+5"), ("date", "epoch"), ("date", "\u0662\u0660\u0662\u0664-01-01"),
        ("status", "Paid"), ("status", ""), ("currency", "EURO"), ("currency", "E1R"),
        ("currency", "\u00c4UR"),
        ("shop", "\udcff"), ("currency", "EUR,1"), ("currency", "EUR,"), ("currency", 'EUR,""'),
        ("shop", '"a"b'), ("shop", '"a'), ("shop", '"a" ,"b'), ("shop", '"a,'),
    ],
)  # fmt: skip
def test_a_wrong_value_is_rejected(field: str, value: str, tmp_path: Path) -> None:
    content = line(**{field: value})
    counted = plain(content, scratch=tmp_path)
    assert (counted.lines, counted.rejected, counted.sales) == (1, 1, {})
    assert_both_find_the_same(content, FULL)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("amount", " +1.5\t", {"net_sales": Decimal("1.5")}),
        ("amount", "1.23400000000000000000000000000000000000000000", {"net_sales": Decimal("1.234")}),
        ("amount", "99999999999999.9999", {"net_sales": Decimal("99999999999999.9999")}),
        ("amount", "000000000000000000001", {"net_sales": Decimal(1)}),
        ("amount", ".5", {"net_sales": Decimal("0.5")}),
        ("amount", "5.", {"net_sales": Decimal(5)}),
        ("amount", "-0", {"net_sales": Decimal(0), "lines": 1}),
        ("amount", "-2", {"net_sales": Decimal(-2), "refunds": Decimal(2), "gross_sales": Decimal(0)}),
        ("quantity", "17.00", {"units": 17}),
        ("quantity", ".0", {"units": 0}),
        ("quantity", " -3 ", {"units": -3}),
        ("quantity", "-9223372036854775808", {"units": -9223372036854775808}),
        ("status", "refunded", {"net_sales": Decimal("-1.5"), "refunds": Decimal("1.5"), "units": 2}),
        ("status", " paid ", {"net_sales": Decimal("1.5")}),
        ("date", "2024-02-29T23:30:00-02:00", {"first_order_at": "2024-03-01T01:30:00Z"}),
        ("date", "2024-02-29T23:30-02", {"first_order_at": "2024-03-01T01:30:00Z"}),
        ("date", "2024-02-29T23:30+0530", {"first_order_at": "2024-02-29T18:00:00Z"}),
        ("date", "2024-02-29 23:30", {"last_order_at": "2024-02-29T23:30:00Z"}),
        ("date", "2024-02-29T23:30:00Z", {"last_order_at": "2024-02-29T23:30:00Z"}),
        ("date", " 2024-02-29T23:59:59.999999999 ", {"last_order_at": "2024-02-29T23:59:59Z"}),
        ("date", "1969-12-31T23:30:00-01:00", {"first_order_at": "1970-01-01T00:30:00Z"}),
        ("currency", " gbp", {"currency": "GBP"}),
        ("currency", "", {"currency": "USD"}),
        ("shop", " \u00a0s\t", {"merchant_id": "s"}),
        ("shop", "=cmd()", {"merchant_id": "=cmd()"}),
        ("shop", '"a#b/c ""d""\ne,f"', {"merchant_id": 'a#b/c "d"\ne,f'}),
        ("shop", 'a 5" pipe', {"merchant_id": 'a 5" pipe'}),
        ("shop", ' "a, b" ', {"merchant_id": "a, b"}),
        ("shop", "x" * 256, {"merchant_id": "x" * 256}),
        ("order", "", {"orders": 1}),
        ("order", " 1", {"orders": 1}),
    ],
)
def test_an_odd_but_right_value_is_counted(
    field: str, value: str, expected: dict[str, object], tmp_path: Path
) -> None:
    counted = plain(line(**{field: value}), scratch=tmp_path)
    [((merchant, currency), sales)] = counted.sales.items()
    found = sales.attributes() | {"merchant_id": merchant, "currency": currency}
    assert {name: found[name] for name in expected} == expected
    assert_both_find_the_same(line(**{field: value}), FULL)


def test_an_ignored_line_removes_its_earlier_copy(tmp_path: Path) -> None:
    rows = [
        "s,1,1,5,1,2024-01-01,paid,EUR",
        "s,1,1,6,1,x,paid,EUR",
        "s,1,1,5,1,2024-01-02,cancelled,GBP",
        "s,1,2,3,1,2024-01-01,paid,EUR",
        "s,,2,1,1,2024-01-01,paid,EUR",
        "s, ,2,1,1,2024-01-01,paid,EUR",
    ]
    content = "\n".join([HEADING, *rows]).encode()
    counted = plain(content, scratch=tmp_path)
    assert (counted.rejected, counted.duplicates, counted.ignored) == (1, 1, 1)
    assert counted.sales["s", "EUR"].total.attributes()["orders"] == 3
    assert_both_find_the_same(content, FULL)


@pytest.mark.parametrize(
    ("numbers", "written", "amount"),
    [
        ("{decimal: ',', thousands: '.'}", "1.234.567,89", "1234567.89"),
        ("{decimal: ',', thousands: '.'}", "1234,5", "1234.5"),
        ('{thousands: "\'"}', "1'234.50", "1234.50"),
        ("{thousands: ' '}", "-1 234", "-1234"),
        ("{currency_sign: strip}", "-\u00a3 5.00", "-5"),
        ("{currency_sign: strip}", "5.00 \u20ac", "5"),
        ("{currency_sign: strip}", "$5.00 \u20ac", None),
        ("{currency_sign: strip}", "-5.00\u00a0\u20ac", "-5"),
        ("{currency_sign: strip}", "-\u00a35.00\u00a0\u20ac", None),
        ("{currency_sign: strip}", "$", None),
        ("{currency_sign: strip}", "$$5", None),
        ("{currency_sign: strip}", "\u00a3-5", "-5"),
        ("{currency_sign: keep}", "$5", None),
        ("{decimal: ',', thousands: '.'}", "1.5", None),
        ("{thousands: ','}", '"1,2"', None),
        ("{thousands: ','}", '"12,345,678.9"', "12345678.9"),
    ],
)
def test_numbers_are_read_as_the_format_says(
    numbers: str, written: str, amount: str | None, tmp_path: Path
) -> None:
    chosen = lenient(
        f"columns: {{merchant_id: shop, amount: amount}}\nnumbers: {numbers}\ncsv: {{delimiter: ;}}"
    )
    content = f"shop;amount\ns;{written}\n".encode()
    sales = plain(content, chosen, scratch=tmp_path).sales
    found = [one.total.attributes()["net_sales"] for one in sales.values()]
    assert found == ([Decimal(amount)] if amount else [])
    assert_both_find_the_same(content, chosen)


@pytest.mark.parametrize(
    ("format_text", "content"),
    [
        ("columns: {merchant_id: shop, amount: amount * (1 - discount)}",
         b'shop,amount,discount\ns,10,0.05\ns,0.01,0.005\ns,,1\ns,x,1\nt,"1,0",0\nu,1.123456,0\n'),
        ("columns: {merchant_id: upper(shop), amount: 'coalesce(amount, 0)'}",
         b"shop,amount\na,1\nA,\nb,2\n"),
        ("columns: {merchant_id: 'concat(shop, town)', amount: amount}",
         b"shop,town,amount\na,,1\n,b,2\n,,3\n"),
        ("columns: {merchant_id: shop, amount: 'replace(amount, ''x'', '''')'}",
         b"shop,amount\na,1x\nb,x\nc,2\n"),
        ("columns: {merchant_id: shop, amount: amount, quantity: n * 2}",
         b"shop,amount,n\na,1,1.5\nb,1,1.3\n"),
        ("columns: {merchant_id: shop, amount: amount / 100}", b"shop,amount\na,1\n"),
        ("columns: {merchant_id: shop, amount: price}", b"shop,amount\na,1\n"),
        ("columns: {merchant_id: shop, amount: price * 2}\nnumbers: {decimal: ',', thousands: '.'}",
         b"shop;price\na;1.234\nb;1.234,50\nc;12.5\nd;1\n"),
        ("columns: {merchant_id: shop, amount: amount}", b"Shop,AMOUNT\na,1.00000\nb,\nc,1.12345\n"),
        ("columns: {merchant_id: shop, amount: amount}", b"shop,amount,amount\na,1,1\n"),
        ("columns: {merchant_id: shop, amount: amount}", b""),
        ("columns: {merchant_id: shop, amount: amount}", b"\n\n"),
        ("columns: {merchant_id: shop, amount: amount}", b"\n\nshop,amount\n\na,1"),
        ("columns: {merchant_id: shop, amount: amount}", b"\xef\xbb\xbfshop\tamount\r\na\t1\rb\t2\r\n"),
        ("columns: {merchant_id: column1, amount: column2}\ncsv: {header: false}", b"a;1\nb;2\n"),
        ("columns: {merchant_id: shop, amount: n}\ncsv: {header: [shop, n]}", b"a|1\nb|2\n"),
        ("columns: {merchant_id: shop, amount: amount}\ncsv: {encoding: utf-16}",
         "shop,amount\n\u00e9,1\n".encode("utf-16")),
        ("columns: {merchant_id: shop, amount: amount}\ncsv: {encoding: windows-1252}",
         b"shop,amount\n\xa3,1\n\x81,2\n"),
        ("columns: {merchant_id: shop, amount: amount}",
         b'shop,amount\n\na,1\n"b\nb",x\nc\n\n\n"d"e,"f"g\n"h","i\n\nj"\nk,2,\nl,NaN\nm,3\n'),
        ("columns: {merchant_id: shop, amount: amount}", b'shop,amount\na,1\nb,"2\nc,3'),
        ("columns: {merchant_id: shop, amount: amount}", b'shop,amount\n  "c",2\n"d"  ,3\n"e"f\n"g,1\n'),
        ("columns: {merchant_id: shop, amount: amount}",
         b"shop,amount\na,1\n" + b"x" * 2_097_149 + b",2\nb,3\n" + b"y" * 2_097_150 + b",2\n"),
    ],
)  # fmt: skip
def test_odd_files_are_read_as_the_functions_read_them(format_text: str, content: bytes) -> None:
    assert_both_find_the_same(content, lenient(format_text))


@pytest.mark.parametrize(
    "date",
    ["31/03/2024 01:30", "27/10/2024 01:30", "27/10/2024 00:30", "1/1/1970 00:30", "01/07/1970 00:30",
     "01/06/2024 23:30", "infinity", "epoch", "29/02/2023 10:00", " 1/2/2024 9:05 "],
)  # fmt: skip
def test_local_times_are_those_of_the_formats_time_zone(date: str) -> None:
    chosen = lenient(
        "columns: {merchant_id: shop, amount: amount, ordered_at: at}\n"
        "timezone: Europe/London\ndates: '%d/%m/%Y %H:%M'"
    )
    assert_both_find_the_same(f"shop,amount,at\ns,1,{date}\n".encode(), chosen)


@pytest.mark.parametrize("ending", [b"", b"\0\0\0", b"garbage"])
def test_gzip_is_read_with_all_its_members(ending: bytes) -> None:
    content = gzip.compress(b"shop,amount\na,1\n") + gzip.compress(b"b,2\n") + ending
    chosen = lenient("columns: {merchant_id: shop, amount: amount}")
    assert_both_find_the_same(content, chosen, key="orders.csv.gz")
    assert_both_find_the_same(content[:-20], chosen, key="orders.csv.gz")


PIECES = st.sampled_from(
        ["a", "b", " a", "1", "2.5", "-1", "0.00001", '"', '""', '"a"', '"a,b"', '"\n"', " ", ",", "\n",
         "\r\n", "\u00e9", "\u00a0", "\x1f", "x", "\udcff", ";", "\t"]
)  # fmt: skip
MESSY_LINES = st.lists(st.lists(PIECES, max_size=9).map("".join), max_size=6)
FIELDS = st.tuples(
    st.sampled_from(["a", "b", " a", '"a"', ' "b"', "", "\u00e9", '"a\nb"']),
    st.sampled_from(["1", "2", "", " ", " 1"]),
    st.sampled_from(["1", "2", ""]),
    st.sampled_from(["1", "-2.50", "0", "", "x", '"3"', "1.00005", "12345678901234.5678", " 4 "]),
    st.sampled_from(["1", "17.00", "-3", "x", "0.5"]),
    st.sampled_from(
        ["2024-01-31", "2024-01-31T23:30:00-02:00", "2023-02-29", " 2024-02-01 10:00", "2099-12-31"]
    ),
    st.sampled_from(["paid", "refunded", "cancelled", " paid", "Paid"]),
    st.sampled_from(["EUR", "gbp", "", "USDX"]),
).map(",".join)


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(FIELDS, max_size=25))
def test_the_plain_pass_finds_what_the_functions_find(rows: list[str]) -> None:
    assert_both_find_the_same("\n".join([HEADING, *rows]).encode(), FULL)


@settings(max_examples=30, deadline=None)
@given(rows=MESSY_LINES, ended=st.booleans())
def test_the_plain_pass_reads_messy_text_as_the_functions_do(rows: list[str], ended: bool) -> None:
    chosen = lenient("columns: {merchant_id: shop, amount: amount}")
    text = "\n".join(["shop,amount", *rows]) + ("\n" if ended else "")
    assume(not re.search('" +"', text))  # DuckDB takes the two for one field
    assert_both_find_the_same(text.encode("utf-8", "surrogateescape"), chosen)


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(st.lists(st.text('ab," \n', max_size=5), min_size=2, max_size=3), min_size=1, max_size=5)
)
def test_records_are_those_of_pythons_csv(rows: list[list[str]]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    lines = file.getvalue().splitlines(keepends=True)
    assert [record.fields for record in records_of(lines, ",")] == rows


@pytest.mark.parametrize(("name", "lines"), [("complete_journey", 75_000), ("birmingham_pcard", 185_909)])
def test_the_samples_come_to_the_expected_totals(name: str, lines: int, tmp_path: Path) -> None:
    names = ("orders", "lines", "units", "gross_sales", "refunds", "net_sales")
    totals: dict[tuple[str, str], dict[str, Decimal]] = {}
    formats = load_order_formats(ROOT / "formats")
    read = rejected = 0
    for path in sorted((ROOT / "samples" / name).glob("*.csv.gz")):
        key = f"{name}/{path.name}"
        chosen = choose_order_format(formats, key)
        assert chosen is not None
        counted = plain(path.read_bytes(), chosen, scratch=tmp_path, key=key)
        read, rejected = read + counted.lines, rejected + counted.rejected
        for about, sales in counted.sales.items():
            found, total = (
                sales.total.attributes(),
                totals.setdefault(about, dict.fromkeys(names, Decimal(0))),
            )
            totals[about] = {one: total[one] + Decimal(str(found[one])) for one in names}
    with (ROOT / "tests" / "expected" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        expected = {
            (row["merchant_id"], row["currency"]): {one: Decimal(row[one]) for one in names}
            for row in csv.DictReader(file)
        }
    assert totals == expected
    assert (read, rejected) == (lines, 1)
