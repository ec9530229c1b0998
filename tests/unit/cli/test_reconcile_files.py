"""The plain pass on files of every compression, encoding and name, and on CSV without a heading."""

import codecs
import gzip
from collections.abc import Callable

import pyarrow as pa
import pytest
import zstandard

from cli.reconcile.decompression import PIECE_BYTES
from cli.reconcile.errors import UncountableFileError
from cli.reconcile.text import AUTO_BYTES
from tests.unit.cli.plain_count import SHOP_AND_AMOUNT, Found, counted, file_of, found

TEXT = b"shop,amount\na,1\nb,2\n"
BOTH: Found = ({"a": "1", "b": "2"}, 0)


def zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(content)


def zstd_of_unknown_size(content: bytes) -> bytes:
    compressor = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    return compressor.compress(content) + compressor.flush()


SKIPPED_FRAME = b"\x5a\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"hello"


@pytest.mark.parametrize("key", ["orders.csv", "orders.csv.gz", "orders.CSV.ZST", "orders", "orders.zst"])
@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(TEXT),
        gzip.compress(TEXT[:14]) + gzip.compress(b"") + gzip.compress(TEXT[14:]) + b"\0\0\0",
        zstd(TEXT),
        zstd_of_unknown_size(TEXT[:14]) + SKIPPED_FRAME + zstd(b"") + zstd(TEXT[14:]),
        SKIPPED_FRAME + zstd(TEXT),
    ],
)
def test_a_compressed_file_is_told_by_its_first_bytes_whatever_its_name(content: bytes, key: str) -> None:
    assert found(content, key=key) == BOTH


@pytest.mark.parametrize("compress", [gzip.compress, zstd])
def test_members_are_found_across_the_pieces_that_are_read(compress: Callable[[bytes], bytes]) -> None:
    rows = [f"a,{n}.25\n".encode() for n in range(20_000)]
    parts = [b"shop,amount\n", b"".join(rows[:9999]), b"".join(rows[9999:])]
    content = b"".join(map(compress, parts))
    assert len(content) > 3 * PIECE_BYTES
    assert found(content) == ({"a": "199995000.00"}, 0)


@pytest.mark.parametrize(
    ("content", "key", "why"),
    [
        (b"", "orders.csv", "it is empty"),
        (b"", "orders.csv.gz", "it is empty"),
        (TEXT, "orders.csv.gz", "its name ends in .gz, but it is not compressed"),
        (TEXT, "orders.csv.zst", "its name ends in .zst, but it is not compressed"),
        (gzip.compress(TEXT)[:-1], "orders.csv", "its gzip data is damaged"),
        (gzip.compress(TEXT)[:12], "orders.csv", "its gzip data is damaged"),
        (gzip.compress(TEXT) + b"garbage", "orders.csv", "its gzip data is damaged"),
        (gzip.compress(TEXT)[:-8] + bytes(8), "orders.csv", "its gzip data is damaged"),
        (zstd(TEXT)[:-1], "orders.csv", "its zstd data is damaged"),
        (zstd(TEXT) + zstd(TEXT)[:9], "orders.csv", "its zstd data is damaged"),
        (zstd(TEXT) + b"garbage", "orders.csv", "its zstd data is damaged"),
        (zstd(TEXT) + bytes(4), "orders.csv", "its zstd data is damaged"),
        (zstd_of_unknown_size(TEXT)[:-1] + b"\xff", "orders.csv", "its zstd data is damaged"),
    ],
)
def test_a_damaged_file_can_not_be_counted(content: bytes, key: str, why: str) -> None:
    with pytest.raises(UncountableFileError, match=why):
        found(content, key=key)


UTF_16 = "shop,amount\n\u00e9,1\n"
DEFAULT, AUTO, LATIN = "utf-8", "auto", "windows-1252"


@pytest.mark.parametrize(
    ("encoding", "content", "expected"),
    [
        (DEFAULT, codecs.BOM_UTF8 + UTF_16.encode(), ({"\u00e9": "1"}, 0)),
        (DEFAULT, UTF_16.encode("utf-16"), ({"\u00e9": "1"}, 0)),
        (DEFAULT, codecs.BOM_UTF16_BE + UTF_16.encode("utf-16-be"), ({"\u00e9": "1"}, 0)),
        (LATIN, codecs.BOM_UTF8 + UTF_16.encode(), ({"\u00e9": "1"}, 0)),
        (LATIN, codecs.BOM_UTF16_LE + UTF_16.encode("utf-16-le"), ({"\u00e9": "1"}, 0)),
        (AUTO, codecs.BOM_UTF16_BE + UTF_16.encode("utf-16-be"), ({"\u00e9": "1"}, 0)),
        ("utf-16-le", UTF_16.encode("utf-16-le"), ({"\u00e9": "1"}, 0)),
        ("utf-16-le", codecs.BOM_UTF16_BE + UTF_16.encode("utf-16-be"), ({"\u00e9": "1"}, 0)),
        ("utf-32", UTF_16.encode("utf-32"), ({"\u00e9": "1"}, 0)),
        (AUTO, UTF_16.encode(), ({"\u00e9": "1"}, 0)),
        (AUTO, UTF_16.encode("windows-1252"), ({"\u00e9": "1"}, 0)),
        (AUTO, b"shop,amount\n\x80,1\n\x81,2\n", ({"\u20ac": "1"}, 1)),
        (AUTO, b"shop,amount\n\xc3", ({}, 1)),
        (DEFAULT, b"shop,amount\n\xe9,1\nb,2\n", ({"b": "2"}, 1)),
        ("utf-16-le", b"".join(UTF_16.encode("utf-16-le").partition(b"1")[:2]) + b"\0\x00\xd8\n\0b\0,\0002\0",
         ({"b": "2"}, 1)),
        (DEFAULT, UTF_16.encode("utf-16") + b"x", ({"\u00e9": "1"}, 1)),
    ],
)  # fmt: skip
def test_the_encoding_is_that_of_the_mark_then_that_of_the_format(
    encoding: str, content: bytes, expected: Found
) -> None:
    assert found(content, f"{SHOP_AND_AMOUNT}\ncsv: {{encoding: {encoding}}}") == expected


@pytest.mark.parametrize(
    ("begin_bytes", "line", "expected"),
    [
        (AUTO_BYTES - 2, b"\xe9,2\n", ({"a": "1", "\u00e9": "2"}, 0)),
        (AUTO_BYTES, b"\xe9,2\n", ({"a": "1"}, 1)),
        (AUTO_BYTES - 1, "\u00e9,2\n".encode(), ({"a": "1", "\u00e9": "2"}, 0)),
    ],
)
def test_auto_takes_utf_8_if_the_first_megabyte_is_utf_8(
    begin_bytes: int, line: bytes, expected: Found
) -> None:
    begin = b"shop,amount\na,1".ljust(begin_bytes, b"\n")
    assert found(begin + line, f"{SHOP_AND_AMOUNT}\ncsv: {{encoding: auto}}") == expected


LINES = b'{"shop": "a", "amount": 1}\n{"shop": "b", "amount": 2}\n'
ARRAY = b'[{"shop": "a", "amount": 1}, {"shop": "b", "amount": 2}]'
PARQUET = file_of({"shop": pa.array(["a", "b"]), "amount": pa.array([1, 2])})


@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("o.csv", TEXT), ("o.tsv", TEXT.replace(b",", b"\t")), ("o.txt", TEXT), ("o.tbl", TEXT), ("o", TEXT),
        ("o.xlsx", TEXT), ("parquet", TEXT), ("o.jsonl/o", TEXT),
        ("o.jsonl", LINES), ("o.NDJSON", LINES), ("o.json", LINES), ("o.jsonl.gz", gzip.compress(LINES)),
        ("o.json.zst", zstd(LINES)), ("o.json", b"\n \t" + LINES),
        ("o.json", ARRAY), ("o.JSON.gz", gzip.compress(ARRAY)), ("o.json", b"\xef\xbb\xbf\r\n " + ARRAY),
        ("o.json", ARRAY.decode().encode("utf-16")), ("o.jsonl", LINES.decode().encode("utf-16")),
        ("o.parquet", PARQUET), ("o.csv", PARQUET), ("o", gzip.compress(PARQUET)), ("o.json", PARQUET),
        ("o.parquet.zst", zstd(PARQUET)),
    ],
)  # fmt: skip
def test_the_kind_of_a_file_is_told_by_its_name_and_first_bytes(key: str, content: bytes) -> None:
    assert found(content, key=key) == BOTH


@pytest.mark.parametrize(
    ("kind", "content"), [("csv", TEXT), ("jsonl", LINES), ("json", ARRAY), ("parquet", PARQUET)]
)
@pytest.mark.parametrize("key", ["o.csv", "o.jsonl", "o.json", "o.parquet"])
def test_the_format_may_say_of_what_kind_its_files_are(kind: str, content: bytes, key: str) -> None:
    assert found(content, f"{SHOP_AND_AMOUNT}\nfile: {kind}", key=key) == BOTH


@pytest.mark.parametrize(
    ("key", "content"),
    [("o.parquet", TEXT), ("o.csv", PARQUET[:-5]), ("o.csv", ARRAY), ("o.json", b"[1"), ("o.json.gz", ARRAY)],
)
def test_a_file_of_another_kind_than_its_name_says_can_not_be_counted(key: str, content: bytes) -> None:
    with pytest.raises(UncountableFileError):
        found(content, key=key)


NAMED = "columns: {merchant_id: shop, amount: amount}\ncsv: {header: [shop, amount]}"
NUMBERED = "columns: {merchant_id: column1, amount: column2}\ncsv: {header: false}"


@pytest.mark.parametrize("format_text", [NAMED, NUMBERED])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a|1\nb|2\n", BOTH),
        (b"a|1|\nb|2|\n", BOTH),
        (b'a|1|""\nb|2| \n', BOTH),
        (b"a|1|\nb|2\nc|3|x\nd|4||\ne|5|", ({"a": "1", "e": "5"}, 3)),
        (b"a|1\nb|2|\n", ({"a": "1"}, 1)),
    ],
)
def test_a_blank_last_column_of_the_first_line_ends_every_line(
    format_text: str, content: bytes, expected: Found
) -> None:
    assert found(content, format_text, key="orders.tbl") == expected


def test_only_one_column_more_than_the_names_may_be_blank() -> None:
    assert found(b"a|1||\nb|2||\n", NAMED) == ({}, 2)
    assert found(b"a|\nb|\n", "columns: {merchant_id: column1, amount: '1'}\ncsv: {header: false}") == (
        {"a": "1", "b": "1"},
        0,
    )


def test_a_heading_with_a_blank_last_name_is_a_heading_of_one_column_more() -> None:
    assert found(b"shop|amount|\na|1|\nb|2\nc|3|x\n") == ({"a": "1", "c": "3"}, 1)


def test_duplicates_are_found_whatever_the_compression() -> None:
    text = b"shop,amount,order,line\na,1,o,l\na,2,o,l\na,4,o,m\n"
    ids = "columns: {merchant_id: shop, amount: amount, order_id: order, line_id: line}"
    result = counted(zstd(text), ids)
    assert (result.lines, result.duplicates) == (3, 1)
    assert result.sales["a", "USD"].total.attributes()["net_sales"] == 6
