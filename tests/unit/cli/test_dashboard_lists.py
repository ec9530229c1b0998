"""Lists that an index keeps in parts, page by page, and months as bars."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import cast

import pytest

from cli.dashboard.chart import MOST_MONTHS, WIDTH, every_month, month_charts
from cli.dashboard.index_pages import MOST_READS, index_page
from cli.dashboard.lists import leaderboard_index
from cli.dashboard.server import hosts_of
from lambdas.domain.ledger import Amounts, MerchantCurrency
from lambdas.domain.stored_names import PARTS, leaderboard, total_item
from tests.unit.cli.dashboard_stack import Tables, sums

INDEX = leaderboard_index("sales", "USD")


def put(tables: Tables, merchant: str, net: str, part: int, files: int = 1) -> None:
    named = {"merchant_id": merchant, "leaderboard": leaderboard("USD", part), "files": files}
    tables.put("sales", total_item(MerchantCurrency(merchant, "USD")) | named | sums(net))


def all_pages(tables: Tables, size: int, most_reads: int) -> list[str]:
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        before = tables.queries
        page = index_page(cast("object", tables), INDEX, size=size, cursor=cursor)  # type: ignore[arg-type]
        assert tables.queries - before <= most_reads
        found += [item["merchant_id"] for item in page.items]
        cursor = page.cursor
    return found


@pytest.mark.parametrize("seed", range(20))
def test_pages_together_are_the_whole_list_in_order(seed: int) -> None:
    random = Random(seed)
    tables, expected = Tables(), []
    for number in range(random.choice((0, 1, 50, 300))):
        net, files = random.choice((-5, 0, 0, 7, number)), random.choice((1, 1, 0))
        # All in one part, in a few, or in all of them.
        put(tables, f"m{number}", str(net), random.randrange(random.choice((1, 3, PARTS))), files)
        expected += [(net, f"m{number}")] if files else []
    found = all_pages(tables, random.choice((1, 7, 50)), PARTS * MOST_READS)
    nets = {name: net for net, name in expected}
    assert sorted(found) == sorted(nets)
    assert [nets[name] for name in found] == sorted(nets.values(), reverse=True)


def test_very_many_totals_without_files_are_passed_over_in_bounded_pieces() -> None:
    tables = Tables()
    for number in range(3000):
        put(tables, f"gone{number}", "0", 0, files=0)
    put(tables, "best", "1", 1)
    put(tables, "last", "-1", 0)
    assert all_pages(tables, 50, PARTS + MOST_READS) == ["best", "last"]


def test_a_page_of_an_ordinary_list_is_one_query_a_part() -> None:
    tables = Tables()
    for number in range(4000):
        put(tables, f"m{number}", str(Random(number).randrange(10**6)), number % PARTS)
    page = index_page(cast("object", tables), INDEX, size=50)  # type: ignore[arg-type]
    assert len(page.items) == 50
    assert tables.queries == PARTS
    assert tables.evaluated == PARTS * 10


def test_months_without_sales_have_a_place_and_refunds_hang_below_the_line() -> None:
    sales = {"2023-12": "-5", "2024-03": "10.0001"}
    [chart] = month_charts({(month, "USD"): Amounts(net_sales=Decimal(net)) for month, net in sales.items()})
    assert [bar.month for bar in chart.bars] == ["2023-12", "2024-01", "2024-02", "2024-03"]
    below, _, empty, above = chart.bars
    assert (below.y, below.negative) == (chart.zero, True)
    assert above.y + above.height == chart.zero
    assert empty.height == 0
    assert abs(above.height - 2 * below.height) < 1
    assert [label.text for label in chart.labels] == ["-5.0000", "10.0001"]


def test_each_currency_has_a_chart_of_its_newest_months() -> None:
    months = every_month("2015-01", "2025-12")
    sums_by_month = {
        (month, code): Amounts(net_sales=Decimal(1)) for month in months for code in ("USD", "EUR")
    }
    charts = month_charts(sums_by_month)
    assert [chart.currency for chart in charts] == ["EUR", "USD"]
    for chart in charts:
        assert len(chart.bars) == MOST_MONTHS
        assert chart.bars[-1].month == "2025-12"
        assert chart.earlier == len(months) - MOST_MONTHS
        assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in chart.bars)


@pytest.mark.parametrize("net", ["0", "99999999999999999999999999999999.9999", "-0.0001"])
def test_one_month_of_any_amount_is_drawn(net: str) -> None:
    [chart] = month_charts({("2024-01", "USD"): Amounts(net_sales=Decimal(net))})
    [bar] = chart.bars
    assert 0 <= bar.y <= bar.y + bar.height <= chart.height
    assert bar.amount.replace(",", "") == f"{Decimal(net):.{2 if net == '0' else 4}f}"


def test_the_dashboard_answers_to_this_computers_names_with_its_port() -> None:
    assert hosts_of(8750) == {"127.0.0.1:8750", "localhost:8750"}
    assert hosts_of(80) == {"127.0.0.1:80", "localhost:80", "127.0.0.1", "localhost"}
