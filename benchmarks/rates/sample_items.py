"""The items that the sample orders become: bytes and DynamoDB units of every merchant and file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

from benchmarks.rates.rate import Rate
from cli.estimate.counted_file import counted_file
from cli.estimate.item_units import ItemUnits, read_units, units_of
from lambdas.domain.order_format import choose_order_format, load_order_formats

ROOT = Path(__file__).parents[2]
SAMPLES = {"complete_journey": "Complete Journey", "birmingham_pcard": "Birmingham purchase cards"}


def rates() -> Iterator[Rate]:
    """Measure the samples of this repository."""
    for folder, title in SAMPLES.items():
        files = sorted((ROOT / "samples" / folder).glob("*.gz"))
        yield from rates_of(folder, title, [_units(folder, path) for path in files])


def rates_of(name: str, title: str, files: list[ItemUnits]) -> Iterator[Rate]:
    """Median and 95th percentile over every merchant and currency of every file."""
    sizes = [size for units in files for size in units.sizes]
    writes = [one for units in files for one in units.writes]
    reads = [read_units(size) for size in sizes]
    told = f"{title}: {len(sizes):,} contributions of {len(files)} file{'s' if len(files) > 1 else ''}"
    columns = (
        ("contribution_bytes", "bytes of a contribution", sizes),
        ("write_units", "write units for a contribution, its total and the total's index entry", writes),
        (
            "read_units",
            "read units for a contribution from its file's second run on",
            reads,
        ),
    )
    for column, unit, values in columns:
        for part, value in (("median", median(values)), ("p95", percentile_95(values))):
            yield Rate(name=f"{name}_{column}_{part}", value=value, unit=f"{unit}, {part}", how=told)


def percentile_95(values: list[int]) -> float:
    """The value that 95 of 100 don't exceed."""
    return quantiles(values, n=20, method="inclusive")[-1]


def _units(folder: str, path: Path) -> ItemUnits:
    key = f"{folder}/{path.name}"
    order_format = choose_order_format(load_order_formats(ROOT / "formats"), key)
    assert order_format is not None
    with counted_file(path, key=key, order_format=order_format) as counted:
        return units_of(counted.contributions, object_key=key, revision=1, known_merchants=True)
