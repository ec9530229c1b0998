"""Fields whose column has a type of its own, as in Parquet: read from the value instead of its text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from lambdas.domain.date_rule import typed_date_rule
from lambdas.domain.line_fields import TOO_FINE, FieldRule
from lambdas.domain.order_columns import Source

WHOLE = {
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "HUGEINT",
}
FLOATS = {"FLOAT", "DOUBLE"}
DATES = {"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"}
WIDEST = "DECIMAL(38,0)"
EXACT_BELOW = "1e11"
"""With 4 decimals these are 15 digits, which a double keeps: only one such number has the double's value."""


def typed(position: int) -> str:
    """The name under which the value of a typed column is selected."""
    return f"v{position}"


def is_number_type(sql_type: str) -> bool:
    """Whether a column of the SQL type holds numbers."""
    return sql_type in WHOLE | FLOATS or sql_type.startswith("DECIMAL")


def reads_value(field: str, sql_type: str) -> bool:
    """Whether the field of a clean line is read from a value of this type, without its text."""
    return (
        (field == "amount" and is_number_type(sql_type))
        or (field == "quantity" and sql_type in WHOLE)
        or (field == "ordered_at" and sql_type in DATES)
    )


def text_of_value(value: str, sql_type: str) -> str:
    """The SQL of a value's text as a CSV file would have it: of a float the shortest, 17 for 17.0."""
    text = f"CAST({value} AS VARCHAR)"
    if sql_type not in FLOATS:
        return text
    whole = f"coalesce(CAST(TRY_CAST({text} AS {WIDEST}) AS VARCHAR), {text})"
    return f"CASE WHEN contains({text}, 'e+') THEN {whole} ELSE regexp_replace({text}, '[.]0$', '') END"


def typed_rule(rule: FieldRule, source: Source, types: Mapping[int, str], timezone: str) -> FieldRule:
    """The rule where its field is a typed column of the file; else, and on unusual values, as it is."""
    sql_type = types.get(source.position, "") if source.position is not None else ""
    value = typed(source.position or 0)
    if rule.field == "ordered_at" and sql_type in DATES:
        return typed_date_rule(value, sql_type=sql_type, timezone=timezone)
    if sql_type in FLOATS and rule.field in TOO_FINE:
        tiny = f"contains(CAST({value} AS VARCHAR), 'e-')"
        rule = replace(rule, checks=((tiny, TOO_FINE[rule.field]), *rule.checks))
    if rule.field == "amount" and is_number_type(sql_type):
        return replace(rule, prepared=_amount(value, sql_type), clean="fast_amount IS NOT NULL")
    if rule.field == "quantity" and sql_type in WHOLE:
        return replace(rule, prepared=f"TRY_CAST({value} AS BIGINT)")
    return rule


def _amount(value: str, sql_type: str) -> str:
    exact = f"TRY_CAST({value} AS DECIMAL(18,4))"
    if sql_type == "DOUBLE":
        same = f"abs({value}) < {EXACT_BELOW} AND CAST({exact} AS DOUBLE) = {value}"
        return f"CASE WHEN {same} THEN {exact} END"
    decimal = re.fullmatch(r"DECIMAL\(\d+,(\d+)\)", sql_type)
    if sql_type in WHOLE or (decimal and int(decimal[1]) <= 4):
        return exact
    return "NULL::DECIMAL(18,4)"
