"""The laws of a settled run, and the reject ratio that stops one before it counts."""

from decimal import Decimal

import pytest

from lambdas.domain.errors import OrderFileError, RunError
from lambdas.domain.order_file import RunId
from lambdas.domain.reconciliation import (
    Intake,
    Outcome,
    advice_on_rejects,
    check_currencies,
    check_reject_ratio,
    outcome_from_json,
    outcome_to_json,
    prove_conservation,
    total_outcome,
)

INTAKE = Intake(
    lines=10,
    rejected=1,
    reject_reasons={"the amount is no number": 1},
    accepted_money={"USD": Decimal("9.00")},
)
OUTCOME = Outcome(
    duplicates=2,
    ignored=1,
    counted=6,
    duplicate_money={"USD": Decimal("2.00")},
    ignored_money={"USD": Decimal("1.00")},
    counted_money={"USD": Decimal("6.0000")},
)


def test_a_run_that_accounts_for_every_line_and_cent_passes() -> None:
    prove_conservation(INTAKE, OUTCOME)


def test_a_lost_line_is_told() -> None:
    with pytest.raises(RunError, match="10 lines were read, but 9 are accounted for"):
        prove_conservation(INTAKE, Outcome(duplicates=2, ignored=1, counted=5))


@pytest.mark.parametrize(
    "money", [{"USD": Decimal("5.9999")}, {"USD": Decimal(6), "EUR": Decimal("0.01")}, {}]
)
def test_a_lost_or_surplus_cent_is_told(money: dict[str, Decimal]) -> None:
    outcome = Outcome(
        duplicates=2,
        ignored=1,
        counted=6,
        duplicate_money=OUTCOME.duplicate_money,
        ignored_money=OUTCOME.ignored_money,
        counted_money=money,
    )
    with pytest.raises(RunError, match="were accepted, but"):
        prove_conservation(INTAKE, outcome)


def test_outcomes_add_up_over_partitions_and_survive_json() -> None:
    half = Outcome(counted=3, counted_money={"USD": Decimal("3.0000"), "EUR": Decimal("1")})
    total = total_outcome([half, outcome_from_json(outcome_to_json(half) | {"committed": 7})])
    assert total.counted == 6
    assert total.counted_money == {"USD": Decimal("6.0000"), "EUR": Decimal(2)}


def test_a_column_that_is_no_currency_is_told() -> None:
    check_currencies(INTAKE)
    letters = [a + b + "X" for a in "ABCDEFGHIJKLMNOPQRST" for b in "ABCDEFGHIJKLMNOPQRST"]
    with pytest.raises(OrderFileError, match="400 different currencies"):
        check_currencies(Intake(lines=400, accepted_money=dict.fromkeys(letters, Decimal(1))))


def test_rejects_up_to_the_ratio_pass_and_above_it_fail_with_the_commonest_reason() -> None:
    reasons = {"the amount is no number": 3, "there is no merchant": 2}

    def check(lines: int) -> None:
        intake = Intake(lines=lines, rejected=5 if lines else 0, reject_reasons=reasons)
        check_reject_ratio(intake, max_reject_ratio=Decimal("0.05"), advice="Correct it.")

    check(100)
    check(0)
    with pytest.raises(OrderFileError) as error:
        check(99)
    assert "5 of 99 lines (5.1%) were rejected" in str(error.value)
    assert str(error.value).endswith("most often: the amount is no number (3 lines). Correct it.")


def test_only_a_run_that_replaces_another_says_that_what_was_counted_stays() -> None:
    first, second = (RunId("a" * 32, revision) for revision in (1, 2))
    assert advice_on_rejects(first) == (
        f"List them with `merchant-sales rejects {first}`, then upload a corrected file."
    )
    kept = "What was counted before, if anything, stays counted. List them with"
    assert advice_on_rejects(second).startswith(kept)
