"""The records of a CSV text and their fields, character by character where there are quotes.

A field in quotes may hold delimiters and line ends, and a doubled quote stands for one. One space before the
opening quote and spaces after the closing one are not part of the field. Any other text after the closing
quote breaks the record, which still ends where its quotes pair up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cli.reconcile.text import is_too_long

QUOTE, SPACE = '"', " "


@dataclass(frozen=True)
class Record:
    """One record: its text without the last line end; `fields` is None where its quoting is broken."""

    text: str
    fields: list[str] | None

    @property
    def too_long(self) -> bool:
        """Whether it has, with its line end, more than 2 MB."""
        return is_too_long(self.text)


def records_of(lines: Iterable[str], delimiter: str) -> Iterator[Record]:
    """The records of the lines, those without any character left out."""
    remaining = iter(lines)
    for line in remaining:
        text = line.removesuffix("\n")
        if QUOTE not in text:
            if text:
                yield Record(text, text.split(delimiter))
            continue
        walk = _Walk(delimiter)
        walk.add(line)
        parts = [line]
        while walk.in_quotes and (line := next(remaining, "")):
            walk.add(line)
            parts.append(line)
        walk.end()
        yield Record("".join(parts).removesuffix("\n"), None if walk.broken else walk.fields)


class _Walk:
    """Goes over one record; after each line, `in_quotes` says whether the next one belongs to it."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        self._field: list[str] = []
        self._spaces = ""
        self._state = self._at_start
        self.fields: list[str] = []
        self.broken = False

    @property
    def in_quotes(self) -> bool:
        return self._state == self._quoted

    def add(self, line: str) -> None:
        for character in line:
            self._state(character)

    def end(self) -> None:
        """The text ends: as a line end would, but that an open quote is never closed."""
        if self.in_quotes:
            self.broken = True
        elif self._state != self._done:
            self._state("\n")

    def _at_start(self, character: str) -> None:
        if character == QUOTE:
            self._spaces, self._state = "", self._quoted
        elif character == SPACE and not self._spaces:
            self._spaces = SPACE
        else:
            self._field.append(self._spaces)
            self._spaces, self._state = "", self._bare
            self._bare(character)

    def _bare(self, character: str) -> None:
        if not self._ends_field(character):
            self._field.append(character)

    def _quoted(self, character: str) -> None:
        if character == QUOTE:
            self._state = self._after_quote
        else:
            self._field.append(character)

    def _after_quote(self, character: str) -> None:
        """After a quote in a quoted field: it was doubled, or has closed the field."""
        if character == QUOTE:
            self.broken = self.broken or bool(self._spaces)
            self._field.append(QUOTE)
            self._spaces, self._state = "", self._quoted
        elif character == SPACE:
            self._spaces += SPACE
        elif not self._ends_field(character):
            self.broken, self._state = True, self._broken_off

    def _broken_off(self, character: str) -> None:
        self._ends_field(character)

    def _done(self, character: str) -> None:
        raise AssertionError(f"{character!r} follows the end of a record")

    def _ends_field(self, character: str) -> bool:
        if character not in (self._delimiter, "\n"):
            return False
        self.fields.append("".join(self._field))
        self._field, self._spaces = [], ""
        self._state = self._done if character == "\n" else self._at_start
        return True
