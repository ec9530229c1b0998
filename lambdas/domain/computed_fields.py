"""Fields that the order format computes by an expression: exactly, or an error that says how to fix it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import duckdb

from lambdas.domain.errors import OrderFileError
from lambdas.domain.expressions import Column
from lambdas.domain.line_fields import NUMBER, TOO_FINE, FieldRule, blank, number_of
from lambdas.domain.order_columns import Source
from lambdas.domain.order_format import Numbers

# Wide enough for the numbers that an amount is computed from; a product of them has up to 38 digits.
WIDE, WIDE_DECIMALS = "DECIMAL(25,6)", 6
TYPES = {"amount": "DECIMAL(18,4)", "quantity": "BIGINT"}
DECIMALS = {"amount": 4, "quantity": 0}
_INEXACT = {"DOUBLE", "FLOAT"}


def raw(position: int) -> str:
    """The name under which the text of a column of the file is selected."""
    return f"t{position}"


def text_of(source: Source, connection: duckdb.DuckDBPyConnection) -> str:
    """The SQL of a field's text: a column of the file, or an expression made text."""
    if source.expression is None:
        return raw(source.position or 0)
    type_of(source, "VARCHAR", connection)
    return f"TRY(CAST({source.expression.sql(lambda c: raw(source.position_of(c)))} AS VARCHAR))"


def is_text(source: Source, connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the source gives text, which the rules of texts then read; a number is computed otherwise."""
    return source.expression is None or type_of(source, WIDE, connection) == "VARCHAR"


def computed_rule(
    field: str, source: Source, numbers: Numbers, connection: duckdb.DuckDBPyConnection
) -> FieldRule:
    """The rule of an amount or quantity that is computed: exactly what its type holds, or rejected."""
    if source.expression is None:
        raise ValueError(f"{field} is a column of the file, not an expression")
    columns = [raw(source.position_of(column)) for column in source.expression.columns if column.is_number]
    plain = {column: number_of(column, numbers) for column in columns}
    wide = source.expression.sql(_numbers_by(source, lambda column: f"TRY_CAST({plain[column]} AS {WIDE})"))
    value, target = f"TRY({wide})", TYPES[field]
    checks = [check for column in columns for check in _number_checks(field, column, plain[column])]
    fast, gate = _fast(field, source, numbers, columns, connection)
    return FieldRule(
        field=field,
        prepared=f"CASE WHEN {gate} THEN TRY(CAST({fast} AS {target})) END",
        clean=f"fast_{field} IS NOT NULL",
        fast=f"fast_{field}",
        checks=(
            *checks,
            (f"{value} IS NULL", f"The {field} can't be computed from this line."),
            (f"TRY_CAST({value} AS {target}) IS NULL", f"The {field} is too large."),
            (f"{value} <> TRY_CAST({value} AS {target})", TOO_FINE[field]),
        ),
        value=f"TRY_CAST({value} AS {target})",
    )


def type_of(source: Source, number_type: str, connection: duckdb.DuckDBPyConnection) -> str:
    """The SQL type of the expression where its numbers have the given type; raises OrderFileError."""
    if source.expression is None:
        return "VARCHAR"
    sql = source.expression.sql(_nulls(number_type))
    try:
        row = connection.execute(f"SELECT typeof({sql})").fetchone()
    except duckdb.Error as e:
        as_text = " Its columns are texts: write CAST(… AS BIGINT) to compute with one."
        raise OrderFileError(
            f"The expression {source.column!r} of the order format can't be computed: "
            f"{str(e).splitlines()[0].removesuffix('.')}.{as_text if number_type == 'VARCHAR' else ''}"
        ) from e
    return str(row[0]) if row else "NULL"


def require_exact(field: str, source: Source, connection: duckdb.DuckDBPyConnection) -> None:
    """Raise OrderFileError unless the expression of an amount or quantity is of an exact type."""
    kind = type_of(source, WIDE, connection)
    if not _INEXACT.isdisjoint(_types_of_parts(source, connection)):
        raise OrderFileError(
            f"columns.{field} of the order format, {source.column!r}, computes with floating-point "
            "numbers, which are not exact: multiply by 0.01 instead of dividing by 100, and write 0.01 "
            "instead of 1e-2."
        )
    if not kind.startswith("DECIMAL") and kind not in ("VARCHAR", "INTEGER", "BIGINT", "HUGEINT"):
        raise OrderFileError(
            f"columns.{field} of the order format, {source.column!r}, is not a number ({kind})."
        )


def _types_of_parts(source: Source, connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The SQL types of the expression and of everything within it."""
    parts = source.expression.parts(_nulls(WIDE)) if source.expression else []
    types = ", ".join(f"typeof({part})" for part in parts)
    row = connection.execute(f"SELECT {types}").fetchone() if parts else None
    return set(row or ())


def _nulls(number_type: str) -> Callable[[Column], str]:
    return lambda column: f"NULL::{number_type if column.is_number else 'VARCHAR'}"


def _numbers_by(source: Source, number_sql: Callable[[str], str]) -> Callable[[Column], str]:
    def column_sql(column: Column) -> str:
        name = raw(source.position_of(column))
        return number_sql(name) if column.is_number else name

    return column_sql


def _number_checks(field: str, column: str, plain: str) -> list[tuple[str, str]]:
    number = NUMBER % (WIDE_DECIMALS, WIDE_DECIMALS)
    wrong = f"A number that the {field} is computed from is not a plain number with at most 6 decimals."
    large = f"A number that the {field} is computed from is too large."
    given = f"NOT {blank(column)}"
    return [
        (f"{given} AND NOT regexp_full_match({plain}, '{number}')", wrong),
        (f"{given} AND TRY_CAST({plain} AS {WIDE}) IS NULL", large),
    ]


def _fast(
    field: str, source: Source, numbers: Numbers, columns: list[str], connection: duckdb.DuckDBPyConnection
) -> tuple[str, str]:
    """The expression over 18-digit numbers of few decimals, whose result needs no check, and its gate."""
    for decimals in range(4, -1, -1) if numbers.decimal == "." else ():
        number_type = f"DECIMAL(18,{decimals})"
        if source.expression and _scale(type_of(source, number_type, connection)) <= DECIMALS[field]:
            sql = source.expression.sql(_numbers_by(source, partial(_try_cast, number_type=number_type)))
            point = f"([.][0-9]{{1,{decimals}}})?" if decimals else ""
            gates = [f"regexp_full_match({column}, '-?[0-9]{{1,12}}{point}')" for column in columns]
            return sql, " AND ".join(gates) or "true"
    return f"NULL::{TYPES[field]}", "false"


def _try_cast(column: str, *, number_type: str) -> str:
    return f"TRY_CAST({column} AS {number_type})"


def _scale(kind: str) -> int:
    return int(kind.removesuffix(")").rpartition(",")[2]) if kind.startswith("DECIMAL") else 0
