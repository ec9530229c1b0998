"""The columns of an order file, and those that an order format may mean."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from cli.reconcile.errors import UncountableFileError
from lambdas.domain.expressions import ExpressionError, parse_expression
from lambdas.domain.order_format import OrderFormat


@dataclass(frozen=True)
class Columns:
    """The names of a file's columns; an expression may write one in another case unless `exact`."""

    names: tuple[str, ...]
    exact: bool = False

    def find(self, name: str) -> int | None:
        """Where the column stands, None if there is none; raises UncountableFileError if there are two."""
        if self.names.count(name) > 1:
            raise UncountableFileError(f"it has the column {name!r} {self.names.count(name)} times")
        return self.names.index(name) if name in self.names else None

    def find_for_expression(self, name: str) -> int:
        """Where the column of an expression stands: exactly named, or the only one that differs in case."""
        position = self.find(name)
        if position is not None:
            return position
        alike = [at for at, other in enumerate(self.names) if other.lower() == name.lower()]
        if self.exact or len(alike) != 1:
            raise UncountableFileError(f"it has no column {name!r}")
        return alike[0]


def named_columns(order_format: OrderFormat, connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """What the format may mean by a column: each of its texts, and each column of its expressions."""
    texts = {text for text in vars(order_format.columns).values() if text is not None}
    found = set(texts)
    for text in texts:
        try:
            expression = parse_expression(text, wants_number=False, connection=connection)
        except ExpressionError:
            continue
        found |= {column.name for column in expression.columns}
    return frozenset(found)
