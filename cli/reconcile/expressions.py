"""The SQL expressions of order formats, each evaluated for one row by a scalar query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from cli.reconcile.heading import position_of
from cli.reconcile.numbers import exact_number
from cli.reconcile.text import UncountableFileError
from lambdas.domain.expressions import Column, Expression, ExpressionError, parse_expression
from lambdas.domain.order_format import Numbers

NUMBER_SQL = "DECIMAL(25,6)"
MOST_DECIMALS, LARGEST = 6, Decimal(10) ** 19


class RowError(Exception):
    """The expression has no value for this row: the line is rejected."""


@dataclass(frozen=True)
class RowExpression:
    """An expression over the fields of a row; `columns` in the order of its parameters."""

    sql: str
    columns: tuple[tuple[int, bool], ...]
    """Position in the row, and whether the column is taken as a number."""
    numbers: Numbers
    connection: duckdb.DuckDBPyConnection

    def value(self, fields: Sequence[str]) -> str | int | Decimal | None:
        """What the expression gives for a row; raises RowError."""
        given = [
            self._number(fields[at]) if is_number else fields[at] or None for at, is_number in self.columns
        ]
        try:
            row = self.connection.execute(self.sql, given).fetchone()
        except duckdb.Error as e:
            raise RowError(str(e)) from e
        value: str | int | Decimal | None = row[0] if row else None
        return value

    def _number(self, text: str) -> str | None:
        if not text.strip():
            return None
        number = exact_number(text, self.numbers, most_decimals=MOST_DECIMALS)
        if number is None or abs(number) >= LARGEST:
            raise RowError(f"{text!r} is not a plain number with at most {MOST_DECIMALS} decimals")
        return f"{number:f}"


def row_expression(
    text: str,
    names: tuple[str, ...],
    *,
    wants_number: bool,
    numbers: Numbers,
    connection: duckdb.DuckDBPyConnection,
) -> RowExpression:
    """The expression over a heading's columns; raises UncountableFileError where it can't be used."""
    try:
        expression = parse_expression(text, wants_number=wants_number, connection=connection)
    except ExpressionError as e:
        raise UncountableFileError(f"it has no column {text!r}, which is no expression either ({e})") from e
    if wants_number:
        _require_exact(expression, connection)
    columns = sorted(expression.columns, key=lambda column: (column.name, column.is_number))
    types = [NUMBER_SQL if column.is_number and wants_number else "VARCHAR" for column in columns]
    parameters = {
        column: f"${n}::{kind}" for n, (column, kind) in enumerate(zip(columns, types, strict=True), 1)
    }
    sql = expression.sql(lambda column: parameters[column])
    return RowExpression(
        sql=f"SELECT {sql}" if wants_number else f"SELECT CAST({sql} AS VARCHAR)",
        columns=tuple((_position(column, names), column.is_number and wants_number) for column in columns),
        numbers=numbers,
        connection=connection,
    )


def _position(column: Column, names: tuple[str, ...]) -> int:
    """Where a column of an expression stands: exactly named, or the only one that differs in case."""
    position = position_of(column.name, names)
    if position is not None:
        return position
    alike = [at for at, name in enumerate(names) if name.lower() == column.name.lower()]
    if len(alike) != 1:
        raise UncountableFileError(f"it has no column {column.name!r}")
    return alike[0]


def _require_exact(expression: Expression, connection: duckdb.DuckDBPyConnection) -> None:
    """An amount or quantity that is computed in floating point isn't exact, and none of these isn't one."""
    nulls = expression.sql(lambda column: f"NULL::{NUMBER_SQL if column.is_number else 'VARCHAR'}")
    try:
        row = connection.execute(f"SELECT typeof({nulls})").fetchone()
    except duckdb.Error as e:
        raise UncountableFileError(f"{expression.text!r} can't be computed ({e})") from e
    kind = str(row[0]) if row else ""
    if not kind.startswith("DECIMAL") and kind not in ("VARCHAR", "INTEGER", "BIGINT", "HUGEINT"):
        raise UncountableFileError(f"{expression.text!r} gives {kind}, which is no exact number")
