"""Where each field of an order line comes from in one file: a column of its heading, or an expression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from lambdas.domain.errors import OrderFileError
from lambdas.domain.expressions import Column, Expression, ExpressionError, parse_expression
from lambdas.domain.heading import listed, position_of
from lambdas.domain.order_format import OrderFormat

NUMBER_FIELDS = ("amount", "quantity")


@dataclass(frozen=True, kw_only=True)
class Source:
    """One field's source: `column` as the format has it; a position in the heading, or an expression."""

    column: str
    position: int | None = None
    expression: Expression | None = None
    positions: Mapping[str, int]

    def position_of(self, column: Column) -> int:
        """Where a column of the expression stands in the heading."""
        return self.positions[column.name]


def find_sources(
    order_format: OrderFormat, names: Sequence[str], key: str, connection: duckdb.DuckDBPyConnection
) -> dict[str, Source]:
    """The source of every field that the format uses; raises OrderFileError naming what is missing."""
    return {
        field: _source(field, column, names, key, connection)
        for field, column in vars(order_format.columns).items()
        if column is not None
    }


def _source(
    field: str, column: str, names: Sequence[str], key: str, connection: duckdb.DuckDBPyConnection
) -> Source:
    use = f"columns.{field}"
    position = position_of(column, use=use, names=names, key=key)
    if position is not None:
        return Source(column=column, position=position, positions={column: position})
    try:
        expression = parse_expression(column, wants_number=field in NUMBER_FIELDS, connection=connection)
    except ExpressionError as e:
        raise OrderFileError(
            f"{key}: the order format takes {use} from {column!r}, which is neither a column of this file "
            f"nor a usable expression ({e}). The file has: {listed(names)}."
        ) from e
    positions = {used.name: _position(used.name, column, use, names, key) for used in expression.columns}
    return Source(column=column, expression=expression, positions=positions)


def _position(name: str, column: str, use: str, names: Sequence[str], key: str) -> int:
    position = position_of(name, use=f"{use}: {column}", names=names, key=key)
    if position is not None:
        return position
    alike = [other for other in names if other.lower() == name.lower()]
    if len(alike) == 1:
        return names.index(alike[0])
    said = f"{column!r}" if name == column else f"{name!r} (in {column!r})"
    raise OrderFileError(
        f"{key}: the order format takes {use} from {said}, which is not a column of this file. "
        f"The file has: {listed(names)}."
    )
