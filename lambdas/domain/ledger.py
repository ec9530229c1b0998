"""The ledger: contributions of order files, and totals as the sums of contributions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lambdas.domain.money import EXACT


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """What is added up. Money has 4 decimals; refunds are absolute; net_sales = gross_sales - refunds."""

    orders: int = 0
    lines: int = 0
    units: int = 0
    gross_sales: Decimal = Decimal(0)
    refunds: Decimal = Decimal(0)
    net_sales: Decimal = Decimal(0)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Amounts:
        """The amounts among the values of an item, a month or a row."""
        return cls(
            orders=int(values["orders"]),
            lines=int(values["lines"]),
            units=int(values["units"]),
            gross_sales=Decimal(values["gross_sales"]),
            refunds=Decimal(values["refunds"]),
            net_sales=Decimal(values["net_sales"]),
        )

    def __sub__(self, other: Amounts) -> Amounts:
        """The difference, name by name."""
        return Amounts(
            orders=self.orders - other.orders,
            lines=self.lines - other.lines,
            units=self.units - other.units,
            gross_sales=EXACT.subtract(self.gross_sales, other.gross_sales),
            refunds=EXACT.subtract(self.refunds, other.refunds),
            net_sales=EXACT.subtract(self.net_sales, other.net_sales),
        )


@dataclass(frozen=True, order=True)
class MerchantCurrency:
    """Whose money in which currency: what a contribution and a total are about."""

    merchant_id: str
    currency: str


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """What one order file says about one merchant and currency; without lines it says that there is nothing.

    `first_order_at` and `last_order_at` are ISO 8601 in UTC with Z; `months` goes by YYYY-MM.
    """

    about: MerchantCurrency
    amounts: Amounts = Amounts()
    first_order_at: str | None = None
    last_order_at: str | None = None
    months: dict[str, Amounts] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StoredContribution:
    """What the sales table holds of a key for one merchant and currency."""

    revision: int
    amounts: Amounts


def needs_commit(stored: StoredContribution | None, *, revision: int) -> bool:
    """Whether a run's contribution has still to be put: nothing is stored, or an older revision's."""
    return stored is None or stored.revision < revision


def files_counted(amounts: Amounts) -> int:
    """How many files a contribution stands for in a total: one if it has lines."""
    return 1 if amounts.lines else 0
