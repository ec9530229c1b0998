"""Expressions of texts: those of amounts and quantities are proven exact by the parser itself."""

from __future__ import annotations

from collections.abc import Callable, Collection

import duckdb

from lambdas.domain.errors import OrderFormatError
from lambdas.domain.expressions import ExpressionError, parse_expression
from lambdas.domain.order_columns import NUMBER_FIELDS
from lambdas.domain.order_format import OrderFormat

INEXACT = {"DOUBLE", "FLOAT"}


def require_exact_texts(
    order_format: OrderFormat,
    names_of_file: Callable[[], Collection[str]],
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Raise OrderFormatError where a text is computed with floating-point numbers.

    A text such as `net / gross` may be the name of a column as well, so the file is asked then.
    """
    for field, text in vars(order_format.columns).items():
        if text is None or field in NUMBER_FIELDS or not _computes_inexactly(text, connection):
            continue
        if text not in names_of_file():
            raise OrderFormatError(
                f"{order_format.name}.yaml: columns.{field}: {text!r} computes with floating-point numbers, "
                "which are not exact: multiply by 0.01 instead of dividing by 100, and write 0.01 instead of "
                "1e-2."
            )


def _computes_inexactly(text: str, connection: duckdb.DuckDBPyConnection) -> bool:
    try:
        expression = parse_expression(text, wants_number=False, connection=connection)
        parts = expression.parts(lambda column: "NULL::VARCHAR")  # noqa: ARG005  of whatever column
        types = ", ".join(f"typeof({part})" for part in parts)
        row = connection.execute(f"SELECT {types}").fetchone() if parts else None
    except (ExpressionError, duckdb.Error):
        return False  # the parser says what is wrong with it
    return not INEXACT.isdisjoint(row or ())
