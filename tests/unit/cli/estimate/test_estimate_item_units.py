"""Items as DynamoDB sizes and charges them, from the commit's own requests."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from statistics import median

import pytest

from benchmarks.rates.sample_items import rates_of
from cli.estimate.counted_file import counted_file
from cli.estimate.figures import FOLDER, read_figures
from cli.estimate.item_units import ItemUnits, item_bytes, read_units, units_of, write_units
from lambdas.adapters.dynamodb import to_item
from lambdas.domain.ledger import Amounts, Contribution, MerchantCurrency
from lambdas.domain.order_format import choose_order_format, load_order_formats

ROOT = Path(__file__).parents[4]
ONE = Amounts(orders=1, lines=1, units=1, gross_sales=Decimal("9.95"), net_sales=Decimal("9.95"))


def contributions(merchants: int, months: int = 1) -> Iterator[Contribution]:
    for number in range(merchants):
        yield Contribution(
            about=MerchantCurrency(f"merchant-{number:04d}", "EUR"),
            amounts=ONE,
            first_order_at="2026-01-01T00:00:00Z",
            last_order_at="2026-01-01T00:00:00Z",
            months={f"{2000 + month // 12}-{month % 12 + 1:02d}": ONE for month in range(months)},
        )


def units(merchants: int, *, months: int = 1, revision: int = 1, known: bool = True) -> ItemUnits:
    return units_of(
        contributions(merchants, months), object_key="shop/a.csv", revision=revision, known_merchants=known
    )


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("", 0),
        ("é", 2),
        (0, 1),
        (7, 2),
        (10, 2),
        (100_000, 2),
        (123, 3),
        (Decimal("12.3400"), 3),
        (Decimal("0.0001"), 2),
        (-5, 3),
        (10**38 - 1, 20),
        (True, 1),
        ({}, 3),
        ({"ab": "c"}, 3 + 1 + 3),
        ({"a": {"b": 1}}, 3 + 1 + 1 + 3 + 1 + 1 + 2),
        (["a", "b"], 3 + 2 + 2),
    ],
)
def test_a_value_has_the_size_that_the_developer_guide_says(value: object, size: int) -> None:
    assert item_bytes(to_item({"name": value})) == len("name") + size


def test_units_are_rounded_up_for_each_item() -> None:
    assert [write_units(size) for size in (1, 1024, 1025)] == [1, 1, 2]
    assert [read_units(size) for size in (0, 4096, 4097)] == [1, 1, 2]


def test_a_first_contribution_takes_two_units_its_total_two_and_the_index_one_or_two() -> None:
    new, known = units(120, known=False), units(120)
    assert (new.table_writes, new.index_writes, new.reads) == (4 * 120, 120, 0)
    assert (known.table_writes, known.index_writes, known.reads) == (4 * 120, 2 * 120, 0)
    assert known.writes == [6] * 120
    assert known.transactions == 3


def test_from_the_second_run_of_a_key_on_every_contribution_is_read_before() -> None:
    replaced = units(120, revision=2)
    assert (replaced.reads, replaced.batch_reads) == (120, 3)
    assert (replaced.table_writes, replaced.index_writes) == (4 * 120, 2 * 120)


def test_months_make_a_contribution_larger_and_dearer() -> None:
    sizes = [units(1, months=months).sizes[0] for months in range(1, 20)]
    assert sizes == sorted(set(sizes))
    assert units(1, months=60).table_writes == 2 * write_units(units(1, months=60).sizes[0]) + 2 > 4


def test_the_units_of_the_samples_are_those_that_were_written_down() -> None:
    recorded = {name: float(figure.value) for name, figure in read_figures(FOLDER / "samples.yaml").items()}
    counted = rates_of("complete_journey", "", [sample("complete_journey")])
    assert {rate.name: float(f"{rate.value:.3g}") for rate in counted} == {
        name: value for name, value in recorded.items() if name.startswith("complete_journey")
    }
    small = sample("birmingham_pcard")
    assert median(small.writes) == recorded["birmingham_pcard_write_units_median"]
    assert median(small.sizes) < recorded["birmingham_pcard_contribution_bytes_p95"]


def sample(folder: str) -> ItemUnits:
    """The units of a sample's smallest file."""
    path = min((ROOT / "samples" / folder).glob("*.gz"), key=lambda path: path.stat().st_size)
    key = f"{folder}/{path.name}"
    order_format = choose_order_format(load_order_formats(ROOT / "formats"), key)
    assert order_format
    with counted_file(path, key=key, order_format=order_format) as counted:
        return units_of(counted.contributions, object_key=key, revision=1, known_merchants=True)
