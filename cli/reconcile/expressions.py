"""The SQL expressions of order formats, each evaluated for one row by a scalar query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from cli.reconcile.columns import Columns
from cli.reconcile.errors import UncountableFileError
from cli.reconcile.numbers import PLAIN, exact_number
from cli.reconcile.rows import Cell, Reject, text_of
from lambdas.domain.expressions import Expression, ExpressionError, parse_expression
from lambdas.domain.order_format import Numbers

NUMBER_SQL = "DECIMAL(25,6)"
MOST_DECIMALS, LARGEST = 6, Decimal(10) ** 19


class RowError(Exception):
    """The expression has no value for this row: the line is rejected."""


@dataclass(frozen=True)
class RowExpression:
    """An expression over the cells of a row; `columns` in the order of its parameters."""

    sql: str
    columns: tuple[tuple[int, bool], ...]
    """Position in the row, and whether the column is taken as a number."""
    numbers: Numbers
    connection: duckdb.DuckDBPyConnection

    def value(self, cells: Sequence[Cell]) -> str | int | Decimal | None:
        """What the expression gives for a row; raises RowError."""
        given = [
            self._number(cells[at]) if is_number else self._text(cells[at]) for at, is_number in self.columns
        ]
        try:
            row = self.connection.execute(self.sql, given).fetchone()
        except duckdb.Error as e:
            raise RowError(str(e)) from e
        value: str | int | Decimal | None = row[0] if row else None
        return value

    def _text(self, cell: Cell) -> str | None:
        if isinstance(cell, Reject):
            raise RowError(cell.reason)
        return text_of(cell) or None

    def _number(self, cell: Cell) -> str | None:
        text = self._text(cell)
        if text is None or not text.strip():
            return None
        numbers = self.numbers if isinstance(cell, str) else PLAIN
        number = exact_number(text, numbers, most_decimals=MOST_DECIMALS)
        if number is None or abs(number) >= LARGEST:
            raise RowError(f"{text!r} is not a plain number with at most {MOST_DECIMALS} decimals")
        return f"{number:f}"


def row_expression(
    text: str,
    columns: Columns,
    *,
    wants_number: bool,
    numbers: Numbers,
    connection: duckdb.DuckDBPyConnection,
) -> RowExpression:
    """The expression over a file's columns; raises UncountableFileError where it can't be used."""
    try:
        expression = parse_expression(text, wants_number=wants_number, connection=connection)
    except ExpressionError as e:
        raise UncountableFileError(f"it has no column {text!r}, which is no expression either ({e})") from e
    if wants_number:
        _require_exact(expression, connection)
    used = sorted(expression.columns, key=lambda column: (column.name, column.is_number))
    types = [NUMBER_SQL if column.is_number and wants_number else "VARCHAR" for column in used]
    parameters = {
        column: f"${n}::{kind}" for n, (column, kind) in enumerate(zip(used, types, strict=True), 1)
    }
    sql = expression.sql(lambda column: parameters[column])
    return RowExpression(
        sql=f"SELECT {sql}" if wants_number else f"SELECT CAST({sql} AS VARCHAR)",
        columns=tuple(
            (columns.find_for_expression(column.name), column.is_number and wants_number) for column in used
        ),
        numbers=numbers,
        connection=connection,
    )


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
