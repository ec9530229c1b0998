"""Hostile files: a sentence or a right result, in bounded time and memory, and nothing else."""

from __future__ import annotations

import gzip
import random
import struct
from decimal import Decimal
from pathlib import Path

import pytest

from lambdas.domain import reading, wrong_lines
from lambdas.domain.decompression import Gunzip
from lambdas.domain.errors import OrderFileError
from tests.unit.hostile_file import read_apart
from tests.unit.odd_files.odd_file import Parquet
from tests.unit.order_files import order_format, process

MOST_BYTES = 1_500_000_000
KINDS = ("csv", "jsonl", "json", "parquet")
BINARIES = {
    "zeros": bytes(70_000),
    "all bits": b"\xff" * 70_000,
    "zip": b"PK\x03\x04" + random.Random(1).randbytes(70_000),
    "png": b"\x89PNG\r\n\x1a\n" + random.Random(2).randbytes(70_000),
    "parquet by name only": b"PAR1" + random.Random(3).randbytes(70_000) + b"PAR1",
    "gzip by name only": b"\x1f\x8b\x08" + random.Random(4).randbytes(70_000),
    "zstd by name only": b"\x28\xb5\x2f\xfd" + random.Random(5).randbytes(70_000),
    "UTF-16 by name only": b"\xff\xfe" + random.Random(6).randbytes(70_000),
    "a heading and bytes": b"shop,amount\n" + random.Random(7).randbytes(70_000),
    "an array and bytes": b"[" + random.Random(8).randbytes(70_000),
    "quotes": bytes(random.Random(9).choices(b'",\n\r', k=70_000)),
    "brackets": bytes(random.Random(10).choices(b'[]{}",:', k=70_000)),
}


QUICK = (
    "zstd bomb", "gzip bomb", "100,000 columns", "20,000 columns", "long scalar", "random bytes",
    "broken quotes", "quotes and commas", "long line of JSON", "line of 1 GB", "zstd bomb of lines",
    "gzip of tiny members", "long heading", "long element", "a line of 100,000 columns", "100,000 keys",
    "many merchants", "short lines", "quotes alone",
)  # fmt: skip
"""The others take longer: `python -m tests.unit.hostile_file NAME`."""


@pytest.mark.parametrize("name", QUICK)
def test_a_hostile_file_takes_bounded_memory(name: str) -> None:
    outcome = read_apart(name)
    assert outcome.peak_bytes < MOST_BYTES
    assert "report" not in outcome.error
    assert outcome.error or outcome.lines > 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", BINARIES)
def test_binary_garbage_is_a_sentence_or_rejected_lines(name: str, kind: str, tmp_path: Path) -> None:
    chosen = order_format(f"columns: {{merchant_id: shop, amount: amount}}\nfile: {kind}")
    try:
        outcome = process(BINARIES[name], chosen, scratch=tmp_path, key="orders")
    except OrderFileError as e:
        assert "orders" in str(e)
        assert "report" not in str(e)
        return
    assert outcome.index.rejected == outcome.index.lines_read


def test_a_gzip_member_that_unpacks_far_may_be_followed_by_another() -> None:
    packed = gzip.compress(bytes(10_000_000)) + gzip.compress(b"x")
    assert sum(len(chunk) for chunk in Gunzip().content_of(packed)) == 10_000_001


@pytest.mark.parametrize(
    "content",
    [
        b"shop,amount\na,1\nb\nc,1,2\nd,4\n",
        b'shop,amount\n"a",1\n"b"\n"c\n\n",1,2\n"d"x,4\n"e",5\n',
        b"shop,amount\na,1,\nb,2,,,,,,,,,,,,,\nc,3\n",
        b'shop\na\n\n"b\n"\n"c"x\n\nd\n',
    ],
)
def test_few_wrong_lines_are_told_and_many_are_refused(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = order_format("columns: {merchant_id: shop, amount: \"'1'\"}")
    expected = process(content, chosen, scratch=tmp_path)
    for most in (2, 1, 0):
        monkeypatch.setattr(wrong_lines, "MOST_WRONG_LINES", most)
        monkeypatch.setattr(reading, "MOST_WRONG_LINES", most)
        monkeypatch.setattr(reading, "MOST_SURPLUS_COLUMNS", most)
        try:
            outcome = process(content, chosen, scratch=tmp_path)
        except OrderFileError as e:
            assert "more than" in str(e)
            assert most < len(expected.rejects)
        else:
            assert (outcome.rejects, outcome.net_sales) == (expected.rejects, expected.net_sales)


@pytest.mark.parametrize("value", ["a,b,c", "a,\nb,c", 'a,""b"",c'])
def test_delimiters_in_quotes_are_no_surplus_columns(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found_columns_too_many(*_: object) -> None:
        pytest.fail("every line was gone through apart, which takes twenty times as long")

    monkeypatch.setattr(reading, "set_aside", found_columns_too_many)
    content = f'shop,amount,note\na,1,"{value}"\n'.encode() + f'b,2,"{value}"\n'.encode() * 3000
    chosen = order_format("columns: {merchant_id: shop, amount: amount}")
    outcome = process(content, chosen, scratch=tmp_path)
    assert (outcome.rejects, outcome.net_sales) == ([], {"a": Decimal(1), "b": Decimal(6000)})


ROWS = Parquet(
    "SELECT CASE WHEN i % 7 <> 3 THEN 'm' || i % 5 END AS shop, "
    "(i * 37 % 1000)::DECIMAL(18,4) / 4 AS amount, "
    "DATE '2024-01-15' + (i % 60)::INTEGER AS day, 0.5 * i AS price FROM range(3000) t(i)",
    ", ROW_GROUP_SIZE 2048",
)
DATED = order_format("columns: {merchant_id: shop, amount: amount, ordered_at: day}")
SCHEMA_BYTES = 120
"""At the start of the footer: what it says of itself here stands nowhere else."""


@pytest.mark.parametrize("seed", range(4))
def test_a_parquet_file_with_a_flipped_bit_is_a_sentence_or_read_right(seed: int, tmp_path: Path) -> None:
    content, dice = ROWS.written(), random.Random(seed)
    footer = len(content) - 8 - struct.unpack("<I", content[-8:-4])[0]
    right = process(content, DATED, scratch=tmp_path, partitions=1).net_sales
    for _ in range(60):
        at = dice.randrange(footer + SCHEMA_BYTES, len(content))
        lying = bytearray(content)
        lying[at] ^= 1 << dice.randrange(8)
        try:
            outcome = process(bytes(lying), DATED, scratch=tmp_path, partitions=1)
        except OrderFileError as e:
            assert "report" not in str(e)
        else:
            assert outcome.net_sales == right, f"seed {seed}, byte {at}"


@pytest.mark.parametrize("seed", range(4))
def test_a_parquet_file_with_wrong_bytes_anywhere_never_ends_in_another_error(
    seed: int, tmp_path: Path
) -> None:
    content, dice = ROWS.written(), random.Random(seed)
    for _ in range(60):
        lying = bytearray(content)
        for _ in range(dice.choice((1, 1, 3, 20))):
            lying[dice.randrange(len(lying))] = dice.randrange(256)
        try:
            outcome = process(bytes(lying), DATED, scratch=tmp_path, partitions=1)
        except OrderFileError:
            continue
        assert outcome.index.lines_read == 3000


def test_a_parquet_schema_that_contradicts_itself_is_a_sentence(tmp_path: Path) -> None:
    content = Parquet("SELECT 'a' AS shop, 1.5::DECIMAL(18,4) AS amount").written()
    with pytest.raises(OrderFileError):
        process(content.replace(b"amount", b"amounu"), scratch=tmp_path, key="orders.parquet")


def test_the_values_are_right_to_begin_with(tmp_path: Path) -> None:
    outcome = process(ROWS.written(), DATED, scratch=tmp_path, partitions=1)
    expected: dict[str, Decimal] = {}
    for i in range(3000):
        if i % 7 != 3:
            expected[f"m{i % 5}"] = expected.get(f"m{i % 5}", Decimal(0)) + Decimal(i * 37 % 1000) / 4
    assert outcome.net_sales == expected
