"""Numbers of the plain pass: every notation of an order format, and what it refuses."""

from decimal import Decimal

import pytest

from cli.reconcile.numbers import exact_number
from lambdas.domain.order_format import Numbers

PLAIN = Numbers()
COMMA = Numbers(decimal=",")
GROUPED = Numbers(thousands=",")
CONTINENTAL = Numbers(decimal=",", thousands=".")
SPACED = Numbers(thousands=" ")
STRIP = Numbers(currency_sign="strip")
PARENTHESES = Numbers(negative="parentheses")
PARENTHESES_STRIP = Numbers(negative="parentheses", currency_sign="strip")
TRAILING = Numbers(negative="trailing_minus")
TRAILING_STRIP = Numbers(negative="trailing_minus", currency_sign="strip")
ALL = Numbers(decimal=",", thousands=" ", negative="trailing_minus", currency_sign="strip")
EVERY = (PLAIN, COMMA, GROUPED, CONTINENTAL, SPACED, STRIP, PARENTHESES, PARENTHESES_STRIP, TRAILING,
         TRAILING_STRIP, ALL)  # fmt: skip


@pytest.mark.parametrize(
    ("numbers", "text", "expected"),
    [
        (PLAIN, "1234.5", "1234.5"), (PLAIN, "-1234.50", "-1234.5"), (PLAIN, "+3", "3"), (PLAIN, ".5", "0.5"),
        (PLAIN, "5.", "5"), (PLAIN, "12.50000", "12.5"), (PLAIN, " 7\t", "7"), (PLAIN, "-.5", "-0.5"),
        (COMMA, "1234,5", "1234.5"), (COMMA, "-0,99", "-0.99"), (COMMA, ",5", "0.5"),
        (GROUPED, "1,234.5", "1234.5"), (GROUPED, "1234.5", "1234.5"), (GROUPED, "-12,345,678", "-12345678"),
        (CONTINENTAL, "1.234,50", "1234.5"), (CONTINENTAL, "1.234", "1234"),
        (SPACED, "1 234.5", "1234.5"), (SPACED, "1\u00a0234\u202f567", "1234567"),
        (STRIP, "\u20ac12.50", "12.5"), (STRIP, "$ 12.50", "12.5"), (STRIP, "-$12.50", "-12.5"),
        (STRIP, "$-12.50", "-12.5"), (STRIP, "12.50 \u20ac", "12.5"), (STRIP, "12.50", "12.5"),
        (STRIP, "- \u00a3\u00a05", "-5"), (STRIP, "+$5", "5"), (STRIP, "$+5", "5"),
        (PARENTHESES, "(12.50)", "-12.5"), (PARENTHESES, "-12.50", "-12.5"), (PARENTHESES, "12.50", "12.5"),
        (PARENTHESES, "(0)", "0"), (PARENTHESES, "(.5)", "-0.5"),
        (PARENTHESES_STRIP, "($12.50)", "-12.5"), (PARENTHESES_STRIP, "$(12.50)", "-12.5"),
        (PARENTHESES_STRIP, "(12.50)", "-12.5"), (PARENTHESES_STRIP, "(12.50 \u20ac)", "-12.5"),
        (PARENTHESES_STRIP, "(12.50) \u20ac", "-12.5"), (PARENTHESES_STRIP, "$ (12.50)", "-12.5"),
        (PARENTHESES_STRIP, "-$12.50", "-12.5"),
        (TRAILING, "12.50-", "-12.5"), (TRAILING, "-12.50", "-12.5"), (TRAILING, "12.50", "12.5"),
        (TRAILING_STRIP, "12.50- \u20ac", "-12.5"), (TRAILING_STRIP, "12.50 \u20ac-", "-12.5"),
        (TRAILING_STRIP, "$12.50-", "-12.5"), (TRAILING_STRIP, "12.50-\u20ac", "-12.5"),
        (ALL, "1 234,50 \u20ac-", "-1234.5"), (ALL, "\u20ac\u00a01\u202f234,5", "1234.5"),
    ],
)  # fmt: skip
def test_a_declared_notation_is_read(numbers: Numbers, text: str, expected: str) -> None:
    assert exact_number(text, numbers, most_decimals=4) == Decimal(expected)


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        (PLAIN, "1,5"), (PLAIN, "1 234"), (PLAIN, "$5"), (PLAIN, "(5)"), (PLAIN, "5-"), (PLAIN, "- 5"),
        (PLAIN, "1.23456"), (PLAIN, "5 -"),
        (COMMA, "1.5"), (COMMA, "1.234,5"),
        (GROUPED, "12,34"), (GROUPED, "1234,567"), (GROUPED, ",123"), (GROUPED, "1,2345"), (GROUPED, "1 234"),
        (GROUPED, "1,234.567,8"), (CONTINENTAL, "1.5"), (CONTINENTAL, "1,234.5"), (CONTINENTAL, "12.34"),
        (SPACED, "1\t234"), (SPACED, "1  234"), (SPACED, "1\u2009234"),
        (STRIP, "$$5"), (STRIP, "$5$"), (STRIP, "$"), (STRIP, "-$-5"), (STRIP, "USD 5"), (STRIP, "(5)"),
        (STRIP, "5-"),
        (STRIP, "- 5"), (STRIP, "5 \u20ac \u20ac"),
        (PARENTHESES, "(-12.50)"), (PARENTHESES, "(+1)"), (PARENTHESES, "-(1)"), (PARENTHESES, "(1"),
        (PARENTHESES, "1)"), (PARENTHESES, "()"), (PARENTHESES, "((1))"), (PARENTHESES, "($1)"),
        (PARENTHESES, "1-"), (PARENTHESES, "( 1 )"),
        (PARENTHESES_STRIP, "($-1)"), (PARENTHESES_STRIP, "-$(1)"), (PARENTHESES_STRIP, "$($1)"),
        (PARENTHESES_STRIP, "(1 \u20ac) \u20ac"), (PARENTHESES_STRIP, "(\u20ac)"),
        (TRAILING, "-12.50-"), (TRAILING, "1--"), (TRAILING, "1+"), (TRAILING, "+1-"), (TRAILING, "-"),
        (TRAILING, "(1)"), (TRAILING, "1-\u20ac"), (TRAILING, "1 -"),
        (TRAILING_STRIP, "-$1-"), (TRAILING_STRIP, "1 \u20ac- \u20ac"), (TRAILING_STRIP, "\u20ac-1-"),
        *((numbers, text) for numbers in EVERY for text in
          ("", "1e3", "1_000", "0x10", "--1", "(-1)", "+-1", ".", "+", "nan", "inf", "\u0661", "1\n2")),
    ],
)  # fmt: skip
def test_what_is_not_declared_is_refused(numbers: Numbers, text: str) -> None:
    assert exact_number(text, numbers, most_decimals=4) is None
