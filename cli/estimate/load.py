"""What is to be processed: order files that are alike."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cli.estimate.item_units import ItemUnits, units_of
from lambdas.domain.file_kind import is_compressed
from lambdas.domain.ledger import Amounts, Contribution, MerchantCurrency
from lambdas.domain.order_format import OrderFormat, parse_order_format
from lambdas.domain.plan import ASSUMED_COMPRESSION

BYTES_PER_LINE = 128
"""Of a CSV line where nothing is known: TPC-H's lineitem has 126."""
TYPICAL_ID, TYPICAL_KEY, TYPICAL_AMOUNT = "merchant-0001234", "shop/orders-2026-11-30.csv", Decimal("49.95")
TYPICAL_FORMAT = parse_order_format("columns: {merchant_id: merchant_id, amount: amount}", "default.yaml")


@dataclass(frozen=True, kw_only=True)
class Load:
    """Files that are alike; of each the bytes as delivered and as text, lines, merchants, and its format.

    `merchants` counts merchant and currency pairs that a file names, `distinct_merchants` each merchant once;
    `months` is how many each of the pairs spans on average, `units` what their commit takes.
    """

    key: str
    order_format: OrderFormat
    files: int
    delivered_bytes: int
    text_bytes: int
    lines: int
    merchants: int
    distinct_merchants: int
    months: float
    replaces: bool
    units: ItemUnits

    @property
    def compressed(self) -> bool:
        """Whether the files have to be unpacked."""
        return is_compressed(self.key)

    @property
    def revision(self) -> int:
        """The number of each file's run: the first, or the second where it replaces a file."""
        return 2 if self.replaces else 1


def load_of(
    *,
    delivered_bytes: int,
    merchants: int,
    lines: int | None = None,
    files: int = 1,
    months: int = 1,
    compressed: bool = False,
    replaces: bool = False,
    known_merchants: bool = True,
) -> Load:
    """A load told in numbers, bytes and lines of each file; its items are those of a typical merchant."""
    text_bytes = delivered_bytes * (ASSUMED_COMPRESSION if compressed else 1)
    lines = max(1, text_bytes // BYTES_PER_LINE) if lines is None else lines
    merchants = min(merchants, lines)
    typical = _typical(lines // merchants, months)
    one = units_of(
        [typical], object_key=TYPICAL_KEY, revision=2 if replaces else 1, known_merchants=known_merchants
    )
    return Load(
        key=f"{TYPICAL_KEY}.gz" if compressed else TYPICAL_KEY,
        order_format=TYPICAL_FORMAT,
        files=files,
        delivered_bytes=delivered_bytes,
        text_bytes=text_bytes,
        lines=lines,
        merchants=merchants,
        distinct_merchants=merchants,
        months=min(months, lines / merchants),
        replaces=replaces,
        units=_times(one, merchants),
    )


def _typical(lines: int, months: int) -> Contribution:
    """A merchant with so many lines, spread over so many months; the digits are those of everyday prices."""
    months = min(months, lines)
    each = _amounts(-(-lines // months))
    return Contribution(
        about=MerchantCurrency(TYPICAL_ID, "USD"),
        amounts=_amounts(lines),
        first_order_at="2026-11-01T08:00:00Z",
        last_order_at="2026-11-30T20:00:00Z",
        months={f"{2026 + i // 12}-{i % 12 + 1:02d}": each for i in range(months)},
    )


def _amounts(lines: int) -> Amounts:
    gross, refunds = TYPICAL_AMOUNT * lines, TYPICAL_AMOUNT * (lines // 50)
    return Amounts(
        orders=lines,
        lines=lines,
        units=2 * lines,
        gross_sales=gross,
        refunds=refunds,
        net_sales=gross - refunds,
    )


def _times(one: ItemUnits, merchants: int) -> ItemUnits:
    return ItemUnits(
        contributions=merchants,
        table_writes=one.table_writes * merchants,
        index_writes=one.index_writes * merchants,
        reads=one.reads * merchants,
        stored_bytes=one.stored_bytes * merchants,
    )
