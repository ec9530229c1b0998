"""The text of an order file in the scratch folder, as DuckDB and the search for rejected lines read it."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from mmap import ACCESS_READ, mmap
from pathlib import Path

from lambdas.domain.csv_records import CsvGrammar, LineGrammar
from lambdas.domain.heading import LONGEST_HEADING_BYTES, Heading

CHUNK_BYTES = 1 << 20
LONGEST_LINE_BYTES = 2_097_152
"""With its line end."""
BLANK_LINES = re.compile(rb"\n(\n+)")
# A search from line end to line end takes a third of the time of one for two bytes in a row.
TWO_LINE_ENDS = re.compile(rb"\n[\n]")


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """The order lines of a file without their heading.

    After the last line stands an end mark: a line with one column too many. Where the reader doesn't set it
    aside as wrong, an unclosed quote has swallowed the end of the file.
    """

    path: Path
    heading: Heading
    grammar: CsvGrammar | LineGrammar
    lines_bytes: int
    has_quotes: bool
    lines_are_records: bool
    """Known that no quote reaches over a line end or is broken, so that every line is one record."""
    has_blank_ends: bool
    """Whether a line may end in a blank column: it ends in a delimiter, or with quotes in two or a space."""
    lines: int
    blank_lines: int
    """Lines with and without any character, counted by their line ends, also those inside quotes."""
    has_long_lines: bool
    """Whether more than 2 MB lie between two line ends, which DuckDB may lose without a word."""
    blank_line_is_row: bool
    """DuckDB reads a line without any character as a row where there is only one column."""

    def count_delimiters(self) -> int:
        """How many delimiters stand in the order lines, those in quotes included: a pass over the file."""
        mark, left, count = self.heading.delimiter.encode(), self.lines_bytes, 0
        with self.path.open("rb") as file:
            while left and (chunk := file.read(min(left, CHUNK_BYTES))):
                count += chunk.count(mark)
                left -= len(chunk)
        return count

    def start(self, size: int) -> bytes:
        """The first `size` bytes of the order lines."""
        with self.path.open("rb") as file:
            return file.read(min(size, self.lines_bytes))


def write_text_file(
    chunks: Iterator[bytes],
    *,
    read_heading: Callable[[bytes], Heading],
    grammar_of: Callable[[str], CsvGrammar | LineGrammar],
    path: Path,
) -> TextFile:
    """Stream a text to `path`: its heading is read from its start, its grammar goes by the delimiter."""
    start = _start(chunks)
    heading = with_marks(read_heading(start), start)
    lines = _from(start[heading.text_bytes :], chunks)
    return write_lines(lines, heading=heading, grammar=grammar_of(heading.delimiter), path=path)


def write_lines(
    chunks: Iterator[bytes], *, heading: Heading, grammar: CsvGrammar | LineGrammar, path: Path
) -> TextFile:
    """Stream the lines below a heading to `path`, and count them on the way."""
    counter = _Counter(heading.delimiter.encode(), knows_quotes=grammar.knows_quotes)
    with path.open("wb") as file:
        for chunk in filter(None, chunks):
            file.write(chunk)
            counter.add(chunk)
        if counter.last not in (b"", b"\n"):
            file.write(b"\n")
            counter.add(b"\n")
        file.write(heading.delimiter.join("x" * (len(heading.names) + 1)).encode() + b"\n")
    return TextFile(
        path=path,
        heading=heading,
        grammar=grammar,
        lines_bytes=counter.bytes,
        has_quotes=counter.has_quotes,
        lines_are_records=not counter.has_quotes or _every_line_is_closed(path, counter.bytes, grammar),
        has_blank_ends=counter.has_blank_ends,
        lines=counter.line_ends - counter.blank_lines,
        blank_lines=counter.blank_lines,
        has_long_lines=counter.has_long_lines,
        blank_line_is_row=grammar.knows_quotes and len(heading.names) == 1,
    )


def _every_line_is_closed(path: Path, stop: int, grammar: CsvGrammar | LineGrammar) -> bool:
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        return isinstance(grammar, CsvGrammar) and grammar.every_line_is_closed(content, stop)


def _start(chunks: Iterator[bytes]) -> bytes:
    start = b""
    for chunk in chunks:
        start += chunk
        if len(start) > LONGEST_HEADING_BYTES + len(BOM_UTF8):
            break
    return start


def with_marks(heading: Heading, start: bytes) -> Heading:
    """The heading with the byte order marks after it, which DuckDB would leave out of its positions."""
    end = heading.text_bytes
    while start.startswith(BOM_UTF8, end):
        end += len(BOM_UTF8)
    return replace(heading, text_bytes=end)


def _from(first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from chunks


class _Counter:
    """What can be told about the text while it passes by."""

    def __init__(self, delimiter: bytes, *, knows_quotes: bool) -> None:
        end = rb"(?<=" + re.escape(delimiter) + rb"\n)"
        self._ends = re.compile(rb"\n" + end)
        self._quoted_ends = re.compile(rb"\n(?:" + end + rb'|(?<=""\n)|(?<= \n))')
        self._delimiter = delimiter
        self._knows_quotes = knows_quotes
        self._before = b""
        self.bytes = self.line_ends = self.blank_lines = 0
        self.has_quotes = self.has_blank_ends = self.has_long_lines = False
        self._line_bytes = 0
        self.last = b""

    def add(self, chunk: bytes) -> None:
        """Take the next chunk, which isn't empty."""
        self.has_quotes = self.has_quotes or (self._knows_quotes and b'"' in chunk)
        if not self.has_blank_ends and self._may_have_blank_ends(chunk):
            ends = self._quoted_ends if self.has_quotes else self._ends
            around = self._before + chunk[:4]
            self.has_blank_ends = bool(ends.search(around) or ends.search(chunk))
        self.line_ends += chunk.count(b"\n")
        self.blank_lines += self._blank_lines(chunk)
        self.has_long_lines = self.has_long_lines or self._has_long_line(chunk)
        self.bytes += len(chunk)
        self._before = (self._before + chunk[-4:])[-4:]
        self.last = chunk[-1:]

    def _may_have_blank_ends(self, chunk: bytes) -> bool:
        """Hardly any JSON has a delimiter, which is faster found than the end of every line."""
        return self._knows_quotes or self._delimiter in self._before or self._delimiter in chunk

    def _has_long_line(self, chunk: bytes) -> bool:
        """Whether a line in the chunk, or the one that begins before it, is too long."""
        begin = -self._line_bytes
        while begin + LONGEST_LINE_BYTES < len(chunk):
            end = chunk.rfind(b"\n", max(begin, 0), begin + LONGEST_LINE_BYTES)
            if end < 0:
                return True
            begin = end + 1
        self._line_bytes = len(chunk) - max(chunk.rfind(b"\n") + 1, begin)
        return False

    def _blank_lines(self, chunk: bytes) -> int:
        rest = chunk.lstrip(b"\n") if self.last in (b"", b"\n") else chunk
        found = BLANK_LINES.findall(rest) if TWO_LINE_ENDS.search(rest) else []
        return len(chunk) - len(rest) + sum(map(len, found))
