"""The ledger's rules: differences, who writes, and money that is never rounded."""

from decimal import Decimal, Inexact

import pytest

from lambdas.domain.ledger import (
    Amounts,
    MerchantCurrency,
    StoredContribution,
    files_counted,
    needs_commit,
)
from lambdas.domain.money import EXACT, add_money, money_from_json, money_to_json
from lambdas.domain.stored_names import leaderboard_of

HUGE = Decimal("1234567890123456789012345678901234.5678")


def test_a_difference_keeps_every_digit_of_the_largest_amounts() -> None:
    new = Amounts(orders=2, lines=3, units=4, gross_sales=HUGE, refunds=Decimal("0.0001"), net_sales=HUGE)
    old = Amounts(orders=1, lines=1, units=5, gross_sales=Decimal("0.0001"), net_sales=Decimal("-0.0001"))
    difference = new - old
    assert difference.gross_sales == Decimal("1234567890123456789012345678901234.5677")
    assert difference.net_sales == Decimal("1234567890123456789012345678901234.5679")
    assert (difference.orders, difference.lines, difference.units) == (1, 2, -1)


def test_arithmetic_that_would_round_is_an_error() -> None:
    with pytest.raises(Inexact):
        EXACT.divide(Decimal(1), Decimal(3))


def test_money_adds_up_by_currency_and_survives_json() -> None:
    total = add_money([{"USD": HUGE, "EUR": Decimal("1.00")}, {"USD": Decimal("0.0001")}])
    assert total == {"USD": Decimal("1234567890123456789012345678901234.5679"), "EUR": Decimal("1.00")}
    assert money_from_json(money_to_json(total)) == total


@pytest.mark.parametrize(("stored", "needed"), [(None, True), (1, True), (2, False), (3, False)])
def test_only_what_is_older_is_replaced(stored: int | None, needed: bool) -> None:
    contribution = StoredContribution(revision=stored, amounts=Amounts()) if stored else None
    assert needs_commit(contribution, revision=2) is needed


def test_a_contribution_counts_as_a_file_while_it_has_lines() -> None:
    assert files_counted(Amounts(lines=3)) == 1
    assert files_counted(Amounts()) == 0


def test_the_leaderboard_is_parted_by_the_merchants_hash() -> None:
    assert leaderboard_of(MerchantCurrency("shop", "USD")) == "TOP#USD#5"
