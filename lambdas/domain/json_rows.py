"""The rows of JSON Lines: an object on each line, its values as texts, exactly or rejected."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import duckdb

from lambdas.domain.csv_records import LineGrammar
from lambdas.domain.database import quoted
from lambdas.domain.errors import OrderFileError
from lambdas.domain.expressions import ExpressionError, parse_expression
from lambdas.domain.heading import Heading
from lambdas.domain.json_cells import NOT_JSON, line_guard, pointer_of, value_guard, values_of
from lambdas.domain.line_fields import Guard
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.order_rows import RejectsFile, Sources
from lambdas.domain.reading import passing_reader, reader
from lambdas.domain.text_rows import TextRows

DELIMITER = "\x01"
"""Between the columns of JSON Lines, of which there is one: no JSON holds this character as it is."""
HEADING = Heading(names=("line",), delimiter=DELIMITER, text_bytes=0, lines=0)
MOST_DECIMALS = {"amount": 4, "quantity": 0}
NAMES_IN_BYTES = 1 << 20
"""How much of a file is looked at for the names of its columns; those that appear later are asked for."""


def line_grammar(delimiter: str) -> LineGrammar:  # noqa: ARG001  the CSV grammar goes by it
    """The grammar of JSON Lines."""
    return LineGrammar()


@dataclass(kw_only=True)
class JsonRows(TextRows):
    """The rows of JSON Lines; `is_array`: each line is an element of one array, which has to be whole."""

    keys: tuple[str, ...] = field(default=())
    decimal: str = "."
    is_array: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of the objects, as far as they are known or used."""
        return self.keys

    def guards(self, sources: Sources) -> tuple[Guard, ...]:
        """The line is an object, and no used value is nested or lost its digits."""
        return (
            line_guard(),
            *(
                value_guard(
                    field,
                    position,
                    self.keys[position],
                    decimal=self.decimal,
                    most_decimals=MOST_DECIMALS.get(field) if source.expression is None else None,
                    is_proven=source.expression is None and field in MOST_DECIMALS,
                )
                for field, source in sources.items()
                for position in sorted(source.positions.values())
            ),
        )

    def from_sql(self, sources: Sources) -> str:
        """The values of the used keys as texts, of which a number may have lost digits."""
        used = sorted({position for source in sources.values() for position in source.positions.values()})
        return values_of(reader(self.text), {position: self.keys[position] for position in used})

    def write_rejects(self, rejects: RejectsFile) -> dict[str, int]:
        """Write the first rejects; an array that is broken within an element is broken as a whole."""
        counts = super().write_rejects(rejects)
        if self.is_array and NOT_JSON in counts:
            raise OrderFileError(
                f"{self.key}: an element of its array is not valid JSON ({counts[NOT_JSON]:,} are not), so "
                "nothing after it can be trusted: deliver the file again."
            )
        return counts

    def fields_of(self, record: bytes) -> Sequence[bytes] | None:
        """The values of an object as texts, None where the line is none."""
        found = _parsed(record)
        return [_shown(_value_at(found, key)) for key in self.keys] if isinstance(found, dict) else None


def keys_of(
    rows: JsonRows, order_format: OrderFormat, start: bytes | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys at the start of the file, then those that the format asks for; and which of them are absent.

    `start` is that of the whole file where the rows are a split: then all keys that are asked for are taken
    for keys, because another split may have them. Else only those that are there.
    """
    begin = rows.text.start(NAMES_IN_BYTES) if start is None else start[:NAMES_IN_BYTES]
    known = dict.fromkeys(_keys_in(begin))
    asked = [name for name in _asked_for(order_format, known, rows.connection) if name not in known]
    absent = [name for name in dict.fromkeys(asked) if rows.text.lines and not _occurs(name, rows)]
    kept = [name for name in asked if start is not None or name not in absent]
    return tuple(dict.fromkeys([*known, *kept])), tuple(absent)


def _keys_in(start: bytes) -> Iterator[str]:
    for line in start.split(b"\n"):
        found = _parsed(line)
        if isinstance(found, dict):
            yield from found


def _parsed(line: bytes) -> object:
    """The line's value, None where it is none that Python can hold; of a key that stands twice the first."""
    try:
        return json.loads(line, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    except (ValueError, RecursionError):
        return None


def _asked_for(
    order_format: OrderFormat, known: dict[str, None], connection: duckdb.DuckDBPyConnection
) -> Iterator[str]:
    """The keys that the format uses: as they are, by paths, or in expressions."""
    for column in vars(order_format.columns).values():
        if column is None or column in known:
            continue
        try:
            expression = parse_expression(column, wants_number=False, connection=connection)
        except ExpressionError:
            yield column
            continue
        yield from sorted({used.name for used in expression.columns})


def _occurs(name: str, rows: JsonRows) -> bool:
    occurs = f"json_valid(t0) AND json_exists(t0, {quoted(pointer_of(name))})"
    found = rows.connection.execute(
        f"SELECT 1 FROM {passing_reader(rows.text)} WHERE {occurs} LIMIT 1"
    ).fetchone()
    return found is not None


def _value_at(found: object, key: str) -> object:
    for step in pointer_of(key).split("/")[1:]:
        if not isinstance(found, dict):
            return None
        found = found.get(step.replace("~1", "/").replace("~0", "~"))
    return found


def _shown(value: object) -> bytes:
    if value is None:
        return b""
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).encode(
        "utf-8", "replace"
    )
