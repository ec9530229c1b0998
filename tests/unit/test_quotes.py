"""Walking through a text in big steps says the same as walking through it record by record."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lambdas.domain.csv_records import CsvGrammar, grammar
from lambdas.domain.heading import Heading
from lambdas.domain.quotes import Scan, scans
from lambdas.domain.text_file import TextFile, write_lines

HEADING = Heading(names=("a", "b"), delimiter=",", text_bytes=0, lines=0)
TEXTS = st.lists(
    st.sampled_from([b"\n", b",", b'"', b" ", b"x", b'"x"', b',"x\ny"\n', b"x,x\n"]), max_size=30
).map(b"".join)


def text_of(content: bytes, folder: str) -> TextFile:
    return write_lines(iter([content]), heading=HEADING, grammar=grammar(","), path=Path(folder) / "text")


def record_by_record(content: bytes, begin: int, rules: CsvGrammar) -> Scan:
    at = last = begin
    ends_inside = False
    while at < len(content):
        record = rules.record(content, at)
        last, at, ends_inside = at, record.end, not record.closed
    return Scan(first=begin, last=last, ends_inside=ends_inside)


@given(content=TEXTS)
@example(content=b'x"\n"x\n')  # begins inside, and outside the same quote never closes
@example(content=b'x",x\nx,"x"\n')
@example(content=b'\n\n"x\ny",x\n"open\n')
@settings(deadline=None)
def test_the_first_record_and_the_end_are_those_of_a_walk_record_by_record(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = text_of(content, folder)
        lines = text.path.read_bytes()[: text.lines_bytes]
        outside, inside = scans(text)
    expected = record_by_record(lines, 0, grammar(","))
    assert (outside.first, outside.ends_inside) == (0, expected.ends_inside)
    if expected.ends_inside:
        assert outside.last == expected.last
    begin = grammar(",").end_of_quoted(lines, 0, len(lines)) if text.has_quotes else 0
    if not begin:
        assert inside == Scan(first=len(lines), last=len(lines), ends_inside=True)
        return
    expected = record_by_record(lines, begin, grammar(","))
    assert (inside.first, inside.ends_inside) == (begin, expected.ends_inside)
    if expected.ends_inside:
        assert inside.last == expected.last


@given(content=TEXTS)
@example(content=b'"x\ny",x\n')
@settings(deadline=None)
def test_lines_that_are_known_to_be_records_are(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = text_of(content, folder)
        lines = text.path.read_bytes()[: text.lines_bytes]
    records = list(grammar(",").records(lines))
    as_known = all(record.well_quoted for record in records) and len(records) == text.lines
    assert as_known or not text.lines_are_records


@pytest.mark.parametrize("content", [b"x,x\n", b'"x,y",x\nx,"y"\n\n', b'x,""\n"",x', b'"x"\n' * 400_000])
def test_lines_whose_quotes_close_are_known_to_be_records(content: bytes, tmp_path: Path) -> None:
    assert text_of(content, str(tmp_path)).lines_are_records


@given(content=TEXTS)
def test_a_line_that_may_end_in_a_blank_column_is_seen_wherever_the_chunks_end(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole = text_of(content, folder)
        chunks = (content[at : at + 1] for at in range(len(content)))
        cut = write_lines(chunks, heading=HEADING, grammar=grammar(","), path=Path(folder) / "cut")
        assert cut.blank_lines == whole.blank_lines
        assert cut.lines == whole.lines
        lines = whole.path.read_bytes()[: whole.lines_bytes]
        if b",\n" in lines or b'""\n' in lines or b'"" \n' in lines:
            assert whole.has_blank_ends
            assert cut.has_blank_ends
