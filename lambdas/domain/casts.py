"""Casts in expressions: those to numbers are exact, or the line is rejected, where SQL would round."""

from __future__ import annotations

from collections.abc import Sequence

NUMBER_TYPES = {"DECIMAL", "NUMERIC", "INTEGER", "INT", "BIGINT"}
CAST_TYPES = NUMBER_TYPES | {"VARCHAR", "TEXT", "DATE", "TIMESTAMP"}
DEFAULT_SCALE = {"DECIMAL": 3, "NUMERIC": 3}
"""The decimals that DuckDB gives a type without sizes."""


def cast_sql(child: str, name: str, sizes: Sequence[str]) -> str:
    """A cast that is NULL where there is no such value, and fails where it would change a number."""
    target = f"{name}({', '.join(sizes)})" if sizes else name
    text, value = f"CAST({child} AS VARCHAR)", f"TRY_CAST({child} AS {target})"
    if name not in NUMBER_TYPES:
        return value
    scale = int(sizes[1]) if len(sizes) > 1 else 0 if sizes else DEFAULT_SCALE.get(name, 0)
    finer = rf"[.]([0-9]*_|[0-9]{{{scale}}}[0-9]*[1-9])[0-9_]*|[.]?[0-9]*[eE][+-]?[0-9]+"
    changed = (
        rf"regexp_full_match({text}, '\s*[+-]?[0-9_]*({finer})\s*') OR "
        rf"({value} IS NULL AND regexp_full_match({text}, '\s*[+-]?[0-9]+([.][0-9]*)?\s*'))"
    )
    # TRY forbids error(); a text that is no number fails as well.
    return f"CASE WHEN {changed} THEN CAST('inexact: ' || {text} AS {target}) ELSE {value} END"
