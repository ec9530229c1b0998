"""Sharding and sales together: rows and money are conserved, merchants whole, results the same every time."""

from __future__ import annotations

import csv
import io
import tempfile
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lambdas.domain.order_lines import merchant_hash_sql
from lambdas.domain.partitions import merchant_hash
from lambdas.domain.shard_index import partition_bytes
from lambdas.domain.skew import Spread
from tests.unit.order_files import opened, order_format, process

ROOT = Path(__file__).parents[2]
CHOSEN = order_format("columns: {merchant_id: shop, order_id: order, line_id: line, amount: amount}")
AMOUNTS = st.decimals(-(10**13), 10**13, places=4) | st.sampled_from(["0", "1", "-2.5", "1.23456", "x", ""])
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=6)
LINES = st.lists(
    st.tuples(
        st.sampled_from(["a", " a", "b", "c d", "", "\u00e9\n"]) | TEXTS,
        st.sampled_from(["1", "2", ""]) | TEXTS,
        st.sampled_from(["1", ""]),
        AMOUNTS.map(str),
    ),
    max_size=25,
)


def as_csv(rows: list[tuple[str, str, str, str]]) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(
        [("shop", "order", "line", "amount"), *rows]
    )
    return file.getvalue().encode()


def model(rows: list[tuple[str, str, str, str]]) -> dict[str, Decimal]:
    """Net sales by the rules, in plain Decimal."""
    kept: dict[object, tuple[str, Decimal]] = {}
    for number, (shop, order, line, text) in enumerate(rows):
        try:
            amount = Decimal(text)
        except ArithmeticError:
            continue
        if shop.strip() and -amount.as_tuple().exponent <= 4:  # type: ignore[operator]
            both = order.strip() and line.strip()
            kept[(shop.strip(), order, line) if both else number] = (shop.strip(), amount)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for shop, amount in kept.values():
        sums[shop] += amount
    return dict(sums)


@settings(max_examples=60, deadline=None)
@given(rows=LINES, partitions=st.integers(1, 40))
def test_sharding_then_summing_equals_a_plain_decimal_model(
    rows: list[tuple[str, str, str, str]], partitions: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        outcome = process(as_csv(rows), CHOSEN, scratch=Path(folder), partitions=partitions)
    assert outcome.net_sales == model(rows)
    counts = [counts for counts, _ in outcome.partitions]
    assert (
        outcome.index.lines_read
        == len(rows)
        == outcome.index.rejected + sum(c.duplicates + c.ignored + c.counted for c in counts)
    )
    for hash_range, (_, merchants) in zip(outcome.ranges, outcome.partitions, strict=True):
        assert all(merchant_hash(sales.about.merchant_id) in hash_range for sales in merchants)


@settings(max_examples=80, deadline=None)
@given(lines=st.lists(st.text("ab1,,,", max_size=8), max_size=12))
@example(lines=["b,1,", "b,1,,", "b,1", "b,1,a", "", "b,1,,,"])
def test_a_line_is_read_if_it_has_the_columns_of_the_heading(lines: list[str]) -> None:
    content = "\n".join(["shop,amount,note", *lines]).encode()
    with tempfile.TemporaryDirectory() as folder:
        outcome = process(
            content, order_format("columns: {merchant_id: shop, amount: amount}"), scratch=Path(folder)
        )
    fields = [line.split(",") for line in lines]
    right = [(f[0], "", "", f[1]) for f in fields if len(f) == 3 and f[1].strip("1") == ""]
    assert outcome.net_sales == model(right)
    assert outcome.index.lines_read == sum(line != "" for line in lines)


@given(merchant=st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
@settings(max_examples=30, deadline=None)
def test_the_hash_in_sql_is_the_hash_in_python(merchant: str) -> None:
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as connection:
        row = connection.execute(f"SELECT {merchant_hash_sql('?')}", [merchant]).fetchone()
    assert row == (merchant_hash(merchant),)


@pytest.mark.parametrize("partitions", [1, 5, 40])
def test_the_bytes_are_the_same_whatever_the_threads(partitions: int, tmp_path: Path) -> None:
    rows = [(f"m{i % 997}", str(i % 5000), str(i % 3), f"{i}.{i % 100:02}") for i in range(300_000)]
    content = as_csv(rows).replace(b'"', b"")
    written = []
    for threads in (1, 2, 4):
        scratch = tmp_path / str(threads)
        scratch.mkdir()
        process(content, CHOSEN, scratch=scratch, partitions=partitions, threads=threads)
        names = ["shard.frames", *(f"{number}.parquet" for number in range(partitions))]
        written.append([(scratch / name).read_bytes() for name in names])
    assert written[0] == written[1] == written[2]


def test_one_merchant_with_most_of_the_lines_is_counted_exactly_and_shows_as_skew(tmp_path: Path) -> None:
    rows = [("giant" if i % 10 else f"m{i}", str(i), "1", f"{i}.25") for i in range(20_000)]
    outcome = process(as_csv(rows), CHOSEN, scratch=tmp_path, partitions=16)
    assert outcome.net_sales == model(rows)
    sizes = partition_bytes([outcome.index])
    spread = Spread(partitions=16, shard_bytes=sum(sizes), largest_partition_bytes=max(sizes))
    assert spread.is_skewed
    assert sizes.index(max(sizes)) == merchant_hash("giant") * 16 >> 32


def test_as_many_merchants_as_lines_are_spread_evenly(tmp_path: Path) -> None:
    rows = [(f"m{i}", str(i), "1", "1") for i in range(20_000)]
    outcome = process(as_csv(rows), CHOSEN, scratch=tmp_path, partitions=16)
    assert len(outcome.sales) == 20_000
    sizes = partition_bytes([outcome.index])
    assert max(sizes) < 1.2 * sum(sizes) / 16


def test_line_ends_inside_quotes_never_begin_a_line(tmp_path: Path) -> None:
    inside = "\n".join(["x,1,1,1"] * 400)
    rows = "".join(f'"{inside}",b,{i},1\n' if i % 3 else f"y,a,{i},1\n" for i in range(16_000))
    assert len(rows) > 1 << 25  # more than one buffer of the reader
    chosen = order_format("columns: {merchant_id: shop, order_id: order, amount: amount}")
    outcome = process(f"note,shop,order,amount\n{rows}".encode(), chosen, scratch=tmp_path, threads=4)
    assert {shop: s.amounts.lines for (shop, _), s in outcome.sales.items()} == {"a": 5_334, "b": 10_666}


def expected(name: str) -> dict[tuple[str, str], tuple[Decimal, ...]]:
    with (ROOT / "tests" / "expected" / name).open(encoding="utf-8", newline="") as file:
        return {(m, c): tuple(map(Decimal, rest)) for m, c, *rest in list(csv.reader(file))[1:]}


def sample(folder: str, pattern: str, text: str, scratch: Path) -> dict[tuple[str, str], tuple[Decimal, ...]]:
    sums: dict[tuple[str, str], tuple[Decimal, ...]] = {}
    paths = sorted((ROOT / "samples" / folder).glob(pattern))
    assert paths
    for path in paths:
        outcome = process(path.read_bytes(), order_format(text), scratch=scratch, key=path.name)
        for name, s in outcome.sales.items():
            figures = tuple(Decimal(figure) for figure in vars(s.amounts).values())
            before = sums.get(name, (Decimal(0),) * 6)
            sums[name] = tuple(a + b for a, b in zip(before, figures, strict=True))
    return sums


def test_the_complete_journey_sample_gives_the_expected_sales(tmp_path: Path) -> None:
    text = """
columns: {merchant_id: store_id, order_id: basket_id, line_id: product_id, amount: sales_value,
          quantity: quantity, ordered_at: transaction_timestamp}
"""
    sales = sample("complete_journey", "*.csv.gz", text, tmp_path)
    assert sales == expected("complete_journey.csv")


def test_the_birmingham_samples_together_give_the_expected_sales(tmp_path: Path) -> None:
    text = """
csv: {encoding: windows-1252}
columns: {merchant_id: MERCHANT NAME, amount: ORIGINAL GROSS AMT, ordered_at: TRANS DATE}
dates: "%d/%m/%Y"
currency: GBP
"""
    assert sample("birmingham_pcard", "*.csv.gz", text, tmp_path) == expected("birmingham_pcard.csv")
