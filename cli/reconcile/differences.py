"""What the sales table has to say, against what it says, attribute by attribute."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from cli.reconcile.count import MerchantSales
from cli.reconcile.snapshot import MerchantItems
from lambdas.adapters.dynamodb import Item
from lambdas.domain.money import EXACT

COUNTS = ("orders", "lines", "units")
MONEY = ("gross_sales", "refunds", "net_sales")
SUMS = (*COUNTS, *MONEY)
NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that isn't as it should be; a total has no key."""

    key: str | None
    merchant_id: str | None
    currency: str | None
    attribute: str
    expected: str
    found: str


@dataclass(frozen=True, kw_only=True)
class Counting:
    """A key, and the run that counted what it holds now."""

    key: str
    run_id: str
    revision: int


def contribution_differences(
    counting: Counting, about: tuple[str, str], expected: MerchantSales | None, stored: Item | None
) -> Iterator[Difference]:
    """Where a key's contribution isn't what the key holds; an empty one is as good as none."""
    found = _attributes(stored)
    if expected is None or stored is None or not found["lines"]:
        should, says = _in_words(expected.total.attributes() if expected else {}), _in_words(found)
        if should != says:
            yield _difference(counting.key, about, "contribution", should, says)
        return
    origin = {"object_key": counting.key, "run_id": counting.run_id, "revision": counting.revision}
    found |= {name: stored.get(name) for name in origin}
    yield from _differing(counting.key, about, expected.attributes() | origin, found)


def total_differences(items: MerchantItems) -> Iterator[Difference]:
    """Where a total isn't the sum of its contributions, or isn't named or listed as it should be."""
    about = (items.merchant_id, items.currency)
    total = items.total or {}
    sums: dict[str, object] = dict.fromkeys(SUMS, Decimal(0))
    for contribution in items.contributions.values():
        sums |= {name: EXACT.add(_number(sums[name]), _number(contribution[name])) for name in SUMS}
    sums["files"] = sum(1 for contribution in items.contributions.values() if contribution["lines"])
    found = {name: total.get(name, 0) for name in sums}
    if total:
        sums |= {"merchant_id": about[0], "currency": about[1], "leaderboard": _place_in_list(*about)}
        found |= {name: total.get(name) for name in ("merchant_id", "currency", "leaderboard")}
    if total and not items.contributions:
        yield _difference(None, about, "total", "none without a contribution", _in_words(total))
        return
    yield from _differing(None, about, sums, found)


def _place_in_list(merchant_id: str, currency: str) -> str:
    merchant_hash = int(hashlib.md5(merchant_id.encode(), usedforsecurity=False).hexdigest()[:8], 16)
    return f"TOP#{currency}#{merchant_hash % 16}"


def _attributes(item: Item | None) -> dict[str, object]:
    """A contribution's attributes, months as `months.2024-01.lines`; zeros where there is none."""
    if item is None:
        return dict.fromkeys(SUMS, Decimal(0))
    attributes = {name: item.get(name) for name in SUMS}
    attributes |= {name: item[name] for name in ("first_order_at", "last_order_at") if item.get(name)}
    for month, sums in item.get("months", {}).items():
        attributes |= {f"months.{month}.{name}": value for name, value in sums.items()}
    return attributes


def _differing(
    key: str | None, about: tuple[str, str], expected: Mapping[str, object], found: Mapping[str, object]
) -> Iterator[Difference]:
    for name in [*expected, *(name for name in found if name not in expected)]:
        if expected.get(name) != found.get(name):
            yield _difference(key, about, name, _said(name, expected.get(name)), _said(name, found.get(name)))


def _difference(
    key: str | None, about: tuple[str, str], attribute: str, expected: str, found: str
) -> Difference:
    return Difference(
        key=key,
        merchant_id=about[0],
        currency=about[1],
        attribute=attribute,
        expected=expected,
        found=found,
    )


def _in_words(sums: Mapping[str, object]) -> str:
    if not sums.get("lines"):
        return NOTHING
    return f"{sums['lines']} lines, net sales {_said('net_sales', sums.get('net_sales'))}"


def _said(name: str, value: object) -> str:
    if value is None:
        return NOTHING
    return f"{value:.4f}" if name.endswith(MONEY) and isinstance(value, Decimal) else str(value)


def _number(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
