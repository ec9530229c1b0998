"""Where the records of a CSV text begin and end, by the same rules as DuckDB's strict reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from mmap import mmap

WINDOW_BYTES = 1 << 20
"""What is gone through at once."""


@dataclass(frozen=True)
class Record:
    """One record: its first byte, the byte after its line end, and whether its quoting holds.

    `closed`: every quote of it that opens is closed; else it takes all the rest of the text.
    """

    start: int
    end: int
    well_quoted: bool
    closed: bool = True


class CsvGrammar:
    """Fields between delimiters, quoted by double quotes (doubled inside); a record ends at a bare LF."""

    knows_quotes = True

    def __init__(self, delimiter: str) -> None:
        """Compile the grammar for a one-character delimiter."""
        mark = re.escape(delimiter.encode())
        bare = rb"(?! ?\")[^\n" + mark + rb"]*+"
        quoted = rb' ?"([^"]*+(?:" *+"[^"]*+)*+)"'
        strict = rb"(?:" + quoted + rb" *+(?=[\n" + mark + rb"]|\Z)|(" + bare + rb"))"
        lenient = rb"(?:" + quoted + rb"[^\n" + mark + rb"]*+|" + bare + rb")"
        self._delimiter_bytes = len(delimiter.encode())
        self._field = re.compile(strict)
        self._strict_record = self._record_of(strict, mark)
        self._lenient_record = self._record_of(lenient, mark)
        rest_of_quoted = rb'[^"]*+(?:" *+"[^"]*+)*+"[^\n' + mark + rb"]*+"
        self._quoted_record = re.compile(
            rb"(?>" + rest_of_quoted + rb"(?:" + mark + lenient + rb")*+)(?:\n|\Z)"
        )
        edge = rb"[\n" + mark + rb"]"
        in_line = rb'[^"\n]++|(?<![^\n' + mark + rb'])"[^"\n]*+"(?=' + edge + rb")"
        self._plain_lines = re.compile(rb"(?:" + in_line + rb"|\n(?!\n))*+")
        closed = rb'[^"]*+(?<![^\n' + mark + rb'])"[^"\n]*+"(?=' + edge + rb")"
        self._closed_lines = re.compile(rb"(?:" + closed + rb")*+[^\"]*+")

    @staticmethod
    def _record_of(field: bytes, mark: bytes) -> re.Pattern[bytes]:
        return re.compile(rb"(?>" + field + rb"(?:" + mark + field + rb")*+)(?:\n|\Z)")

    def record(self, text: bytes | mmap, start: int, stop: int | None = None) -> Record:
        """The record that begins at `start`, its LF included; a quote that never closes takes the rest."""
        stop = len(text) if stop is None else stop
        if whole := self._strict_record.match(text, start, stop):
            return Record(start, whole.end(), well_quoted=True)
        broken = self._lenient_record.match(text, start, stop)
        end = broken.end() if broken else stop
        return Record(start, end, well_quoted=False, closed=broken is not None)

    def end_of_quoted(self, text: bytes | mmap, start: int, stop: int) -> int:
        """The end of the record in whose quotes `start` stands; 0 if it isn't over at `stop`."""
        rest = self._quoted_record.match(text, start, stop)
        return rest.end() if rest else 0

    def records(self, text: bytes | mmap, start: int = 0) -> Iterator[Record]:
        """Every record from `start` on, lines without any character left out."""
        end = len(text)
        while start < end:
            if text[start : start + 1] == b"\n":
                start += 1
                continue
            record = self.record(text, start)
            yield record
            start = record.end

    def end_of_plain_lines(self, text: mmap, start: int, stop: int) -> int:
        """How far from `start`, the begin of a line, every line is one record; for going through fast."""
        if text[start : start + 1] == b"\n":
            return start
        plain = self._plain_lines.match(text, start, stop)
        return max(start, text.rfind(b"\n", start, plain.end() if plain else start) + 1)

    def end_of_closed_lines(self, text: mmap, start: int, stop: int) -> int:
        """How far from `start`, the begin of a line, no line end stands in quotes; the fastest way through.

        As `end_of_plain_lines`, but for lines without any character, which it passes.
        """
        closed = self._closed_lines.match(text, start, stop)
        return max(start, text.rfind(b"\n", start, closed.end() if closed else start) + 1)

    def every_line_is_closed(self, text: mmap, stop: int) -> bool:
        """Whether up to `stop`, the end of a line, every line is one record and its quoting holds.

        So far as the fastest way through can see: doubled quotes are not among what it knows.
        """
        at = 0
        while at < stop:
            closed = self.end_of_closed_lines(text, at, min(at + WINDOW_BYTES, stop))
            if closed == at:
                return False
            at = closed
        return True

    def fields(self, record: bytes) -> list[bytes] | None:
        """The fields of a record given without its LF, unquoted; None where its quoting is broken."""
        fields, at = [], 0
        while field := self._field.match(record, at):
            quoted, bare = field.groups()
            fields.append(bare if quoted is None else quoted.replace(b'""', b'"'))
            if field.end() == len(record):
                return fields
            at = field.end() + self._delimiter_bytes
        return None


class LineGrammar:
    """Every line is a record, whatever is in it: JSON Lines."""

    knows_quotes = False

    def record(self, text: bytes | mmap, start: int) -> Record:
        """The record that begins at `start`, its LF included."""
        return Record(start, text.find(b"\n", start) + 1 or len(text), well_quoted=True)

    def records(self, text: bytes | mmap, start: int = 0) -> Iterator[Record]:
        """Every record from `start` on, lines without any character left out."""
        while start < len(text):
            record = self.record(text, start)
            if record.end - start > 1:
                yield record
            start = record.end

    def end_of_plain_lines(self, text: mmap, start: int, stop: int) -> int:
        """How far from `start`, the begin of a line, every line is one record: up to the next blank one."""
        if text[start : start + 1] == b"\n":
            return start
        return max(start, (text.find(b"\n\n", start, stop) + 1) or (text.rfind(b"\n", start, stop) + 1))


@cache
def grammar(delimiter: str) -> CsvGrammar:
    """The compiled grammar of a delimiter."""
    return CsvGrammar(delimiter)
