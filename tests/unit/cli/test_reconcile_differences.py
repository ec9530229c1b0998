"""What `reconcile` calls a difference: contributions and totals by hand, and a snapshot on disk."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from cli.reading_runs import Standing
from cli.reconcile.command import verdict
from cli.reconcile.count import MerchantSales
from cli.reconcile.dates import Dated
from cli.reconcile.differences import Counting, contribution_differences, total_differences
from cli.reconcile.independent_pass import Reconciled
from cli.reconcile.keys import counted_key
from cli.reconcile.left_out import Kind, LeftOut
from cli.reconcile.lines import Line
from cli.reconcile.snapshot import MerchantItems, sales_snapshot
from lambdas.adapters.dynamodb import Item, to_item
from lambdas.domain.ledger import MerchantCurrency
from lambdas.domain.stored_names import leaderboard_of
from tests.unit.cli.dashboard_stack import Stack

ABOUT = ("m", "EUR")
COUNTING = Counting(key="a.csv", run_id="0-00000002", revision=2)
ORIGIN = {"object_key": "a.csv", "run_id": "0-00000002", "revision": 2}
SUMS = {"orders": 1, "lines": 1, "units": 3, "gross_sales": Decimal(5), "refunds": Decimal(0)}
SUMS |= {"net_sales": Decimal(5)}
DATES = {"first_order_at": "2024-01-31T23:00:00Z", "last_order_at": "2024-01-31T23:00:00Z"}
STORED = ORIGIN | SUMS | DATES | {"months": {"2024-01": SUMS}}
EMPTY = dict.fromkeys(SUMS, Decimal(0))
TOTAL = SUMS | {
    "merchant_id": "m",
    "currency": "EUR",
    "files": 1,
    "leaderboard": leaderboard_of(MerchantCurrency("m", "EUR")),
}


@pytest.fixture
def sales() -> MerchantSales:
    """One line of 5.00."""
    line = Line(
        merchant_id="m",
        currency="EUR",
        order_id="o",
        line_id=None,
        amount=Decimal("5.00"),
        quantity=3,
        dated=Dated("2024-01-31T23:00:00Z", "2024-01"),
        ignored=False,
    )
    found = MerchantSales()
    found.add(line)
    return found


def found(expected: MerchantSales | None, stored: Item | None) -> list[tuple[str, str, str]]:
    differences = contribution_differences(COUNTING, ABOUT, expected, stored)
    return [(one.attribute, one.expected, one.found) for one in differences]


def test_an_equal_contribution_is_no_difference(sales: MerchantSales) -> None:
    assert found(sales, STORED) == []


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ({"units": 4}, ("units", "3", "4")),
        ({"net_sales": Decimal("5.0001")}, ("net_sales", "5.0000", "5.0001")),
        ({"last_order_at": None}, ("last_order_at", "2024-01-31T23:00:00Z", "nothing")),
        ({"revision": 1}, ("revision", "2", "1")),
        ({"object_key": "b.csv"}, ("object_key", "a.csv", "b.csv")),
        (
            {"months": {"2024-01": SUMS | {"refunds": Decimal(1)}}},
            ("months.2024-01.refunds", "0.0000", "1.0000"),
        ),
        ({"lines": 0}, ("contribution", "1 lines, net sales 5.0000", "nothing")),
    ],
)
def test_each_attribute_is_compared(
    sales: MerchantSales, change: Item, difference: tuple[str, str, str]
) -> None:
    assert found(sales, STORED | change) == [difference]


def test_an_empty_contribution_is_as_good_as_none(sales: MerchantSales) -> None:
    assert found(None, EMPTY) == []
    assert found(None, STORED) == [("contribution", "nothing", "1 lines, net sales 5.0000")]
    assert found(sales, None) == [("contribution", "1 lines, net sales 5.0000", "nothing")]


def totals(contributions: dict[str, Item], total: Item | None) -> list[tuple[str, str, str]]:
    items = MerchantItems(merchant_id="m", currency="EUR", contributions=contributions, total=total)
    return [(one.attribute, one.expected, one.found) for one in total_differences(items)]


@pytest.mark.parametrize(
    ("contributions", "total", "differences"),
    [
        ({"k": SUMS, "l": EMPTY}, TOTAL, []),
        ({"k": EMPTY}, None, []),
        ({"k": SUMS, "l": SUMS}, TOTAL, ["orders", "lines", "units", "gross_sales", "net_sales", "files"]),
        ({"k": SUMS}, TOTAL | {"leaderboard": "TOP#EUR#99"}, ["leaderboard"]),
        ({"k": SUMS}, TOTAL | {"merchant_id": "n"}, ["merchant_id"]),
        ({"k": SUMS}, None, ["orders", "lines", "units", "gross_sales", "net_sales", "files"]),
        ({}, TOTAL, ["total"]),
    ],
)
def test_a_total_is_the_sum_of_its_contributions(
    contributions: dict[str, Item], total: Item | None, differences: list[str]
) -> None:
    assert [attribute for attribute, _, _ in totals(contributions, total)] == differences


class Pages:
    """A sales table of two pages, and how it was asked for them."""

    def __init__(self) -> None:
        self.options: dict[str, Any] = {}

    def get_paginator(self, operation: str) -> "Pages":
        """Itself."""
        assert operation == "scan"
        return self

    def paginate(self, **options: Any) -> Iterator[dict[str, Any]]:
        """A contribution and its total."""
        assert options["ConsistentRead"]
        self.options = options
        big = SUMS | {"net_sales": Decimal("12345678901234567890123456789012.3456")}
        yield {"Items": [to_item({"pk": "MERCHANT#a#b", "sk": "FILE#EUR#0f"} | big)]}
        yield {"Items": [to_item({"pk": "MERCHANT#a#b", "sk": "TOTAL#EUR"} | SUMS)]}


def test_the_snapshot_gives_items_back_by_key_and_by_merchant(tmp_path: Path) -> None:
    with sales_snapshot(cast(Any, Pages()), "sales", tmp_path / "sales.sqlite") as snapshot:
        assert snapshot.keyhashes() == ["0f"]
        [(about, item)] = snapshot.contributions("0f")
        [merchant] = snapshot.merchants()
    assert about == (merchant.merchant_id, merchant.currency) == ("a#b", "EUR")
    assert item["net_sales"] == Decimal("12345678901234567890123456789012.3456")
    assert merchant.contributions == {"0f": item}
    assert merchant.total is not None


@pytest.mark.parametrize(("keys", "filtered"), [(None, False), (2, True), (100, True), (101, False)])
def test_a_few_keys_contributions_are_asked_for_alone(
    keys: int | None, filtered: bool, tmp_path: Path
) -> None:
    pages = Pages()
    keyhashes = None if keys is None else [f"{number:02x}" for number in range(keys)]
    with sales_snapshot(cast(Any, pages), "sales", tmp_path / "sales.sqlite", keyhashes):
        assert ("FilterExpression" in pages.options) is filtered
    if keys == 2:
        assert pages.options["FilterExpression"] == "contains(sk, :k0) OR contains(sk, :k1)"
        assert pages.options["ExpressionAttributeValues"] == to_item({":k0": "#00", ":k1": "#01"})


def test_the_verdict_is_one_line() -> None:
    outcome = Reconciled(keys=2, contributions=5, totals=3)
    assert verdict(outcome, with_totals=True) == (
        "No difference: 2 keys and 5 contributions, 3 totals compared."
    )
    outcome.left_out["x.csv"] = LeftOut(Kind.UNTAKEN, "no run has taken it yet")
    outcome.left_out["y.csv"] = LeftOut(Kind.BROKEN, "partly counted")
    assert verdict(outcome, with_totals=False) == (
        "No difference in what was compared: 2 keys and 5 contributions compared. "
        "2 left out, so not compared: "
        "1 of versions that no run has taken: `merchant-sales sweep` looks at them; "
        "1 FAILED or partly counted: `merchant-sales run KEY` says why, then redrive or replay."
    )


@pytest.mark.parametrize(
    ("item", "stands", "held", "kind"),
    [
        ({}, Standing(object_key="k"), "v1", Kind.UNTAKEN),
        ({"status": "SUCCEEDED", "version_id": "v1"}, Standing(object_key="k"), "v2", Kind.UNTAKEN),
        ({"status": "FAILED", "version_id": "v1"}, Standing(object_key="k"), "v1", Kind.BROKEN),
        ({"status": "FAILED"}, Standing(object_key="k", partly_counted=True), "v1", Kind.BROKEN),
        ({"status": "RUNNING"}, Standing(object_key="k", running=True), "v1", Kind.MOVING),
    ],
)
def test_each_key_that_waits_is_of_the_kind_that_says_what_to_do(
    item: Item, stands: Standing, held: str, kind: Kind
) -> None:
    known = item | ({"revision": 1} if item else {})
    counted = counted_key(Stack().deployment(), "k", known, stands, held)
    assert counted.waits is not None
    assert counted.waits.kind is kind
