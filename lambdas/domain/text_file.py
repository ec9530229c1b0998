"""The text of an order file in the scratch folder, as DuckDB and the search for rejected lines read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lambdas.domain.delivered_text import DeliveredText
from lambdas.domain.heading import LONGEST_HEADING_BYTES, Heading, read_heading
from lambdas.domain.order_format import OrderFormat


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """The order lines of a file without their heading.

    After the last line stands an end mark: a line with one column too many. Where the reader doesn't set it
    aside as wrong, an unclosed quote has swallowed the end of the file.
    """

    path: Path
    heading: Heading
    lines_bytes: int
    has_quotes: bool
    blank_ends: int
    """Lines that end in a delimiter, or in one and two quotes: a blank last column, or one too many."""


def write_text_file(delivered: DeliveredText, *, order_format: OrderFormat, key: str, path: Path) -> TextFile:
    """Stream the delivered text to `path`; raises OrderFileError where it is damaged or has no heading."""
    chunks = delivered.chunks()
    start = _start(chunks)
    heading = read_heading(start, order_format, key)
    counter = _Counter(heading.delimiter.encode())
    with path.open("wb") as file:
        for chunk in _from(start[heading.text_bytes :], chunks):
            file.write(chunk)
            counter.add(chunk)
        if counter.last not in (b"", b"\n"):
            file.write(b"\n")
            counter.add(b"\n")
        file.write(heading.delimiter.join("x" * (len(heading.names) + 1)).encode() + b"\n")
    return TextFile(
        path=path,
        heading=heading,
        lines_bytes=counter.bytes,
        has_quotes=counter.has_quotes,
        blank_ends=counter.blank_ends,
    )


def _start(chunks: Iterator[bytes]) -> bytes:
    start = b""
    for chunk in chunks:
        start += chunk
        if len(start) > LONGEST_HEADING_BYTES:
            break
    return start


def _from(first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from (chunk for chunk in chunks if chunk)


class _Counter:
    """What can be told about the text while it passes by."""

    def __init__(self, delimiter: bytes) -> None:
        self._blank_end = delimiter + b"\n"
        self._quoted_blank_end = delimiter + b'""\n'
        self._before = b""
        self.bytes = self.blank_ends = 0
        self.has_quotes = False
        self.last = b""

    def add(self, chunk: bytes) -> None:
        """Take the next chunk, which isn't empty."""
        self.has_quotes = self.has_quotes or b'"' in chunk
        self.blank_ends += self._count(self._blank_end, chunk)
        if self.has_quotes:
            self.blank_ends += self._count(self._quoted_blank_end, chunk)
        self.bytes += len(chunk)
        self._before = (self._before + chunk[-3:])[-3:]
        self.last = chunk[-1:]

    def _count(self, end: bytes, chunk: bytes) -> int:
        """How often `end` occurs in the chunk, or across its begin."""
        return chunk.count(end) + (self._before[1 - len(end) :] + chunk[: len(end) - 1]).count(end)
