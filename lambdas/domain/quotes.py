"""Quotes across cuts: whether the text of a split ends inside quotes, for both ways in which it can begin.

A line end at a cut may stand in quotes. No split can know, but each can say how it ends if it begins outside
of quotes and how if it begins inside; from the first split on, that gives the truth about all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from mmap import ACCESS_READ, mmap

from lambdas.domain.csv_records import WINDOW_BYTES, CsvGrammar
from lambdas.domain.text_file import TextFile


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


def scans(text: TextFile) -> tuple[Scan, Scan]:
    """The text if its first line begins an order line, and if it stands in quotes.

    In quotes, its first record begins after the one that they are of. Most often a record begins there in
    the other reading too, and from there on both are the same: then the rest is walked through once.
    """
    outside = Scan(first=0, last=text.lines_bytes, ends_inside=False)
    if not isinstance(text.grammar, CsvGrammar) or not text.has_quotes:
        return outside, replace(outside, first=text.lines_bytes, ends_inside=True)
    with text.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        if not text.lines_are_records:
            return _scans(content, text.lines_bytes, text.grammar)
        begin = text.grammar.end_of_quoted(content, 0, text.lines_bytes)
        return outside, replace(outside, first=begin or text.lines_bytes, ends_inside=not begin)


def _scans(content: mmap, stop: int, grammar: CsvGrammar) -> tuple[Scan, Scan]:
    begin = grammar.end_of_quoted(content, 0, stop)
    if not begin:
        return _scan(content, 0, stop, grammar), Scan(first=stop, last=stop, ends_inside=True)
    if begin == stop or _next_record(content, 0, begin, stop, grammar) != begin:
        return _scan(content, 0, stop, grammar), _scan(content, begin, stop, grammar)
    inside = _scan(content, begin, stop, grammar)
    return replace(inside, first=0), inside


def _next_record(content: mmap, at: int, least: int, stop: int, grammar: CsvGrammar) -> int:
    """Where the first record at or past `least` begins, if one begins at `at`."""
    while at < least:
        closed = grammar.end_of_closed_lines(content, at, least)
        at = closed if closed > at else grammar.record(content, at, stop).end
    return at


def _scan(content: mmap, begin: int, stop: int, grammar: CsvGrammar) -> Scan:
    at = last = begin
    ends_inside = False
    while at < stop:
        closed = grammar.end_of_closed_lines(content, at, min(at + WINDOW_BYTES, stop))
        if closed > at:
            at = closed
        else:
            record = grammar.record(content, at, stop)
            last, at, ends_inside = at, record.end, not record.closed
    return Scan(first=begin, last=last, ends_inside=ends_inside)
