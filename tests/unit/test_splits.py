"""A file that is cut says the same as the whole one, wherever the cuts are."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lambdas.domain.errors import OrderFileError
from lambdas.domain.order_format import OrderFormat
from tests.unit.order_files import order_format, process
from tests.unit.split_files import in_splits

FORMAT = order_format("""
columns: {merchant_id: shop, amount: amount, order_id: order, line_id: line}
max_reject_ratio: 1
""")
HEADING = "shop,amount,order,line,note\n"
PLAIN = ["", "a", "b", "1", "2.50", "x", "\u00e9", " ", '5" pipe']
QUOTED = ['"a"', '"a\nb"', '"1"', '"a""b"', '"a,b"', '"\n"', '"\n\n"', ' "a" ', '"broken" x', '"open']
FIELDS = st.sampled_from(PLAIN + QUOTED)
LINES = st.lists(st.lists(FIELDS, min_size=1, max_size=6).map(",".join), max_size=8)


def assert_the_same(content: bytes, chosen: OrderFormat, *, key: str, split_bytes: int) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as many:
        whole = process(content, chosen, scratch=Path(one), key=key)
        cut = in_splits(content, chosen, scratch=Path(many), key=key, split_bytes=split_bytes)
        assert cut.rejects == whole.rejects
        assert cut.partitions == whole.partitions
        assert cut.index.lines_read == whole.index.lines_read
        assert cut.index.reject_reasons == whole.index.reject_reasons


@given(
    lines=LINES, line_end=st.sampled_from(["\n", "\r\n", "\r"]), last=st.booleans(), size=st.integers(6, 80)
)
@example(lines=['"a\nb",1', '"c\n\n",2', "d,3,4"], line_end="\n", last=True, size=7)
@example(lines=["a,1,2,3,n", '"open,1', "b,1,2,3,n"], line_end="\n", last=True, size=30)
@example(lines=['a,1,2,3,"n', '",2', 'b,"2",2,3,n'], line_end="\r\n", last=False, size=9)
@example(lines=['"broken" x', '"open'], line_end="\n", last=False, size=1)
@settings(max_examples=25, deadline=None)
def test_a_csv_file_says_the_same_wherever_it_is_cut(
    lines: list[str], line_end: str, last: bool, size: int
) -> None:
    text = HEADING + "\n".join(lines) + ("\n" if last else "")
    content = text.replace("\n", line_end).encode()
    assert_the_same(content, FORMAT, key="a.csv", split_bytes=size)


@pytest.mark.parametrize("size", [1, 2, 5, 13, 40, 1000])
@pytest.mark.parametrize(
    ("heading", "chosen"),
    [
        ("\ufeffshop,amount,order,line,note\n", FORMAT),
        ('shop,amount,"order",line,"a\nlong\nnote"\n', FORMAT),
        (
            "",
            order_format(
                "columns: {merchant_id: s, amount: a}\ncsv: {header: [s, a, o, l, n]}\nmax_reject_ratio: 1"
            ),
        ),
        ("\n\nshop,amount,order,line,note\n\n", FORMAT),
    ],
    ids=["mark", "quoted heading", "no heading", "blank lines"],
)
def test_headings_of_all_kinds_are_read_by_every_split(heading: str, chosen: OrderFormat, size: int) -> None:
    lines = 'a,1,2,3,n\n\nb,x,2,3,"n\n\nn"\nc,1,2,3,n\nd,1\ne,7,2,3,"n\n'
    assert_the_same((heading + lines).encode(), chosen, key="a.csv", split_bytes=size)


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "utf-16"])
@pytest.mark.parametrize("size", [3, 50])
def test_other_encodings_say_the_same_too(encoding: str, size: int) -> None:
    chosen = order_format(
        f"columns: {{merchant_id: shop, amount: amount}}\ncsv: {{encoding: {encoding}}}\nmax_reject_ratio: 1"
    )
    content = "shop,amount\ncaf\u00e9,1\n\u00fc,2\nx,y\n".encode(encoding) + (
        b"\x81,1\n" if encoding == "cp1252" else b""
    )
    assert_the_same(content, chosen, key="a.csv", split_bytes=size)


@pytest.mark.parametrize("size", [1, 17, 64, 500])
@pytest.mark.parametrize("key", ["a.jsonl", "a.json"])
def test_json_lines_say_the_same_wherever_they_are_cut(size: int, key: str) -> None:
    content = (
        b'{"shop":"a","amount":1.5}\n\n{"shop":"b","amount":"x","order":1}\nno\n'
        b'{"order":2,"line":3,"shop":"c\\n","amount":2}'
    )
    assert_the_same(content, FORMAT, key=key, split_bytes=size)


def test_a_key_that_no_split_has_fails_the_file(tmp_path: Path) -> None:
    chosen = order_format("columns: {merchant_id: shop, amount: amount, order_id: order}")
    content = b'{"shop":"a","amount":1.5}\n' * 5
    with pytest.raises(OrderFileError, match="'order'"):
        in_splits(content, chosen, scratch=tmp_path, key="a.jsonl", split_bytes=40)


@pytest.mark.parametrize("size", [100, 3_000, 20_000, 1_000_000])
def test_row_groups_of_parquet_say_the_same_wherever_they_are_cut(size: int, tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    duckdb.connect().execute(
        "COPY (SELECT 'shop' || i % 7 AS shop, CASE WHEN i % 1000 = 7 THEN 0.00001 ELSE i / 4 END AS amount, "
        f"i // 3 AS \"order\", i % 3 AS line FROM range(9000) t(i)) TO '{path}' (ROW_GROUP_SIZE 2048)"
    )
    assert_the_same(path.read_bytes(), FORMAT, key="a.parquet", split_bytes=size)


def test_what_cannot_be_cut_is_read_whole_by_the_first_split() -> None:
    text = (HEADING + "a,1,2,3,n\nb,x,1,1,n\n").encode()
    assert_the_same(gzip.compress(text), FORMAT, key="looks-like-text.csv", split_bytes=20)
    array = b'[{"shop":"a","amount":1,"order":1,"line":1},{"shop":"b"}]'
    assert_the_same(array, FORMAT, key="a.json", split_bytes=10)


def test_a_line_far_beyond_its_split_is_rejected_as_in_the_whole_file() -> None:
    long = '"' + "x" * 2_500_000 + "\n" * 5 + '"'
    text = f"{HEADING}a,1,2,3,n\n{long},1,2,3,n\nb,1,2,3,n\nc,x,2,3,n\n".encode()
    assert_the_same(text, FORMAT, key="a.csv", split_bytes=400_000)
