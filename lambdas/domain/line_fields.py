"""The rules of each field of an order line as SQL: what is right, what is rejected and with which words.

A field of a line is read in one of two ways. `clean` is a cheap test that proves a value needs no care, and
`fast` then reads it. On all other lines the `checks` decide, first to last; `value` reads what they leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lambdas.domain.database import quoted
from lambdas.domain.numbers import hints, plain_number
from lambdas.domain.order_format import Numbers, OrderFormat, StatusRules

LONGEST_ID_BYTES = 256
WHITE_SPACE = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
WHITE_SPACE_SQL = " || ".join(f"chr({ord(character)})" for character in WHITE_SPACE)
VISIBLE = "BETWEEN '!' AND '~'"
"""True of a text whose first character is visible ASCII, but for some that begin with a tilde."""
NUMBER = r"[+-]?([0-9]+([.][0-9]{0,%d}0*)?|[.][0-9]{1,%d}0*)"
TOO_FINE = {
    "amount": "The amount has more than 4 decimals.",
    "quantity": "The quantity is not a whole number.",
}
ANY_NUMBER = r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)"


@dataclass(frozen=True, kw_only=True)
class FieldRule:
    """How one field is read; `checks` are (SQL that is true where the line is rejected, reason)."""

    field: str
    clean: str
    fast: str
    checks: tuple[tuple[str, str], ...]
    value: str
    prepared: str | None = None


@dataclass(frozen=True, kw_only=True)
class Guard:
    """What must hold of a line before its fields are read, or of the value behind one field.

    `exact`: the texts by name, with the SQL that reads them where the line isn't clean; a clean one has them
    in the cheapest way, or not at all.
    """

    clean: str
    checks: tuple[tuple[str, str], ...]
    exact: Mapping[str, str] = field(default_factory=dict)
    field: str = ""


def trimmed(text: str) -> str:
    """The text without white space around it, as Python's str.strip leaves it."""
    return f"trim({text}, {WHITE_SPACE_SQL})"


def blank(text: str) -> str:
    """True where the text is missing or nothing but white space."""
    return f"(coalesce({trimmed(text)}, '') = '')"


def merchant_rule(text: str) -> FieldRule:
    """A merchant id: trimmed, not blank, at most 256 bytes."""
    return FieldRule(
        field="merchant_id",
        clean=f"{text} {VISIBLE} AND ({text})[-1] {VISIBLE} AND strlen({text}) <= {LONGEST_ID_BYTES}",
        fast=text,
        checks=(
            (blank(text), "The merchant is blank."),
            (f"strlen({trimmed(text)}) > {LONGEST_ID_BYTES}", "The merchant id is longer than 256 bytes."),
        ),
        value=trimmed(text),
    )


def id_rule(field: str, text: str) -> FieldRule:
    """An order or line id: as it is, NULL where blank, at most 256 bytes."""
    said = {"order_id": "order id", "line_id": "line id"}[field]
    return FieldRule(
        field=field,
        clean=f"{text} {VISIBLE} AND strlen({text}) <= {LONGEST_ID_BYTES}",
        fast=text,
        checks=((f"strlen({text}) > {LONGEST_ID_BYTES}", f"The {said} is longer than 256 bytes."),),
        value=f"CASE WHEN NOT {blank(text)} THEN {text} END",
    )


def amount_rule(text: str, numbers: Numbers) -> FieldRule:
    """An amount as text: a plain number with at most 4 decimals that DECIMAL(18,4) holds.

    A clean one has up to 15 digits, so a number of JSON, which went through a double, is the one written.
    """
    plain = number_of(text, numbers)
    return FieldRule(
        field="amount",
        prepared=f"CASE WHEN regexp_full_match({text}, '-?[0-9]{{1,11}}([.][0-9]{{1,4}})?') "
        f"THEN TRY_CAST({text} AS DECIMAL(18,4)) END",
        clean="fast_amount IS NOT NULL" if numbers.decimal == "." else "false",
        fast="fast_amount",
        checks=(
            (blank(text), "The amount is blank."),
            *_not_a_number("amount", text, numbers, f"NOT regexp_full_match({plain}, '{ANY_NUMBER}')"),
            (f"NOT regexp_full_match({plain}, '{ANY_NUMBER}')", "The amount is not a plain number."),
            (f"NOT regexp_full_match({plain}, '{NUMBER % (4, 4)}')", TOO_FINE["amount"]),
            (f"TRY_CAST({plain} AS DECIMAL(18,4)) IS NULL", "The amount is too large."),
        ),
        value=f"TRY_CAST({plain} AS DECIMAL(18,4))",
    )


def quantity_rule(text: str, numbers: Numbers) -> FieldRule:
    """A quantity as text: a whole number of 64 bits, also written with decimals that are 0."""
    plain = number_of(text, numbers)
    return FieldRule(
        field="quantity",
        prepared=f"CASE WHEN regexp_full_match({text}, '-?[0-9]{{1,18}}') "
        f"THEN TRY_CAST({text} AS BIGINT) END",
        clean="fast_quantity IS NOT NULL",
        fast="fast_quantity",
        checks=(
            (blank(text), "The quantity is blank."),
            *_not_a_number("quantity", text, numbers, f"NOT regexp_full_match({plain}, '{ANY_NUMBER}')"),
            (
                f"NOT regexp_full_match({plain}, '[+-]?([0-9]+([.]0*)?|[.]0+)')",
                TOO_FINE["quantity"],
            ),
            (f"TRY_CAST({_whole(plain)} AS BIGINT) IS NULL", "The quantity is too large."),
        ),
        value=f"TRY_CAST({_whole(plain)} AS BIGINT)",
    )


def status_rule(text: str, rules: StatusRules) -> FieldRule:
    """A status: after trimming one of those that the format names, in the same letters."""
    known = ", ".join(quoted(status) for status in (*rules.sale, *rules.refund, *rules.ignore))
    return FieldRule(
        field="status",
        clean=f"{text} IN ({known})" if known else "false",
        fast=text,
        checks=((f"coalesce({trimmed(text)}, '') NOT IN ({known or 'NULL'})", "The status is unknown."),),
        value=trimmed(text),
    )


def currency_rule(text: str, fixed: str) -> FieldRule:
    """A currency: three letters, upper-cased; the format's own where it is blank."""
    return FieldRule(
        field="currency",
        clean=f"regexp_full_match({text}, '[A-Z]{{3}}')",
        fast=text,
        checks=(
            (
                f"NOT {blank(text)} AND NOT regexp_full_match({trimmed(text)}, '[A-Za-z]{{3}}')",
                "The currency is not three letters.",
            ),
        ),
        value=f"CASE WHEN {blank(text)} THEN {quoted(fixed)} ELSE upper({trimmed(text)}) END",
    )


def number_of(text: str, numbers: Numbers) -> str:
    """The number in a text, as `plain_number` has it."""
    return plain_number(trimmed(text), numbers)


def rules_of_texts(texts: dict[str, str], order_format: OrderFormat) -> list[FieldRule]:
    """The rules of the fields whose SQL text is given, but for the date, in the order they are checked."""
    rules = [merchant_rule(texts["merchant_id"])]
    rules += [id_rule(field, texts[field]) for field in ("order_id", "line_id") if field in texts]
    if "amount" in texts:
        rules.append(amount_rule(texts["amount"], order_format.numbers))
    if "quantity" in texts:
        rules.append(quantity_rule(texts["quantity"], order_format.numbers))
    if "status" in texts and order_format.status:
        rules.append(status_rule(texts["status"], order_format.status))
    if "currency" in texts:
        rules.append(currency_rule(texts["currency"], order_format.currency))
    return rules


def _not_a_number(field: str, text: str, numbers: Numbers, wrong: str) -> list[tuple[str, str]]:
    return [(f"{wrong} AND {hint}", reason) for hint, reason in hints(field, trimmed(text), numbers)]


def _whole(plain: str) -> str:
    return f"regexp_replace(regexp_replace({plain}, '[.]0*$', ''), '^([+-]?)$', '\\10')"
