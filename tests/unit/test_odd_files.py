"""Order files as they come, one oddity each: the exact sales, the exact rejects, or the exact error."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from cli.reconcile.errors import UncountableFileError
from lambdas.domain.errors import OrderFileError
from lambdas.domain.money import add_money
from tests.unit.cli.plain_count import counted, found
from tests.unit.odd_files.csv_files import CSV_FILES
from tests.unit.odd_files.json_files import JSON_FILES
from tests.unit.odd_files.odd_file import OddFile
from tests.unit.odd_files.parquet_files import PARQUET_FILES
from tests.unit.odd_files.text_files import TEXT_FILES
from tests.unit.order_files import Processed, order_format, process

ODD_FILES = (*CSV_FILES, *TEXT_FILES, *JSON_FILES, *PARQUET_FILES)


@pytest.mark.parametrize("odd", [pytest.param(odd, id=odd.name) for odd in ODD_FILES])
def test_an_odd_file(odd: OddFile, tmp_path: Path) -> None:
    chosen = order_format(odd.order_format)
    if odd.error:
        with pytest.raises(OrderFileError) as failure:
            process(odd.delivered, chosen, scratch=tmp_path, key=odd.key)
        assert odd.error in str(failure.value)
        assert odd.key in str(failure.value) or "of the order format" in str(failure.value)
        return
    outcome = process(odd.delivered, chosen, scratch=tmp_path, key=odd.key)
    assert outcome.net_sales == {merchant: Decimal(amount) for merchant, amount in odd.sales.items()}
    assert [reject["line"] for reject in outcome.rejects] == [line for line, _ in odd.rejects]
    for reject, (_, reason) in zip(outcome.rejects, odd.rejects, strict=True):
        assert reject["reason"].startswith(reason)
    if odd.months is not None:
        assert net_sales_by_month(outcome) == {month: Decimal(net) for month, net in odd.months.items()}
    if odd.moments is not None:
        (sales,) = outcome.sales.values()
        assert (sales.first_order_at, sales.last_order_at) == odd.moments
    assert_nothing_is_lost(outcome)


@pytest.mark.parametrize("odd", [pytest.param(odd, id=odd.name) for odd in ODD_FILES])
def test_the_independent_pass_of_reconcile_finds_the_same(odd: OddFile) -> None:
    if odd.error:
        with pytest.raises(UncountableFileError):
            counted(odd.delivered, odd.order_format, key=odd.key)
        return
    net_sales, rejected = found(odd.delivered, odd.order_format, key=odd.key)
    assert {merchant: Decimal(net) for merchant, net in net_sales.items()} == {
        merchant: Decimal(amount) for merchant, amount in odd.sales.items()
    }
    assert rejected == len(odd.rejects)


def test_the_table_has_a_name_for_each_file() -> None:
    assert max(Counter(odd.name for odd in ODD_FILES).values()) == 1


def assert_nothing_is_lost(outcome: Processed) -> None:
    """Each line read is rejected, duplicate, ignored or counted, and so is the money."""
    parts = [counts for counts, _ in outcome.partitions]
    settled = sum(part.duplicates + part.ignored + part.counted for part in parts)
    assert outcome.index.lines_read == outcome.index.rejected + settled
    assert outcome.index.rejected == len(outcome.rejects) == sum(outcome.index.reject_reasons.values())
    money = add_money(m for p in parts for m in (p.duplicate_money, p.ignored_money, p.counted_money))
    assert outcome.index.accepted_money == money


def net_sales_by_month(outcome: Processed) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for sales in outcome.sales.values():
        for month, amounts in sales.months.items():
            found[month] = found.get(month, Decimal(0)) + amounts.net_sales
    return found
