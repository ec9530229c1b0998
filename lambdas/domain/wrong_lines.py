"""Lines that aren't a record of the file's columns: found by DuckDB, or set aside before it reads them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import ACCESS_READ, ACCESS_WRITE, mmap

import duckdb

from lambdas.domain.csv_records import CsvGrammar, LineGrammar, Record
from lambdas.domain.database import quoted
from lambdas.domain.errors import OrderFileError
from lambdas.domain.text_file import LONGEST_LINE_BYTES, TextFile

MOST_EMPTY_LINES = PIECE_BYTES = 1 << 20
MOST_WRONG_LINES, MOST_SURPLUS_COLUMNS = 250_000, 5_000
BROKEN_QUOTES = "A quote of the line is not closed, or has text after it."
TOO_LONG = "The line is longer than 2 MB."
TOO_LONG_QUOTED = "The line is longer than 2 MB; perhaps one of its quotes is never closed."
SHOWN_BYTES = 2048
TOO_MANY = "The line has too many columns."
INVALID_BYTES = "The line has bytes that are not valid text in the encoding of the file."
REASONS = {
    "TOO MANY COLUMNS": TOO_MANY,
    "MISSING COLUMNS": "The line has too few columns.",
    "INVALID ENCODING": INVALID_BYTES,
    "LINE SIZE OVER MAXIMUM": TOO_LONG,
}


@dataclass(frozen=True)
class WrongLine:
    """A record that DuckDB doesn't get to see: where it ends, its lines, its text and the reason."""

    end: int
    lines: int
    text: bytes
    sentence: str


def too_many_wrong(key: str) -> OrderFileError:
    """What to tell of a file with more wrong lines than can be told apart."""
    return OrderFileError(
        f"{key}: more than {MOST_WRONG_LINES:,} of its lines have broken quotes, bytes that are no text, or "
        "more or fewer columns than its first line: check csv.delimiter, csv.header and csv.encoding of its "
        "order format, or deliver it again."
    )


def count_records(text: TextFile) -> int:
    """How many records a text has, wrong ones too."""
    with text.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        return sum(record.start < text.lines_bytes for record in text.grammar.records(content))


def set_aside(text: TextFile, key: str) -> dict[int, WrongLine]:
    """Overwrite with line ends what DuckDB's reader would misread or let pass; by the first byte of each."""
    columns, end_of_lines = len(text.heading.names), text.lines_bytes
    rules = text.grammar
    blank_end = text.heading.delimiter.encode()
    wrong: dict[int, WrongLine] = {}
    filled = empty = 0
    with text.path.open("r+b") as file, mmap(file.fileno(), 0, access=ACCESS_WRITE) as content:
        for record in rules.records(content):
            if record.start >= end_of_lines:
                break
            end = min(record.end, end_of_lines)
            sentence = _fault(record, end, content)
            line = content[record.start : end].removesuffix(b"\n") if sentence is None else b""
            odd_end = line.endswith((blank_end, b'"', b" "))
            if (odd_end or line.count(blank_end) > columns) and _has_more_fields(rules, line, columns):
                sentence = TOO_MANY
            if sentence:
                if len(wrong) == MOST_WRONG_LINES:
                    raise too_many_wrong(key)
                shown = content[record.start : min(end, record.start + SHOWN_BYTES)]
                lines = _count_line_ends(content, record.start, end)
                wrong[record.start] = WrongLine(end, lines, shown, sentence)
                empty = empty if filled == record.start else 0
                empty = _fill(content, record.start, end, columns, empty)
                filled = end
    return wrong


def _has_more_fields(rules: CsvGrammar | LineGrammar, line: bytes, columns: int) -> bool:
    return not isinstance(rules, CsvGrammar) or len(rules.fields(line) or ()) > columns


def _count_line_ends(content: mmap, start: int, end: int) -> int:
    """How many line ends stand there, piece by piece: a line may have gigabytes."""
    pieces = range(start, end, PIECE_BYTES)
    return sum(content[at : min(at + PIECE_BYTES, end)].count(b"\n") for at in pieces)


def _fill(content: mmap, start: int, end: int, columns: int, before: int) -> int:
    """Fill a place with empty lines; how many there are at its end, with those `before` them.

    As DuckDB takes 2 MB of them for one line, a too short line stands in between.
    """
    for at in range(start, end, PIECE_BYTES):
        size = min(PIECE_BYTES, end - at)
        content[at : at + size] = b"\n" * size
    length = end - start
    if columns == 1 or before + length < MOST_EMPTY_LINES:
        return before + length
    short_lines = range(start, end - 1, MOST_EMPTY_LINES)
    for at in short_lines:
        content[at : at + 1] = b"x"
    return end - 2 - short_lines[-1]


def _fault(record: Record, end: int, content: mmap) -> str | None:
    """Too long comes first: a split can't see whether the quotes of such a record close in another one."""
    if end - record.start > LONGEST_LINE_BYTES:
        quoted = b'"' in content[record.start : record.start + SHOWN_BYTES]
        return TOO_LONG_QUOTED if quoted else TOO_LONG
    return None if record.well_quoted else BROKEN_QUOTES


def found_by_reader(text: TextFile, connection: duckdb.DuckDBPyConnection) -> dict[int, str]:
    """What DuckDB set aside: the reason by the first byte of each record, the end mark among them."""
    known = ", ".join(quoted(kind) for kind in REASONS)
    rows = connection.execute(
        "SELECT line_byte_position - 1, "
        f"coalesce(min(error_type::VARCHAR) FILTER (error_type NOT IN ({known})), "
        "min(error_type::VARCHAR)) FROM wrong_lines GROUP BY 1 ORDER BY 1"
    )
    found: dict[int, str] = {}
    with text.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        for position, kind in _batches(rows):
            # DuckDB counts empty lines before a record as part of it.
            while content[position : position + 1] == b"\n":
                position += 1
            found[position] = REASONS.get(kind, BROKEN_QUOTES)
    return found


def outside(aside: dict[int, WrongLine], found: dict[int, str]) -> dict[int, str]:
    """What the reader found but for the filler that `set_aside` has put in."""
    starts = sorted(aside)

    def is_filler(position: int) -> bool:
        before = bisect_right(starts, position)
        return before > 0 and position < aside[starts[before - 1]].end

    return {position: sentence for position, sentence in found.items() if not is_filler(position)}


def is_misread(found: dict[int, str], text: TextFile) -> bool:
    """Whether DuckDB met broken quotes, after which it can lose or invent lines."""
    return text.lines_bytes not in found or not {BROKEN_QUOTES, TOO_LONG, TOO_LONG_QUOTED}.isdisjoint(
        found.values()
    )


def _batches(rows: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, str]]:
    while batch := rows.fetchmany(4096):
        yield from batch
