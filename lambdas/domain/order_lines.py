"""Order lines in DuckDB: one pass over the text that reads, checks and types every line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lambdas.domain.computed_fields import computed_rule, is_text, raw, require_exact, text_of
from lambdas.domain.database import quoted
from lambdas.domain.date_rule import date_rule
from lambdas.domain.heading import Heading
from lambdas.domain.line_fields import FieldRule, rules_of_texts
from lambdas.domain.order_columns import NUMBER_FIELDS, Source
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.partitions import HashRange

LONGEST_LINE_BYTES = 2_097_152
FIELD_ORDER = ("merchant_id", "order_id", "line_id", "amount", "quantity", "ordered_at", "status", "currency")


@dataclass(frozen=True)
class Reason:
    """Why a line is rejected: the field and a sentence."""

    field: str
    sentence: str


@dataclass(frozen=True)
class LineRules:
    """All rules of one file, in the order in which they are checked."""

    rules: tuple[FieldRule, ...]
    reasons: tuple[Reason, ...]


def rules_for(
    sources: dict[str, Source], order_format: OrderFormat, connection: duckdb.DuckDBPyConnection
) -> LineRules:
    """The rules for the fields that a file has; raises OrderFileError where an expression isn't exact."""
    computed: list[FieldRule] = []
    texts: dict[str, str] = {}
    for field, source in sources.items():
        if field in NUMBER_FIELDS and source.expression:
            require_exact(field, source, connection)
        if field in NUMBER_FIELDS and not is_text(source, connection):
            computed.append(computed_rule(field, source, order_format.numbers, connection))
        else:
            texts[field] = text_of(source, connection)
    rules = rules_of_texts(texts, order_format) + computed
    if "ordered_at" in texts:
        pattern = order_format.dates
        rules.append(
            date_rule(
                texts["ordered_at"],
                pattern=pattern,
                timezone=order_format.timezone,
                pattern_names_zone="%z" in pattern or "%Z" in pattern,
            )
        )
    rules.sort(key=lambda rule: FIELD_ORDER.index(rule.field))
    reasons = tuple(Reason(rule.field, sentence) for rule in rules for _, sentence in rule.checks)
    return LineRules(tuple(rules), reasons)


def read_csv(text: Path, heading: Heading, *, has_quotes: bool) -> str:
    """DuckDB's strict reader over the text: every column as text by position, wrong lines set aside."""
    columns = ", ".join(f"'{raw(i)}': 'VARCHAR'" for i in range(len(heading.names)))
    # Several readers at once misread line ends inside quotes, so only a text without quotes gets them.
    return (
        f"read_csv({quoted(str(text))}, columns={{{columns}}}, auto_detect=false, header=false, "
        f"delim={quoted(heading.delimiter)}, quote='\"', escape='\"', new_line='\\n', encoding='utf-8', "
        f"compression='none', strict_mode=true, store_rejects=true, rejects_table='wrong_lines', "
        f"rejects_scan='wrong_lines_scan', max_line_size={LONGEST_LINE_BYTES}, "
        f"parallel={'false' if has_quotes else 'true'})"
    )


def lines_query(
    source: str, line_rules: LineRules, order_format: OrderFormat, ranges: Sequence[HashRange]
) -> str:
    """The query that gives every line: its fields, its partition and `reason` (0 = accepted, 1, 2, …)."""
    rules = line_rules.rules
    prepared = "".join(f", {rule.prepared} AS fast_{rule.field}" for rule in rules if rule.prepared)
    clean = " AND ".join(f"({rule.clean})" for rule in rules)
    checks = [condition for rule in rules for condition, _ in rule.checks]
    reason = " ".join(f"WHEN {condition} THEN {i + 1}" for i, condition in enumerate(checks))
    read = ", ".join(
        f"CASE WHEN clean THEN {rule.fast} WHEN reason = 0 THEN {rule.value} END AS {rule.field}"
        for rule in rules
    )
    hashed = merchant_hash_sql("merchant_id") if len(ranges) > 1 else "0"
    return f"""
        SELECT * EXCLUDE h, {_partition(ranges)} AS partition
        FROM (SELECT {", ".join(_frame_columns(rules, order_format))}, reason, {hashed} AS h
              FROM (SELECT {read}, reason
                    FROM (SELECT *, (CASE WHEN clean THEN 0 {reason} ELSE 0 END)::UTINYINT AS reason
                          FROM (SELECT *, {clean} AS clean
                                FROM (SELECT *{prepared} FROM {source})))))"""


def _frame_columns(rules: Sequence[FieldRule], order_format: OrderFormat) -> list[str]:
    """The columns of a frame that the format has a use for; readers know what the others would hold."""
    fields = {rule.field for rule in rules}
    status = order_format.status if "status" in fields else None
    columns = ["merchant_id"]
    columns.append("currency" if "currency" in fields else f"{quoted(order_format.currency)} AS currency")
    columns += [field for field in ("order_id", "line_id") if field in fields]
    columns.append(
        f"CASE WHEN {_among(status.refund)} THEN -abs(amount) ELSE amount END AS amount"
        if status
        else "amount"
    )
    columns += ["quantity"] if "quantity" in fields else []
    columns += (
        ["ordered_at.moment AS ordered_at", "ordered_at.month AS month"] if "ordered_at" in fields else []
    )
    columns += [f"{_among(status.ignore)} AS ignored"] if status else []
    return columns


def _among(statuses: Sequence[str]) -> str:
    return f"status IN ({', '.join(quoted(status) for status in statuses)})" if statuses else "false"


def merchant_hash_sql(merchant_id: str) -> str:
    """`merchant_hash` in SQL."""
    return f"('0x' || left(md5({merchant_id}), 8))::UINTEGER"


def _partition(ranges: Sequence[HashRange], first: int = 0) -> str:
    """The number of the range that holds the hash h, found by halving."""
    if len(ranges) == 1:
        return f"{first}::UINTEGER"
    half = len(ranges) // 2
    below, above = _partition(ranges[:half], first), _partition(ranges[half:], first + half)
    return f"CASE WHEN h < {ranges[half].lo} THEN {below} ELSE {above} END"
