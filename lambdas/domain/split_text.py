"""The text of one split in the scratch folder: whole order lines, and how its quotes begin and end."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lambdas.domain.csv_records import CsvGrammar, LineGrammar
from lambdas.domain.delivered_text import text_chunks, without_mark
from lambdas.domain.heading import Heading
from lambdas.domain.quotes import QuoteStates, Scan, scans
from lambdas.domain.split_reader import SplitReader
from lambdas.domain.text_file import CHUNK_BYTES, LONGEST_LINE_BYTES, TextFile, write_lines

LINE_END = re.compile(rb"\r\n?|\n")
LONGEST_KEPT_BYTES = LONGEST_LINE_BYTES + (1 << 20)
"""Of an order line that reaches beyond its split: longer ones are rejected anyway."""


@dataclass(frozen=True, kw_only=True)
class SplitText:
    """The order lines that begin in a split; `lines` and `bytes` count its text, with the heading."""

    text: TextFile
    states: QuoteStates
    lines: int
    bytes: int


def lines_from(head: bytes, heading: Heading) -> int:
    """Where, in the bytes as delivered, the lines below the heading begin."""
    at = len(BOM_UTF8) if head.startswith(BOM_UTF8) else 0
    for _ in range(heading.lines):
        end = LINE_END.search(head, at)
        at = end.end() if end else len(head)
    while heading.lines and head.startswith(BOM_UTF8, at):
        at += len(BOM_UTF8)
    return at


def write_split_text(
    reader: SplitReader,
    *,
    is_first: bool,
    begins_inside: bool,
    heading: Heading,
    grammar: CsvGrammar | LineGrammar,
    encoding: str,
    key: str,
    path: Path,
) -> SplitText:
    """Stream the split's lines to `path`, the last one whole; `begins_inside` quotes is known later only."""
    if not is_first:
        heading = replace(heading, text_bytes=0, lines=0)
    chunks = text_chunks(reader.chunks(), encoding, key)
    text = write_lines(chunks, heading=heading, grammar=grammar, path=path)
    outside, inside = scans(text)
    true = inside if begins_inside else outside
    lines, size = text.lines + text.blank_lines, text.lines_bytes
    if begins_inside or true.ends_inside:
        following = text_chunks(reader.following(), encoding, key)
        text = _rewritten(text, true, following)
    return SplitText(
        text=text,
        states=QuoteStates(from_outside=outside.ends_inside, from_inside=inside.ends_inside),
        lines=heading.lines + lines,
        bytes=heading.text_bytes + size,
    )


def _rewritten(text: TextFile, scan: Scan, following: Iterator[bytes]) -> TextFile:
    """The text from its first record on, its last one completed from what follows the split."""
    path = text.path.with_suffix(".split")
    text.path.rename(path)
    skipped = _lines_in(path, scan.first)
    heading = replace(
        text.heading,
        text_bytes=text.heading.text_bytes + scan.first,
        lines=text.heading.lines + skipped,
    )
    parts = _parts(path, scan.first, text.lines_bytes)
    if scan.ends_inside and scan.last < text.lines_bytes:
        parts = _completed(parts, path, scan.last, text, following)
    written = write_lines(parts, heading=heading, grammar=text.grammar, path=text.path)
    path.unlink()
    return written


def _completed(
    parts: Iterator[bytes], path: Path, last: int, text: TextFile, following: Iterator[bytes]
) -> Iterator[bytes]:
    yield from parts
    if text.lines_bytes - last > LONGEST_KEPT_BYTES or not isinstance(text.grammar, CsvGrammar):
        return
    record = b"".join(_parts(path, last, text.lines_bytes))
    begun = len(record)
    for chunk in following:
        record += chunk
        found = text.grammar.record(record, 0)
        if found.closed and record[found.end - 1 : found.end] == b"\n":
            yield record[begun : found.end]
            return
        if len(record) > LONGEST_KEPT_BYTES:
            break
    yield record[begun:]


def _parts(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        left = end - start
        while left > 0 and (part := file.read(min(left, CHUNK_BYTES))):
            left -= len(part)
            yield part


def _lines_in(path: Path, end: int) -> int:
    return sum(part.count(b"\n") for part in _parts(path, 0, end))


def head_text(head: bytes, encoding: str, key: str) -> bytes:
    """The first bytes of a file as the text whose first line is the heading."""
    return b"".join(without_mark(text_chunks(iter([head]), encoding, key)))
