"""Where each field of an order line comes from in one file: a column of its heading, or an expression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from lambdas.domain.errors import OrderFileError
from lambdas.domain.expressions import Column, Expression, ExpressionError, parse_expression
from lambdas.domain.heading import listed, position_of, shortened
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
    asking = _Asking(order_format=order_format.name, names=names, key=key)
    return {
        field: _source(field, column, asking, connection)
        for field, column in vars(order_format.columns).items()
        if column is not None
    }


@dataclass(frozen=True, kw_only=True)
class _Asking:
    """Which format wants columns, and the file that it wants them of."""

    order_format: str
    names: Sequence[str]
    key: str

    def wants(self, field: str, source: str) -> str:
        return f"{self.key}: the order format {self.order_format} takes columns.{field} from {source}"

    @property
    def what_to_do(self) -> str:
        return (
            f"The file has: {listed(self.names)}. Correct the file or {self.order_format}.yaml, or upload it "
            "under the prefix of the format that it is made for."
        )


def _source(field: str, column: str, asking: _Asking, connection: duckdb.DuckDBPyConnection) -> Source:
    position = position_of(column, use=f"columns.{field}", names=asking.names, key=asking.key)
    if position is not None:
        return Source(column=column, position=position, positions={column: position})
    try:
        expression = parse_expression(column, wants_number=field in NUMBER_FIELDS, connection=connection)
    except ExpressionError as e:
        raise OrderFileError(
            f"{asking.wants(field, shortened(column))}, which is neither a column of this file nor a usable "
            f"expression ({e}). {asking.what_to_do}"
        ) from e
    positions = {used.name: _position(used.name, column, field, asking) for used in expression.columns}
    return Source(column=column, expression=expression, positions=positions)


def _position(name: str, column: str, field: str, asking: _Asking) -> int:
    names = asking.names
    position = position_of(name, use=f"columns.{field}: {column}", names=names, key=asking.key)
    if position is not None:
        return position
    alike = [other for other in names if other.lower() == name.lower()]
    if len(alike) == 1:
        return names.index(alike[0])
    said = shortened(name) if name == column else f"{shortened(name)} (in {shortened(column)})"
    raise OrderFileError(
        f"{asking.wants(field, said)}, which is not a column of this file. {asking.what_to_do}"
    )
