"""Whole order files: what ends a run with a sentence, what is read whatever its form."""

from __future__ import annotations

import gzip
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lambdas.domain.errors import OrderFileError
from tests.unit.order_files import order_format, process

PACKED = gzip.compress(b"shop,amount\na,1\n" * 50)
TEXT_NUMBERS = "columns: {merchant_id: shop, amount: %s}"


@pytest.mark.parametrize(
    ("key", "content", "words"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv.gz", b"", "empty"),
        ("a.csv", b"\n\n", "no heading"),
        ("a.csv", b"store,amount\n", "'shop'"),
        ("a.csv", b"shop,amount,shop\n", "2 times"),
        ("a.csv.gz", b"shop,amount\na,1\n", "not gzip"),
        ("a.csv.gz", PACKED[:-12], "cut off"),
        ("a.csv.gz", PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], "damaged"),
        ("a.csv.gz", PACKED[:20] + b"\xff" + PACKED[21:], "damaged"),
    ],
)
def test_a_damaged_file_fails_with_a_sentence(key: str, content: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(OrderFileError, match=words) as failure:
        process(content, scratch=tmp_path, key=key)
    assert key in str(failure.value)


@pytest.mark.parametrize(
    "content",
    [
        b"shop,amount\na,1\nb,2\n",
        b"shop,amount\r\na,1\r\nb,2\r\n",
        b"shop,amount\ra,1\rb,2",
        b"shop,amount\r\na,1\nb,2\r\n",
        b"\xef\xbb\xbfshop,amount\na,1\nb,2",
        b"shop;amount\na;1\nb;2\n",
        b"shop\tamount\na\t1\nb\t2\n",
        b'amount|x|"shop"|x||\n1||a|||\n2||"b"|||""\n',
        b'\n\nshop,amount\n"a",1\n b ," 2 "\n',
    ],
)
def test_a_file_is_read_whatever_its_form(content: bytes, tmp_path: Path) -> None:
    outcome = process(content, scratch=tmp_path)
    assert outcome.net_sales == {"a": Decimal(1), "b": Decimal(2)}
    assert outcome.rejects == []


def test_gzip_may_have_several_members(tmp_path: Path) -> None:
    packed = gzip.compress(b"shop,amount\na,1\n") + gzip.compress(b"b,2\n") + b"\0" * 100
    outcome = process(packed, scratch=tmp_path, key="a.CSV.GZ")
    assert outcome.net_sales == {"a": Decimal(1), "b": Decimal(2)}


def test_a_heading_without_lines_is_fine(tmp_path: Path) -> None:
    outcome = process(b"shop,amount", scratch=tmp_path)
    assert (outcome.index.lines_read, set(outcome.index.frames)) == (0, {None})
    assert outcome.sales == {}


def test_invalid_bytes_of_other_encodings_are_rejected_in_their_line(tmp_path: Path) -> None:
    chosen = order_format("columns: {merchant_id: shop, amount: amount}\ncsv: {encoding: windows-1252}")
    outcome = process(b"shop,amount\ncaf\xe9,1\n\x81,2\n", chosen, scratch=tmp_path)
    assert outcome.net_sales == {"caf\u00e9": Decimal(1)}
    assert outcome.reasons == ["The line has bytes that are not valid text in the encoding of the file"]


def test_a_file_without_a_heading_takes_the_names_of_its_format(tmp_path: Path) -> None:
    chosen = order_format("columns: {merchant_id: shop, amount: amount}\ncsv: {header: [amount, shop]}")
    assert process(b"1,a\n2,b\n", chosen, scratch=tmp_path).net_sales == {"a": Decimal(1), "b": Decimal(2)}


@pytest.mark.parametrize(
    ("amount", "row", "expected"),
    [
        ('"price * (1 - discount)"', "a,21168.23,0.04,", Decimal("20321.5008")),
        ('"price * (1 - discount)"', "a,1.234567,0,", None),
        ('"price * (1 - discount)"', "a,12.345,0.0001,", None),
        ('"price * (1 - discount)"', "a,12.5,0.001,", Decimal("12.4875")),
        ('"price * (1 - discount)"', "a,NaN,0.1,", None),
        ('"price * (1 - discount)"', f"a,{'9' * 19},{'9' * 19},", None),
        ('"price - coalesce(discount, 0)"', "a,5,,", Decimal(5)),
        ("\"case when kind = 'refund' then -price else price end\"", "a,5,,refund", Decimal(-5)),
        ("\"replace(kind, '$', '')\"", "a,,,$7.50", Decimal("7.5")),
        ('"\\"price\\" * 2"', "a,0.00005,,", Decimal("0.0001")),
        ('"CAST(price AS INTEGER)"', "a,10.5555,,", None),
        ('"CAST(price AS INTEGER)"', "a,10.0,,", Decimal(10)),
        ('"CAST(price AS DECIMAL(18,2)) * 2"', "a,1.239,,", None),
        ('"CAST(price AS DECIMAL(18,2)) * 2"', "a,-1.23,,", Decimal("-2.46")),
        ('"CAST(price AS DECIMAL) * 2"', "a,1.1239,,", None),
        ('"coalesce(CAST(price AS INTEGER), 7)"', "a,10.5,,", None),
        ('"coalesce(CAST(price AS INTEGER), 7)"', "a,99999999999,,", None),
        ('"coalesce(CAST(price AS INTEGER), 7)"', "a,,,", Decimal(7)),
        ("\"CAST(replace(kind, '$', '') AS DECIMAL(18,2)) * 1\"", "a,,,$7.555", None),
        ("\"CAST(replace(kind, '$', '') AS DECIMAL(18,2)) * 1\"", "a,,,$7.550", Decimal("7.55")),
        ('"coalesce(CAST(left(kind, 9) AS INTEGER), 3)"', "a,,,free", Decimal(3)),
        ('"round(price, 2)"', "a,10.5555,,", Decimal("10.56")),
        ('"floor(price * 3)"', "a,9007199254740.4,,", Decimal("27021597764221")),
    ],
)
def test_an_amount_is_computed_exactly_or_rejected(
    amount: str, row: str, expected: Decimal | None, tmp_path: Path
) -> None:
    chosen = order_format(TEXT_NUMBERS % amount)
    outcome = process(f"shop,price,discount,kind\n{row}\n".encode(), chosen, scratch=tmp_path)
    assert outcome.net_sales == ({} if expected is None else {"a": expected})
    assert outcome.index.rejected == (expected is None)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("price / 100", "multiply by 0.01"),
        ("CAST(price / 3 AS DECIMAL(18,4))", "multiply by 0.01"),
        ("case when price > 1e2 then price else 0 end", "multiply by 0.01"),
        ("CAST('1.5' + price AS DECIMAL(18,4)) // 2", "multiply by 0.01"),
        ("price * 1e-2", "multiply by 0.01"),
        ("prices * 2", "'prices'"),
        ("price price", "neither a column"),
        ("(select 1)", "not allowed"),
        ("sum(price)", "sum is not allowed"),
        ("random()", "random is not allowed"),
        ("getenv('HOME')", "getenv is not allowed"),
        ("price FROM range(3)", "more than one expression"),
        ("price; DROP TABLE lines", "neither a column"),
        ("price = 1", "not a number"),
    ],
)
def test_an_unfit_expression_is_an_error_that_says_why(amount: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(OrderFileError, match=words):
        process(b"shop,price\na,1\n", order_format(TEXT_NUMBERS % f'"{amount}"'), scratch=tmp_path)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ('merchant_id: "shop % 100", amount: price', "CAST"),
        ('merchant_id: shop, amount: price, order_id: "o + 1"', "CAST"),
        ('merchant_id: shop, amount: price, ordered_at: "o - 1"', "CAST"),
        ('merchant_id: "abs(shop)", amount: price', "CAST"),
        ("merchant_id: shop, amount: \"concat(price + 1, '')\"", "CAST"),
    ],
)
def test_arithmetic_on_texts_is_an_error_that_says_why(columns: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(OrderFileError, match=words) as failure:
        process(b"shop,price,o\n7,1,2\n", order_format(f"columns: {{{columns}}}"), scratch=tmp_path)
    assert "can't be computed" in str(failure.value)


def test_a_text_may_be_computed_from_a_cast_column(tmp_path: Path) -> None:
    chosen = order_format('columns: {merchant_id: "CAST(shop AS BIGINT) % 100", amount: price}')
    outcome = process(b"shop,price\n1707,1\n7.5,2\n", chosen, scratch=tmp_path)
    assert outcome.net_sales == {"7": Decimal(1)}
    assert outcome.reasons == ["The merchant is blank"]


NOTATIONS = {".": "{thousands: ','}", ",": "{decimal: ',', thousands: '.'}"}
WRITTEN = st.from_regex(r"-?[0-9]{1,4}([.,][0-9]{1,4}){0,2}", fullmatch=True)


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(WRITTEN, min_size=1, max_size=8), decimal=st.sampled_from([".", ","]))
@example(texts=["1.234", "1.5", "1,5", "1,234"], decimal=",")
@example(texts=["1.234", "1.5", "1,5", "1,234"], decimal=".")
def test_a_computed_number_is_read_as_a_plain_column_is(texts: list[str], decimal: str) -> None:
    content = "".join(["shop;price\n", *(f"{at};{text}\n" for at, text in enumerate(texts))]).encode()
    net_sales = []
    for amount in ("price", "price * 1", "-price * -1"):
        chosen = order_format(
            f"columns: {{merchant_id: shop, amount: {amount}}}\nnumbers: {NOTATIONS[decimal]}\n"
            "csv: {delimiter: ;}"
        )
        with tempfile.TemporaryDirectory() as folder:
            net_sales.append(process(content, chosen, scratch=Path(folder), partitions=1).net_sales)
    assert net_sales[0] == net_sales[1] == net_sales[2]


@pytest.mark.parametrize(
    ("written", "amount"), [("1.234", Decimal(1234)), ("1,5", Decimal("1.5")), ("1.5", None)]
)
def test_a_computed_number_may_have_a_decimal_comma(
    written: str, amount: Decimal | None, tmp_path: Path
) -> None:
    chosen = order_format(
        "columns: {merchant_id: shop, amount: price * 1}\nnumbers: {decimal: ',', thousands: '.'}\n"
        "csv: {delimiter: ;}"
    )
    outcome = process(f"shop;price\na;{written}\n".encode(), chosen, scratch=tmp_path)
    assert outcome.net_sales == ({} if amount is None else {"a": amount})


@pytest.mark.parametrize("key", ["bomb.csv", "bomb.csv.gz"])
def test_a_text_larger_than_its_limit_fails_while_it_is_read(key: str, tmp_path: Path) -> None:
    content = b"shop,amount\n" + b"a,1\n" * 5_000_000
    orders = gzip.compress(content, 1) if key.endswith("gz") else content
    with pytest.raises(OrderFileError, match=r"at least [0-9,]+ bytes .* 5,000,000 .* divide it") as failure:
        process(orders, scratch=tmp_path, key=key, text_limit_bytes=5_000_000)
    assert key in str(failure.value)
    assert not any(path.stat().st_size > 5_000_000 for path in tmp_path.rglob("*"))


def test_a_missing_column_is_told_with_the_format_that_wants_it_and_a_bounded_heading(tmp_path: Path) -> None:
    heading = ",".join(f"{'long' * 100}{n}" for n in range(500))
    with pytest.raises(OrderFileError) as failure:
        process(f"store,{heading}\n".encode(), order_format(), scratch=tmp_path)
    told = str(failure.value)
    assert told.startswith(
        "orders.csv: the order format test takes columns.merchant_id from 'shop', which is not a column of "
        "this file. The file has: 'store', 'longlong"
    )
    assert "…' and 486 more. Correct the file or test.yaml, or upload it" in told
    assert len(told) < 2000
