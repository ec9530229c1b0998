"""The rows of an order file, whatever its kind: what DuckDB reads, and how the rejected ones are found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import duckdb

from lambdas.domain.line_fields import Guard
from lambdas.domain.order_columns import Source
from lambdas.domain.order_lines import LineRules

LISTED_REJECTS = 100_000
"""How many rejected lines the rejects file names; the reasons of all of them are counted."""

Sources = Mapping[str, Source]
"""The source of each field that the order format uses."""


@dataclass(frozen=True, kw_only=True)
class RejectsFile:
    """Where the rejected lines go, and the rules and sources that their reasons come from."""

    path: Path
    rules: LineRules
    sources: Sources

    def column_of(self) -> dict[str, tuple[str | None, int | None]]:
        """The name and the position of the column that a field is read from."""
        return {field: (source.column, source.position) for field, source in self.sources.items()}


class OrderRows(Protocol):
    """The rows of one file in the scratch folder; columns go by their position in `names`."""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the file."""

    @property
    def types(self) -> Mapping[int, str]:
        """The SQL types of the columns that aren't texts."""

    @property
    def detected(self) -> dict[str, str]:
        """What was found out about the file."""

    @property
    def absent(self) -> tuple[str, ...]:
        """Columns that the format uses and no row of this split has, though another split may."""

    @property
    def path(self) -> Path:
        """The file on disk that holds the rows."""

    def guards(self, sources: Sources) -> tuple[Guard, ...]:
        """What must hold of a row besides the rules of its fields."""

    def from_sql(self, sources: Sources) -> str:
        """What to select from: the texts of the used columns as t0, t1, …, typed values as v0, v1, …"""

    def load(self, query: str) -> None:
        """Fill the table `lines` by the query; raises OrderFileError where the file can't be read."""

    def write_rejects(self, rejects: RejectsFile) -> dict[str, int]:
        """Write the rejected lines; how many each reason rejected, the most frequent first."""

    def prove(self, *, accepted: int, rejected: int) -> None:
        """Raise OrderFileError unless every row is accepted or rejected."""


def counts_by_rules(rules: LineRules, connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many lines of the table `lines` each rule rejected, by its sentence."""
    rows = connection.execute("SELECT reason, count(*) FROM lines WHERE reason > 0 GROUP BY ALL").fetchall()
    reasons, counts = rules.reasons, dict[str, int]()
    for number, lines in rows:
        sentence = reasons[number - 1].sentence
        counts[sentence] = counts.get(sentence, 0) + lines
    return counts


def most_frequent_first(counts: Mapping[str, int]) -> dict[str, int]:
    """The counts in the order in which people want to see them."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
