"""The rows of a text: read by DuckDB's CSV reader, proven against the text, rejects found in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from lambdas.domain.computed_fields import raw
from lambdas.domain.conservation import blank_rows, require_all_lines, require_listed
from lambdas.domain.csv_records import CsvGrammar
from lambdas.domain.errors import OrderFileError
from lambdas.domain.line_fields import Guard
from lambdas.domain.order_lines import LineRules, Reason
from lambdas.domain.order_rows import (
    LISTED_REJECTS,
    RejectsFile,
    Sources,
    counts_by_rules,
    most_frequent_first,
)
from lambdas.domain.reading import Reading, reader
from lambdas.domain.rejects import Rejected, write_rejects
from lambdas.domain.text_file import TextFile
from lambdas.domain.wrong_lines import TOO_MANY, WrongLine


@dataclass(kw_only=True)
class TextRows:
    """The rows of a CSV text; `found` and `aside` are what reading it found wrong, once it is loaded."""

    key: str
    text: TextFile
    connection: duckdb.DuckDBPyConnection
    detected: dict[str, str]
    types: Mapping[int, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    found: dict[int, str] = field(default_factory=dict)
    aside: dict[int, WrongLine] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The text on disk."""
        return self.text.path

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the heading."""
        return self.text.heading.names

    def guards(self, sources: Sources) -> tuple[Guard, ...]:  # noqa: ARG002  other kinds of rows need them
        """Where every line ends in a delimiter, nothing may stand after it."""
        if not self.text.heading.blank_end:
            return ()
        last = raw(len(self.names) - 1)
        return (Guard(clean=f"{last} IS NULL", checks=((f"{last} IS NOT NULL", TOO_MANY),)),)

    def from_sql(self, sources: Sources) -> str:  # noqa: ARG002  other kinds of rows need them
        """The reader over the text."""
        return reader(self.text)

    def load(self, query: str) -> None:
        """Fill the table `lines`, by a second pass where the first misread a line."""
        try:
            self.found, self.aside = Reading(self.text, query, self.connection).read(self.key)
        except duckdb.OutOfMemoryException as e:
            raise OrderFileError(
                f"{self.key}: its lines take more memory than there is ({str(e).splitlines()[0]}): deliver "
                "shorter lines, or fewer columns."
            ) from e

    def write_rejects(self, rejects: RejectsFile) -> dict[str, int]:
        """Write the first rejects; how many lines each reason rejected in all."""
        counts = Counter(counts_by_rules(rejects.rules, self.connection))
        blank = blank_rows(self.text, self.aside)
        total = counts.total() + len(self.found) + len(self.aside) - blank
        if not total:
            rejects.path.write_bytes(b"")
            return {}
        # Blank lines that are rows are told from rejected ones by going through the text only.
        most = LISTED_REJECTS if blank == 0 else None
        rejected = Rejected(
            text=self.text,
            found=self.found,
            set_aside=self.aside,
            by_rules=self._by_rules(rejects.rules, most),
            fields_of=self.fields_of,
            column_of=rejects.column_of(),
        )
        listed = write_rejects(rejected, rejects.path, most=most)
        require_listed(rejected=min(total, most or total), listed=sum(listed.values()), key=self.key)
        if most is None:
            return most_frequent_first(listed)
        counts.update(self.found.values())
        counts.update(wrong.sentence for wrong in self.aside.values())
        return most_frequent_first(counts)

    def prove(self, *, accepted: int, rejected: int) -> None:
        """Raise OrderFileError unless every line of a text without quotes is accepted or rejected."""
        require_all_lines(self.text, accepted=accepted, rejected=rejected, key=self.key)

    def fields_of(self, record: bytes) -> Sequence[bytes] | None:
        """The columns of a record, None where its quoting is broken."""
        grammar = self.text.grammar
        return grammar.fields(record) if isinstance(grammar, CsvGrammar) else None

    def _by_rules(self, rules: LineRules, most: int | None) -> Iterator[tuple[int, Reason]]:
        limit = "" if most is None else f"LIMIT {most}"
        reasons = rules.reasons
        rows = self.connection.execute(
            f"SELECT rowid, reason FROM lines WHERE reason > 0 ORDER BY rowid {limit}"
        )
        while batch := rows.fetchmany(4096):
            yield from ((ordinal, reasons[number - 1]) for ordinal, number in batch)
