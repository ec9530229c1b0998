"""Order lines in DuckDB: one pass over the text that reads, checks and types every line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from lambdas.domain.computed_fields import computed_rule, is_text, raw, require_exact, text_of
from lambdas.domain.database import quoted
from lambdas.domain.date_rule import date_rule
from lambdas.domain.line_fields import FieldRule, Guard, rules_of_texts
from lambdas.domain.order_columns import NUMBER_FIELDS, Source
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.partitions import HashRange
from lambdas.domain.text_file import LONGEST_LINE_BYTES, TextFile
from lambdas.domain.typed_fields import typed_rule

SET_ASIDE = "store_rejects=true, rejects_table='wrong_lines', rejects_scan='wrong_lines_scan'"
PASSED_OVER = "ignore_errors=true"
"""What the reader does with lines that are no records of the columns; aside, each takes 1 KB of memory."""
FIELD_ORDER = ("merchant_id", "order_id", "line_id", "amount", "quantity", "ordered_at", "status", "currency")


@dataclass(frozen=True)
class Reason:
    """Why a line is rejected: the field and a sentence."""

    field: str
    sentence: str


@dataclass(frozen=True)
class LineRules:
    """All rules of one file in the order in which they are checked: guards of the line, then its fields."""

    guards: tuple[Guard, ...]
    rules: tuple[FieldRule, ...]

    @property
    def clean(self) -> str:
        """SQL that is true where the line needs no care."""
        clean = [guard.clean for guard in self.guards] + [rule.clean for rule in self.rules]
        return " AND ".join(f"({sql})" for sql in clean)

    @property
    def exact(self) -> str:
        """SQL of the columns that are read again where the line isn't clean."""
        texts = {name: sql for guard in self.guards for name, sql in guard.exact.items()}
        cells = ", ".join(
            f"CASE WHEN clean THEN {name} ELSE {sql} END AS {name}" for name, sql in texts.items()
        )
        return f" REPLACE ({cells})" if cells else ""

    @property
    def checks(self) -> list[tuple[str, Reason]]:
        """SQL that is true where the line is rejected, with the reason, first to last."""
        checks = [
            (sql, Reason(guard.field, sentence)) for guard in self.guards for sql, sentence in guard.checks
        ]
        checks += [
            (sql, Reason(rule.field, sentence)) for rule in self.rules for sql, sentence in rule.checks
        ]
        return checks

    @property
    def reasons(self) -> list[Reason]:
        """The reasons of the checks: number 1 is the first."""
        return [reason for _, reason in self.checks]


def rules_for(
    sources: dict[str, Source],
    guards: Sequence[Guard],
    types: Mapping[int, str],
    order_format: OrderFormat,
    connection: duckdb.DuckDBPyConnection,
) -> LineRules:
    """The rules for the fields that a file has; raises OrderFileError where an expression isn't exact.

    `types` are the SQL types of the columns, by position, that aren't texts.
    """
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
    rules = [typed_rule(rule, sources[rule.field], types, order_format.timezone) for rule in rules]
    rules.sort(key=lambda rule: FIELD_ORDER.index(rule.field))
    return LineRules(tuple(guards), tuple(rules))


def read_csv(text: TextFile, *, wrong_lines: str = SET_ASIDE, parallel: bool = True) -> str:
    """DuckDB's strict reader over the text: every column as text by position, wrong lines set aside."""
    columns = ", ".join(f"'{raw(i)}': 'VARCHAR'" for i in range(len(text.heading.names)))
    quote = '"' if text.grammar.knows_quotes else ""
    # Several readers at once misread line ends inside quotes, so only a text without quotes gets them.
    return (
        f"read_csv({quoted(str(text.path))}, columns={{{columns}}}, auto_detect=false, header=false, "
        f"delim={quoted(text.heading.delimiter)}, quote='{quote}', escape='{quote}', new_line='\\n', "
        f"encoding='utf-8', compression='none', strict_mode=true, {wrong_lines}, "
        f"max_line_size={LONGEST_LINE_BYTES}, "
        f"parallel={'true' if parallel and not text.has_quotes else 'false'})"
    )


def lines_query(
    source: str, line_rules: LineRules, order_format: OrderFormat, ranges: Sequence[HashRange]
) -> str:
    """The query that gives every line: its fields, its partition and `reason` (0 = accepted, 1, 2, …)."""
    rules = line_rules.rules
    prepared = "".join(f", {rule.prepared} AS fast_{rule.field}" for rule in rules if rule.prepared)
    checks = enumerate(line_rules.checks, start=1)
    reason = " ".join(f"WHEN {condition} THEN {number}" for number, (condition, _) in checks)
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
                          FROM (SELECT *{line_rules.exact}
                                FROM (SELECT *, {line_rules.clean} AS clean
                                      FROM (SELECT *{prepared} FROM {source}))))))"""


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


def in_range_sql(merchant_id: str, part: HashRange) -> str:
    """SQL that is true where a merchant belongs to the range."""
    return f"({merchant_hash_sql(merchant_id)} BETWEEN {part.lo} AND {part.hi})"


def _partition(ranges: Sequence[HashRange], first: int = 0) -> str:
    """The number of the range that holds the hash h, found by halving."""
    if len(ranges) == 1:
        return f"{first}::UINTEGER"
    half = len(ranges) // 2
    below, above = _partition(ranges[:half], first), _partition(ranges[half:], first + half)
    return f"CASE WHEN h < {ranges[half].lo} THEN {below} ELSE {above} END"
