"""A sample of a CSV file: the delimiter that its lines agree on, its heading, its first rows."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cli.errors import CommandError
from cli.format_tools.heading_row import has_heading
from cli.format_tools.sample import Sample, SampleColumn
from cli.format_tools.sample_text import SampleText
from lambdas.domain.csv_records import grammar

DELIMITERS = ("\t", "|", ";", ",", "\x1f", "^", "~", ":")
"""Where two fit equally well, the one that stands less often inside of values comes first."""
RECORDS_FOR_DELIMITER = 500
SHARE_THAT_AGREES = 0.9
LINES_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Records:
    """The records of a text by one delimiter, each with its fields: none where its quotes don't pair up."""

    delimiter: str
    rows: list[list[str]]
    columns: int
    end: int

    @property
    def agreeing(self) -> float:
        """The share of the records that have as many columns as most have."""
        return sum(len(row) == self.columns for row in self.rows) / len(self.rows)

    @property
    def first_agrees(self) -> bool:
        """Whether the first record, perhaps the heading, has as many columns as most have."""
        return len(self.rows[0]) == self.columns


def csv_sample(text: SampleText, *, key: str, whole: bool) -> Sample:
    """The sample of a CSV text; raises CommandError where no delimiter makes columns of its lines."""
    content = text.text.encode("utf-8", "surrogateescape")
    if not whole and b"\n" in content:
        content = content[: content.rindex(b"\n") + 1]
    records = _records(content, _delimiter(content, key), None, whole=whole)
    rows = records.rows
    if not records.first_agrees:
        raise CommandError(
            f"The first line of {key} has {len(rows[0])} columns and most others have {records.columns}: "
            f"{_shown(content)}. A file begins with its heading or its first order line; take what stands "
            "before it away."
        )
    agreeing = [row for row in rows if len(row) == records.columns]
    header = has_heading(agreeing)
    names = agreeing[0] if header else _numbered(agreeing)
    lines = agreeing[1:] if header else agreeing
    counts = Counter(names)
    return Sample(
        kind="csv",
        key=key,
        content=text.encoded(content[: records.end].decode("utf-8", "surrogateescape")),
        whole=whole,
        columns=tuple(
            SampleColumn(name=name, cells=[row[at] for row in lines], repeated=counts[name] > 1)
            for at, name in enumerate(names)
        ),
        rows=len(lines),
        odd_rows=len(rows) - len(agreeing),
        header=header,
        delimiter=records.delimiter,
        encoding=None if text.has_mark else text.encoding,
        wrong_bytes=text.wrong_bytes,
    )


def _delimiter(content: bytes, key: str) -> str:
    readings = [_records(content, mark, RECORDS_FOR_DELIMITER, whole=True) for mark in DELIMITERS]
    fitting = [one for one in readings if one.rows and one.columns > 1]
    if not fitting:
        raise CommandError(
            f"{key} has no two columns: no delimiter of , ; tab | stands in most of its lines, which begin "
            f"{_shown(content)}."
        )
    return max(
        fitting,
        key=lambda one: (
            one.first_agrees and one.agreeing >= SHARE_THAT_AGREES,
            one.agreeing >= SHARE_THAT_AGREES,
            one.columns,
        ),
    ).delimiter


def _records(content: bytes, delimiter: str, most: int | None, *, whole: bool) -> Records:
    rules, rows, start, end = grammar(delimiter), [], 0, 0
    for record in itertools.islice(rules.records(content), most):
        start, end = record.start, record.end
        fields = rules.fields(content[start:end].removesuffix(b"\n")) or []
        rows.append([field.decode("utf-8", "replace") for field in fields])
    if not whole and len(rows) > 1:  # its last record may go on behind the sample
        rows.pop()
        end = start
    widths = Counter(len(row) for row in rows if row)
    columns = max(widths, key=lambda width: (widths[width], width), default=0)
    return Records(delimiter=delimiter, rows=rows, columns=columns, end=end)


def _numbered(rows: Sequence[Sequence[str]]) -> list[str]:
    """Names for the columns of a file without a heading; a blank last column of all lines isn't one."""
    width = len(rows[0])
    blank_end = width > 2 and all(row[-1] == "" for row in rows)
    return [f"column{at + 1}" for at in range(width - blank_end)]


def _shown(content: bytes) -> str:
    lines = content.decode("utf-8", "replace").split("\n", LINES_SHOWN)[:LINES_SHOWN]
    return ", ".join(repr(line[:60]) for line in lines if line)
