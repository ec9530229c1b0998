"""The rejects of an order file: a slow second pass over the text that finds where each one stands."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from mmap import ACCESS_READ, mmap
from pathlib import Path

from lambdas.domain.order_lines import Reason
from lambdas.domain.text_file import TextFile
from lambdas.domain.wrong_lines import WrongLine

LONGEST_TEXT_BYTES = 1024
LONGEST_VALUE = 80
WINDOW_BYTES = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Reject:
    """A rejected line: its first physical line and byte in the text (both from the heading on), and why."""

    line: int
    byte: int
    column: str | None
    sentence: str
    value: str | None
    text: bytes

    def to_json(self) -> str:
        """The line of the rejects file: the reason names the value where it is known."""
        value = None if self.value is None else self.value[:LONGEST_VALUE]
        reason = f"{self.sentence.removesuffix('.')}: {value}" if value else self.sentence
        text = self.text[:LONGEST_TEXT_BYTES].decode("utf-8", "replace")
        fields = {"line": self.line, "byte": self.byte, "column": self.column, "reason": reason, "text": text}
        return json.dumps(fields, ensure_ascii=False) + "\n"


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """All that was rejected in one text: by reading it, before reading it, and by the rules of the fields.

    `by_rules` gives the ordinal (from 0) and the reason of each line that the reader accepted, in order;
    `fields_of` the texts of a line's columns; `column_of` the name and position of a field's column.
    """

    text: TextFile
    found: Mapping[int, str]
    set_aside: Mapping[int, WrongLine]
    by_rules: Iterator[tuple[int, Reason]]
    fields_of: Callable[[bytes], Sequence[bytes] | None]
    column_of: Mapping[str, tuple[str | None, int | None]]

    def rejects(self) -> Iterator[Reject]:
        """Every rejected line in the order of the file."""
        with self.text.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            yield from self._walk(content)

    def _walk(self, content: mmap) -> Iterator[Reject]:
        rules, at, ordinal = self.text.grammar, 0, 0
        line = self.text.heading.lines + 1
        blank_is_row = self.text.blank_line_is_row
        next_ordinal, reason = self._next_by_rules()
        wrong_starts = sorted({*self.found, *self.set_aside, self.text.lines_bytes})
        looked_until = 0
        while at < self.text.lines_bytes:
            if at >= looked_until and not blank_is_row:
                next_wrong = wrong_starts[bisect_left(wrong_starts, at)]
                end = rules.end_of_plain_lines(content, at, min(at + WINDOW_BYTES, next_wrong))
                lines = content[at:end].count(b"\n")
                looked_until = max(end, at + 1)
                if lines and (next_ordinal is None or next_ordinal >= ordinal + lines):
                    at, line, ordinal = end, line + lines, ordinal + lines
                    continue
            wrong = self.set_aside.get(at)
            end = at + 1 if content[at : at + 1] == b"\n" else 0
            if wrong or end:
                if wrong:
                    yield self._reject(line, at, wrong.text.removesuffix(b"\n"), wrong.sentence)
                    line, end = line + wrong.lines, wrong.end
                else:
                    line += 1
                ordinal += (end - at) if blank_is_row else 0
                while next_ordinal is not None and next_ordinal < ordinal:
                    next_ordinal, reason = self._next_by_rules()
                at = end
                continue
            end = rules.record(content, at).end
            if at in self.found:
                yield self._reject(line, at, content[at : end - 1], self.found[at])
            else:
                if ordinal == next_ordinal and reason is not None:
                    yield self._reject_by_rule(line, at, content[at : end - 1], reason)
                    next_ordinal, reason = self._next_by_rules()
                ordinal += 1
            line += content[at:end].count(b"\n")
            at = end

    def _next_by_rules(self) -> tuple[int | None, Reason | None]:
        return next(self.by_rules, (None, None))

    def _reject(self, line: int, at: int, text: bytes, sentence: str) -> Reject:
        byte = self.text.heading.text_bytes + at
        return Reject(line=line, byte=byte, column=None, sentence=sentence, value=None, text=text)

    def _reject_by_rule(self, line: int, at: int, text: bytes, reason: Reason) -> Reject:
        column, position = self.column_of.get(reason.field, (None, None))
        fields = self.fields_of(text) if position is not None else None
        value = fields[position].decode("utf-8", "replace") if fields and position is not None else None
        byte = self.text.heading.text_bytes + at
        return Reject(line=line, byte=byte, column=column, sentence=reason.sentence, value=value, text=text)


def write_rejects(rejected: Rejected, path: Path, *, most: int | None) -> dict[str, int]:
    """Write the first `most` rejects, or all; how many lines each reason rejected among them."""
    reasons: Counter[str] = Counter()
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for reject in islice(rejected.rejects(), most):
            reasons[reject.sentence] += 1
            file.write(reject.to_json())
    return reasons
