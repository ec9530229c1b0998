"""Reading: DuckDB's pass over the text of an order file, a second one where the first misread a line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from mmap import ACCESS_READ, mmap

import duckdb

from lambdas.domain.computed_fields import raw
from lambdas.domain.database import quoted
from lambdas.domain.errors import OrderFileError
from lambdas.domain.order_lines import PASSED_OVER, read_csv
from lambdas.domain.text_file import TextFile
from lambdas.domain.wrong_lines import (
    MOST_SURPLUS_COLUMNS,
    MOST_WRONG_LINES,
    TOO_MANY,
    WrongLine,
    count_records,
    found_by_reader,
    is_misread,
    outside,
    set_aside,
    too_many_wrong,
)


def reader(text: TextFile) -> str:
    """The table function that reads the text."""
    return read_csv(text)


def passing_reader(text: TextFile) -> str:
    """The table function that reads the text and passes over the lines that are wrong."""
    return read_csv(text, wrong_lines=PASSED_OVER)


@dataclass(frozen=True)
class Reading:
    """A text and the query over it that gives its lines."""

    text: TextFile
    query: str
    connection: duckdb.DuckDBPyConnection

    def read(self, key: str) -> tuple[dict[int, str], dict[int, WrongLine]]:
        """Fill the table `lines`; what the reader found wrong, and what had to be set aside before it."""
        found = self._first(key)
        if not is_misread(found, self.text) and not self._may_have_surplus(found):
            return self._without_end_mark(found), {}
        aside = set_aside(self.text, key)
        # Several readers at once take the places of what was set aside for lines of their own.
        serial = self.query.replace(reader(self.text), read_csv(self.text, parallel=False))
        found = outside(aside, replace(self, query=serial)._once())
        if is_misread(found, self.text):
            raise OrderFileError(
                f"{key}: its lines can't be made sense of: their quotes don't pair up, or 2 MB of blank "
                "lines follow each other."
            )
        return self._without_end_mark(found), aside

    def _first(self, key: str) -> dict[int, str]:
        """The first pass; nothing is found in a text that is misread for sure."""
        if self.text.has_long_lines:
            return {}
        try:
            return self._first_pass(key)
        except duckdb.OutOfMemoryException:
            if not self.text.has_quotes:
                raise
            return {}  # a quote that is not closed makes a line that no memory holds

    def _first_pass(self, key: str) -> dict[int, str]:
        """A pass that sets no more aside than there is memory for: 1 KB for each line and surplus column.

        The text is read first by a reader that passes over what is wrong. Where line ends alone end records,
        and as many lines were read as there are, nothing was: that's the whole reading.
        """
        text = self.text
        lines = text.lines + (text.blank_lines if text.blank_line_is_row else 0)
        source = f"SELECT 1 FROM {passing_reader(text)}"
        if text.lines_are_records:
            source = self.query.replace(reader(text), passing_reader(text))
        self.connection.execute("DROP TABLE IF EXISTS lines")
        self.connection.execute(f"CREATE TEMP TABLE lines AS {source}")
        read = self._count("SELECT count(*) FROM lines")
        if text.lines_are_records and read == lines:
            return {text.lines_bytes: TOO_MANY}
        if not text.lines_are_records and lines - read > MOST_WRONG_LINES:
            lines = count_records(text)
        if lines - read > MOST_WRONG_LINES:
            raise too_many_wrong(key)
        if read < lines and self._surplus_columns(read) > MOST_SURPLUS_COLUMNS:
            return {}
        return self._once()

    def _surplus_columns(self, read: int) -> int:
        """At most how many columns too many all lines together have that the first pass didn't read."""
        surplus = self.text.count_delimiters() - (len(self.text.heading.names) - 1) * read
        if surplus > MOST_SURPLUS_COLUMNS and self.text.has_quotes:  # where delimiters may be anywhere
            surplus -= self._delimiters_in_values()
        return surplus

    def _once(self) -> dict[int, str]:
        for table in ("lines", "wrong_lines", "wrong_lines_scan"):
            self.connection.execute(f"DROP TABLE IF EXISTS {table}")
        self.connection.execute(f"CREATE TEMP TABLE lines AS {self.query}")
        return found_by_reader(self.text, self.connection)

    def _may_have_surplus(self, found: dict[int, str]) -> bool:
        """Whether a line may end in blank columns that the heading doesn't have, which DuckDB lets pass.

        No line does if all delimiters are accounted for: those between the columns of the lines that it
        read, those in the lines that it found wrong, and those in quotes.
        """
        if not self.text.has_blank_ends:
            return False
        between = (len(self.text.heading.names) - 1) * self._count("SELECT count(*) FROM lines")
        left = self.text.count_delimiters() - between - self._delimiters_in(found)
        return left != 0 and (not self.text.has_quotes or left != self._delimiters_in_values())

    def _delimiters_in(self, found: dict[int, str]) -> int:
        rules, mark = self.text.grammar, self.text.heading.delimiter.encode()
        with self.text.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            ends = ((start, rules.record(content, start).end) for start in self._without_end_mark(found))
            return sum(content[start:end].count(mark) for start, end in ends)

    def _delimiters_in_values(self) -> int:
        mark, columns = quoted(self.text.heading.delimiter), range(len(self.text.heading.names))
        counts = (f"coalesce(length({raw(i)}) - length(replace({raw(i)}, {mark}, '')), 0)" for i in columns)
        return self._count(
            f"SELECT coalesce(sum({' + '.join(counts)}), 0)::BIGINT FROM {passing_reader(self.text)}"
        )

    def _count(self, query: str) -> int:
        row = self.connection.execute(query).fetchone()
        return int(row[0]) if row else 0

    def _without_end_mark(self, found: dict[int, str]) -> dict[int, str]:
        return {start: sentence for start, sentence in found.items() if start != self.text.lines_bytes}
