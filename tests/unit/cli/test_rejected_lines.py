"""`rejects --csv`: the rejected lines whole, as a file that the same format reads once it is corrected."""

import codecs
import gzip
import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import zstandard
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cli.errors import CommandError
from cli.format_tools.trial import Workbench, workbench
from cli.rejected_lines.original_text import OriginalText
from cli.rejected_lines.write import Written, write_rejected_lines
from lambdas.domain.decompression import decompressor_of
from lambdas.domain.delivered_file import DeliveredFile
from lambdas.domain.delivered_text import whole_text
from lambdas.domain.errors import OrderFileError
from tests.unit.order_files import Processed, order_format, process
from tests.unit.split_files import in_splits

COLUMNS = "columns: {merchant_id: shop, amount: amount}\nmax_reject_ratio: 1\n"


@pytest.fixture
def bench() -> Iterator[Workbench]:
    with workbench() as made:
        yield made


class Corrections:
    """One file through the parser, and its rejects written to another."""

    def __init__(self, folder: Path, bench: Workbench, key: str, text: str = "") -> None:
        self.folder, self.bench, self.key = folder, bench, key
        self.order_format = order_format(COLUMNS + text)

    def process(self, content: bytes, key: str = "") -> Processed:
        """Read a file by the format."""
        scratch = self.folder / f"scratch-{len(list(self.folder.iterdir()))}"
        scratch.mkdir()
        return process(content, self.order_format, scratch=scratch, key=key or self.key)

    def write(self, content: bytes, name: str = "corrected.csv") -> tuple[Written, bytes]:
        """Read a file, and write its rejects."""
        rejects = self.process(content).rejects
        to = self.folder / name
        written = write_rejected_lines(
            io.BytesIO(content),
            rejects,
            key=self.key,
            order_format=self.order_format,
            to=to,
            bench=self.bench,
        )
        return written, to.read_bytes()


LONG = "x" * 5000
BROKEN = f'c,"{LONG},{LONG}\n'
CSV = f'shop,"amount",note\na,1,\n\n,2,"two\nlines"\nb,1.23456,{LONG}\n{BROKEN}b,5,",",6\nb,"",é\n'


def test_lines_are_written_whole_with_their_heading(tmp_path: Path, bench: Workbench) -> None:
    one = Corrections(tmp_path, bench, "shop/orders.csv")
    content = CSV.replace(BROKEN, "").encode()
    written, found = one.write(content)
    assert found.decode() == content.decode().replace("a,1,\n\n", "")
    assert written == Written(lines=4, prefix="shop/")
    corrected = (
        found.replace(b"\n,2", b"\nb,2")
        .replace(b"1.23456", b"1")
        .replace(b",6", b"")
        .replace(b'b,""', b"b,3")
    )
    assert one.process(corrected).net_sales == {"b": Decimal(11)}


def test_a_quote_that_does_not_close_takes_the_rest_of_the_file(tmp_path: Path, bench: Workbench) -> None:
    one = Corrections(tmp_path, bench, "orders.csv")
    written, found = one.write(CSV.encode())
    assert written.lines == one.process(CSV.encode()).index.rejected
    assert found.decode().startswith('shop,"amount",note\n,2,"two\nlines"\n')
    assert BROKEN.encode() in found


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("windows-1252", b""),
        ("latin-1", b""),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-be", b""),
    ],
)
def test_the_encoding_and_the_delimiter_stay(
    encoding: str, mark: bytes, tmp_path: Path, bench: Workbench
) -> None:
    one = Corrections(tmp_path, bench, "orders.csv", f"csv: {{encoding: {encoding}}}")
    text = "shop;amount;näme\r\nCafé;1;\r\n;2;ü\r\nCafé;x;ß\r\n"
    written, found = one.write(mark + text.encode(encoding))
    assert written.lines == 2
    assert found == mark + "shop;amount;näme\n;2;ü\nCafé;x;ß\n".encode(encoding)
    corrected = mark + found.removeprefix(mark).decode(encoding).replace("x", "4").encode(encoding)
    assert one.process(corrected).net_sales == {"Café": Decimal(4)}


def test_bytes_that_are_no_text_stay_as_they_are(tmp_path: Path, bench: Workbench) -> None:
    for text, content in (
        ("", b"shop,amount\na\xff\xc3,1\nb,1\n\xe9,x\n"),
        ("csv: {encoding: windows-1252}", b"shop,amount\n\x81\x8d\xe9,1\nb,1\n\xe9\x90,x\x81\n"),
    ):
        written, found = Corrections(tmp_path, bench, "orders.csv", text).write(content)
        assert (written.lines, found) == (2, content.replace(b"b,1\n", b""))


def test_halves_of_letters_stay_as_they_are(tmp_path: Path, bench: Workbench) -> None:
    def line(text: str, half_letter: bytes = b"") -> bytes:
        return text.encode("utf-16-le") + half_letter + "\n".encode("utf-16-le")

    heading, good = codecs.BOM_UTF16_LE + line("shop,amount"), line("b,1")
    wrong = line("a,", b"\x00\xd8") + line("é,x")
    written, found = Corrections(tmp_path, bench, "orders.csv").write(heading + good + wrong)
    assert (written.lines, found) == (2, heading + wrong)


def test_a_file_without_a_heading_gets_none(tmp_path: Path, bench: Workbench) -> None:
    one = Corrections(tmp_path, bench, "orders.tbl", "csv: {header: [shop, amount]}")
    written, found = one.write(b"a|1|\nb|x|\nb|2\n|3|\n")
    assert (written.lines, found) == (3, b"b|x|\nb|2\n|3|\n")


@pytest.mark.parametrize(("pack", "ending"), [(gzip.compress, ".gz"), (zstandard.compress, ".zst")])
def test_compressed_files_are_written_uncompressed(
    pack: type[bytes], ending: str, tmp_path: Path, bench: Workbench
) -> None:
    one = Corrections(tmp_path, bench, f"orders.csv{ending}")
    written, found = one.write(pack(b"shop,amount\na,1\nb,x\n"))
    assert (written.lines, found) == (1, b"shop,amount\nb,x\n")
    with pytest.raises(CommandError, match=r"without \.gz or \.zst"):
        one.write(pack(b"shop,amount\na,1\nb,x\n"), f"corrected.csv{ending}")


@pytest.mark.parametrize("split_bytes", [40, 300, 5000])
def test_rejects_of_many_splits_are_written_as_of_one(
    split_bytes: int, tmp_path: Path, bench: Workbench
) -> None:
    lines = [f'a,{"x" if n % 7 == 0 else n},"{n}\r\nand more, {"y" * (n % 40)}"\r\n' for n in range(60)]
    content = ("shop,amount,note\r\n" + "".join(lines)).encode()
    chosen = order_format(COLUMNS)
    rejects = in_splits(content, chosen, scratch=tmp_path, key="a.csv", split_bytes=split_bytes).rejects
    to = tmp_path / "corrected.csv"
    write_rejected_lines(io.BytesIO(content), rejects, key="a.csv", order_format=chosen, to=to, bench=bench)
    expected = "shop,amount,note\r\n" + "".join(lines[n] for n in range(0, 60, 7))
    assert to.read_bytes() == expected.replace("\r\n", "\n").encode()


JSON_LINES = '{"shop": "a", "amount": 1}\n{"shop": "é", "amount": "x",  "n": [1]}\nbroken\n{"amount": 2}\n'


def test_json_lines_are_written_as_they_are(tmp_path: Path, bench: Workbench) -> None:
    one = Corrections(tmp_path, bench, "orders.jsonl")
    written, found = one.write(JSON_LINES.encode(), "corrected.jsonl")
    assert (written.lines, found.decode()) == (3, JSON_LINES.partition("\n")[2])
    with pytest.raises(CommandError, match=r"ends in \.jsonl"):
        one.write(JSON_LINES.encode(), "corrected.csv")


ARRAY = '[\n{"shop": "a",\n "amount": 1}, {"shop": "é",\r\n "amount": "x"},\n{"amount": 2}, {"amount": 3}]'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_objects_of_an_array_are_written_as_lines_or_as_an_array(
    encoding: str, tmp_path: Path, bench: Workbench
) -> None:
    one = Corrections(tmp_path, bench, "orders.json")
    expected = [{"shop": "é", "amount": "x"}, {"amount": 2}, {"amount": 3}]
    written, found = one.write(ARRAY.encode(encoding), "corrected.jsonl")
    assert written.lines == 3
    assert [json.loads(line) for line in found.decode().splitlines()] == expected
    assert one.process(found, "corrected.jsonl").index.lines_read == 3
    written, found = one.write(ARRAY.encode(encoding), "corrected.json")
    assert json.loads(found.decode()) == expected
    assert one.process(found, "corrected.json").index.lines_read == 3


def parquet(folder: Path, columns: str, rows: int = 4) -> bytes:
    path = folder / "made.parquet"
    duckdb.sql(f"COPY (SELECT {columns} FROM range({rows}) t(n)) TO '{path}'")
    return path.read_bytes()


TYPED = (
    "CASE WHEN n > 1 THEN 'é, \"' || n END AS shop, n * 1.5 AS amount, (n * 0.1)::DOUBLE AS share, "
    "DATE '2024-02-03' AS sold, [n] AS tags, NULL::VARCHAR AS note"
)


def test_rows_of_parquet_become_csv(tmp_path: Path, bench: Workbench) -> None:
    one = Corrections(tmp_path, bench, "orders.parquet")
    written, found = one.write(parquet(tmp_path, TYPED))
    assert written == Written(lines=2, left_out_columns=("tags",))
    lines = found.decode("utf-8-sig").splitlines()
    assert lines == ["shop,amount,share,sold,note", ",0.0,0,2024-02-03,", ",1.5,0.1,2024-02-03,"]
    assert one.process(found.replace(b"\n,", b"\nb,"), "corrected.csv").net_sales == {"b": Decimal("1.5")}


def test_values_of_parquet_are_written_as_the_format_reads_them(tmp_path: Path, bench: Workbench) -> None:
    text = (
        "numbers: {decimal: ','}\ndates: '%d.%m.%Y %H:%M'\ntimezone: Europe/Berlin\n"
        "csv: {delimiter: ;, encoding: utf-16}\n"
    )
    one = Corrections(tmp_path, bench, "orders.parquet", text)
    one.order_format = order_format(
        COLUMNS.replace("amount: amount", "amount: amount, ordered_at: sold") + text
    )
    columns = "'' AS shop, 1.25 AS amount, TIMESTAMPTZ '2024-01-31 23:30:00+00' AS sold"
    _, found = one.write(parquet(tmp_path, columns, rows=1))
    assert found.decode("utf-8-sig") == "shop;amount;sold\r\n;1,25;01.02.2024 00:30\r\n"
    [(_, sale)] = one.process(found.replace(b"\n;", b"\na;"), "corrected.csv").sales.items()
    assert (sale.amounts.net_sales, sale.first_order_at) == (Decimal("1.25"), "2024-01-31T23:30:00Z")


def test_a_format_that_could_not_read_the_csv_is_refused(tmp_path: Path, bench: Workbench) -> None:
    content = parquet(tmp_path, TYPED)
    for text, told in (("file: parquet", "Parquet only"), ("csv: {header: [shop, amount]}", "csv.header")):
        with pytest.raises(CommandError, match=told):
            Corrections(tmp_path, bench, "orders.parquet", text).write(content)
    assert not (tmp_path / "corrected.csv").exists()


def test_lines_that_are_not_found_again_are_left_out(tmp_path: Path, bench: Workbench) -> None:
    one = Corrections(tmp_path, bench, "orders.csv")
    rejects = one.process(b"shop,amount\na,1\nb,x\nc,y\n").rejects
    written = write_rejected_lines(
        io.BytesIO(b"shop,amount\na,1\nb,x\nd,z\n"),
        rejects,
        key=one.key,
        order_format=one.order_format,
        to=tmp_path / "c.csv",
        bench=bench,
    )
    assert (written.lines, (tmp_path / "c.csv").read_bytes()) == (1, b"shop,amount\nb,x\n")


def test_a_prefix_that_is_no_folder_stays_in_the_name(tmp_path: Path, bench: Workbench) -> None:
    one = Corrections(tmp_path, bench, "in/shop_orders.csv")
    one.order_format = order_format(COLUMNS)
    assert one.write(b"shop,amount\nb,x\n")[0].prefix == "in/"


def test_a_damaged_file_leaves_no_half_written_one(tmp_path: Path, bench: Workbench) -> None:
    one = Corrections(tmp_path, bench, "orders.csv.gz")
    with pytest.raises(OrderFileError):
        write_rejected_lines(
            io.BytesIO(gzip.compress(b"shop,amount\na,x\n")[:-5]),
            [],
            key=one.key,
            order_format=one.order_format,
            to=tmp_path / "c.csv",
            bench=bench,
        )
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=300, deadline=None)
@given(
    content=st.binary(min_size=1, max_size=40)
    | st.text("aé\r\n\ufeff€", min_size=1).map(lambda text: text.encode("utf-8")),
    encoding=st.sampled_from(["utf-8", "cp1252", "latin-1", "shift_jis", "utf-16-le", "utf-16-be"]),
)
def test_the_text_is_the_parsers_and_goes_back(content: bytes, encoding: str) -> None:
    assume(decompressor_of(content) is None)

    def delivered() -> DeliveredFile:
        return DeliveredFile(io.BytesIO(content), key="x.csv", limit_bytes=1000)

    with workbench() as bench:
        path = bench.folder / "text"
        original = OriginalText(delivered(), encoding)
        try:
            expected = b"".join(whole_text(delivered(), encoding))
        except OrderFileError:
            with pytest.raises(OrderFileError):
                original.store(path)
            return
        original.store(path)
        text = path.read_bytes()
        assert text == expected
        if encoding != "shift_jis" and not original.mark and not content.startswith(codecs.BOM_UTF8):
            assert original.encoded(text, 0) == with_lf(content, encoding)


def with_lf(content: bytes, encoding: str) -> bytes:
    """The content with LF line ends, found by its units of one or two bytes."""
    lf, cr = "\n".encode(encoding), "\r".encode(encoding)
    units = [content[at : at + len(lf)] for at in range(0, len(content), len(lf))]
    pairs = zip([b"", *units], units, strict=False)
    return b"".join(lf if unit == cr else unit for before, unit in pairs if (before, unit) != (cr, lf))
