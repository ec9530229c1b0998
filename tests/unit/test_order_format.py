"""Order formats: what a YAML file may say, and what it is told when it says something else."""

from decimal import Decimal
from pathlib import Path

import pytest

from lambdas.domain.errors import OrderFormatError
from lambdas.domain.order_format import choose_order_format, load_order_formats, parse_order_format

FORMATS = Path(__file__).parents[2] / "formats"
SMALLEST = "columns: {merchant_id: shop, amount: total}\n"


def test_the_formats_of_the_repository_are_valid() -> None:
    names = {order_format.name for order_format in load_order_formats(FORMATS)}
    assert {"complete_journey", "birmingham_pcard", "default"} <= names


def test_every_key_of_a_full_format_is_read() -> None:
    order_format = parse_order_format(
        """
prefix: shops/
file: csv
lane: batch
csv: {delimiter: ";", header: [when, shop, total], encoding: windows-1252}
columns: {merchant_id: shop, amount: total * 2, order_id: o, line_id: l, quantity: q, ordered_at: when,
          status: s, currency: c}
currency: eur
numbers: {decimal: ",", thousands: ".", currency_sign: strip}
dates: "%d/%m/%Y"
timezone: Europe/London
status: {sale: [paid, " shipped "], refund: [refunded], ignore: [cancelled]}
max_reject_ratio: 0.01
deletions: keep
""",
        "shops.yaml",
    )
    assert order_format.name == "shops"
    assert (order_format.file, order_format.lane, order_format.prefix) == ("csv", "batch", "shops/")
    assert order_format.csv.header == ("when", "shop", "total")
    assert (order_format.csv.delimiter, order_format.csv.encoding) == (";", "cp1252")
    assert order_format.columns.amount == "total * 2"
    assert (order_format.currency, order_format.dates) == ("EUR", "%d/%m/%Y")
    assert (order_format.numbers.decimal, order_format.numbers.thousands) == (",", ".")
    assert order_format.status is not None
    assert order_format.status.sale == ("paid", "shipped")
    assert order_format.max_reject_ratio == Decimal("0.01")
    assert order_format.deletions == "keep"


def test_what_is_left_out_has_its_default() -> None:
    order_format = parse_order_format(SMALLEST, "tiny.yaml")
    assert (order_format.prefix, order_format.currency, order_format.timezone) == ("", "USD", "UTC")
    assert order_format.csv.header is True
    assert order_format.max_reject_ratio == Decimal("0.05")
    assert order_format.columns.ordered_at is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("columns: [", "bad.yaml, line 1: not YAML"),
        ("just a text", "bad.yaml: expected keys with values"),
        ("prefix: a/", "bad.yaml: columns: it is missing"),
        ("columns: {merchant_id: shop}", "bad.yaml: columns.amount: it is missing"),
        ("columns: {merchant_id: shop, amount: 5}", "bad.yaml: columns.amount: expected a text"),
        ("columns: {merchant_id: ' ', amount: a}", "bad.yaml: columns.merchant_id: expected a text"),
        (SMALLEST + "colums: {}", "bad.yaml: colums: an unknown key; expected one of prefix, columns"),
        (SMALLEST + "csv: {delimeter: ','}", "bad.yaml: csv.delimeter: an unknown key"),
        (SMALLEST + "prefix: a\nprefix: b", "the key 'prefix' stands twice"),
        (SMALLEST + "prefix: [a]", "bad.yaml: prefix: expected the beginning of keys"),
        (SMALLEST + "file: xml", "bad.yaml: file: expected one of 'auto', 'csv'"),
        (SMALLEST + "lane: fast", "bad.yaml: lane: expected one of 'auto', 'batch', found 'fast'"),
        (SMALLEST + "csv: {delimiter: ab}", "bad.yaml: csv.delimiter: expected auto, or one character"),
        (SMALLEST + "csv: {header: maybe}", "bad.yaml: csv.header: expected true, false, or a list"),
        (SMALLEST + "csv: {encoding: klingon}", "bad.yaml: csv.encoding: expected auto, or a text encoding"),
        (SMALLEST + "currency: DOLLAR", "bad.yaml: currency: expected three letters"),
        (SMALLEST + "dates: '%d/%m'", "bad.yaml: dates: expected auto"),
        (SMALLEST + "timezone: Mars/Olympus", "bad.yaml: timezone: expected a time zone"),
        (SMALLEST + "numbers: {decimal: ';'}", "bad.yaml: numbers.decimal: expected one of"),
        (SMALLEST + "numbers: {decimal: ',', thousands: ','}", "they have to differ"),
        (SMALLEST + "max_reject_ratio: 5", "bad.yaml: max_reject_ratio: expected a share from 0 to 1"),
        (SMALLEST + "deletions: maybe", "bad.yaml: deletions: expected one of 'retract', 'keep'"),
        (SMALLEST + "status: {sale: [paid]}", "columns.status and status belong together"),
        ("columns: {merchant_id: a, amount: b, status: s}", "columns.status and status belong together"),
        (
            "columns: {merchant_id: a, amount: b, status: s}\nstatus: {sale: [x], refund: [x]}",
            "'x' stands under sale and refund",
        ),
        (
            "columns: {merchant_id: a, amount: b, status: s}\nstatus: {}",
            "bad.yaml: status: it names no status; expected a list under sale, refund or ignore",
        ),
        (
            "columns: {merchant_id: a, amount: b, status: s}\nstatus: {sale: []}",
            "bad.yaml: status: it names no",
        ),
        (
            "columns: {merchant_id: a, amount: b, status: s}\nstatus: {sale: [yes]}",
            "status.sale: expected a text (in quotes",
        ),
    ],
)
def test_a_wrong_format_is_told_file_key_and_what_was_expected(text: str, told: str) -> None:
    with pytest.raises(OrderFormatError) as error:
        parse_order_format(text, "bad.yaml")
    assert told in str(error.value)


def test_two_formats_of_one_prefix_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SMALLEST)
    (tmp_path / "b.yaml").write_text(SMALLEST)
    with pytest.raises(OrderFormatError, match=r"b\.yaml: prefix: '' is a\.yaml's prefix too"):
        load_order_formats(tmp_path)


def test_the_longest_prefix_that_starts_the_key_decides() -> None:
    formats = [
        parse_order_format(f"prefix: '{prefix}'\n{SMALLEST}", f"{name}.yaml")
        for name, prefix in [("default", ""), ("shop", "shop/"), ("returns", "shop/returns/")]
    ]

    def chosen(key: str) -> str | None:
        order_format = choose_order_format(formats, key)
        return order_format.name if order_format else None

    assert chosen("shop/returns/a.csv") == "returns"
    assert chosen("shop/a.csv") == "shop"
    assert chosen("other.csv") == "default"
    assert choose_order_format(formats[1:], "other.csv") is None
