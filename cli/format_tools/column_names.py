"""Columns by their names: in expressions of a draft, and in its comments."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from cli.format_tools.column_look import ColumnLook
from cli.format_tools.yaml_text import scalar
from lambdas.domain.database import identifier


def in_expression(name: str, connection: duckdb.DuckDBPyConnection) -> str:
    """A column's name in an expression, in quotes where it needs them."""
    row = connection.execute(
        "SELECT regexp_full_match(?, '[A-Za-z_][A-Za-z0-9_]*') AND lower(?) NOT IN "
        "(SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved')",
        [name, name],
    ).fetchone()
    return name if row and row[0] else identifier(name)


def listed(looks: Iterable[ColumnLook]) -> str:
    """The names of columns one after the other, each as YAML has it."""
    return ", ".join(scalar(look.name) for look in looks)
