"""Quotes across cuts: whether the text of a split ends inside quotes, for both ways in which it can begin.

A line end at a cut may stand in quotes. No split can know, but each can say how it ends if it begins outside
of quotes and how if it begins inside; from the first split on, that gives the truth about all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap

from lambdas.domain.csv_records import CsvGrammar
from lambdas.domain.text_file import TextFile

WINDOW_BYTES = 1 << 20


@dataclass(frozen=True)
class QuoteStates:
    """Whether a split ends inside quotes if it begins outside of them, and if it begins inside."""

    from_outside: bool = False
    from_inside: bool = True


@dataclass(frozen=True, kw_only=True)
class Scan:
    """A text walked through record by record: where its first and last record begin, and how it ends."""

    first: int
    last: int
    ends_inside: bool


def starts_inside(states: Iterable[QuoteStates]) -> Iterator[bool]:
    """For each split of a file, in order, whether it begins inside quotes."""
    inside = False
    for state in states:
        yield inside
        inside = state.from_inside if inside else state.from_outside


def scan_from_outside(text: TextFile) -> Scan:
    """The text if its first line begins an order line."""
    if not isinstance(text.grammar, CsvGrammar) or not text.has_quotes:
        return Scan(first=0, last=text.lines_bytes, ends_inside=False)
    with text.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        return _scan(content, 0, text.lines_bytes, text.grammar)


def scan_from_inside(text: TextFile) -> Scan:
    """The text if its first line stands in quotes; its first record begins after the one that they are of."""
    everything = Scan(first=text.lines_bytes, last=text.lines_bytes, ends_inside=True)
    if not isinstance(text.grammar, CsvGrammar) or not text.has_quotes:
        return everything
    with text.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        begin = text.grammar.end_of_quoted(content, 0, text.lines_bytes)
        return _scan(content, begin, text.lines_bytes, text.grammar) if begin else everything


def _scan(content: mmap, begin: int, stop: int, grammar: CsvGrammar) -> Scan:
    at = last = begin
    ends_inside = False
    while at < stop:
        plain = grammar.end_of_plain_lines(content, at, min(at + WINDOW_BYTES, stop))
        if plain > at:
            at = plain
        elif content[at : at + 1] == b"\n":
            at += 1
        else:
            record = grammar.record(content, at, stop)
            last, at, ends_inside = at, record.end, not record.closed
    return Scan(first=begin, last=last, ends_inside=ends_inside)
