"""Money arithmetic that is exact or an error: Python's default context rounds to 28 digits without a word."""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Mapping
from decimal import Decimal

EXACT = decimal.Context(prec=100, traps=[decimal.Inexact, decimal.InvalidOperation, decimal.Overflow])

Money = Mapping[str, Decimal]
"""Signed amounts by currency."""


def add_money(parts: Iterable[Money]) -> dict[str, Decimal]:
    """Sums by currency."""
    total: dict[str, Decimal] = {}
    for part in parts:
        for currency, amount in part.items():
            total[currency] = EXACT.add(total.get(currency, Decimal(0)), amount)
    return total


def money_to_json(money: Money) -> dict[str, str]:
    """Amounts as texts, because JSON numbers become floats in some readers."""
    return {currency: f"{amount:f}" for currency, amount in sorted(money.items())}


def money_from_json(texts: Mapping[str, str]) -> dict[str, Decimal]:
    """The amounts of `money_to_json`."""
    return {currency: Decimal(text) for currency, text in texts.items()}
