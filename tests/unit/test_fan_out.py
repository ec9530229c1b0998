"""The fan-out by merchant: its ranges, its limit, and that each call counts its own merchant only."""

from __future__ import annotations

import io
import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.domain.errors import RunError
from lambdas.domain.fan_out import check_merchants, sales_partitions
from lambdas.domain.order_file import DELETED, OrderFile
from lambdas.domain.partitions import (
    HASHES,
    MOST_MERCHANTS,
    FanOut,
    HashRange,
    hash_ranges,
    merchant_hash,
    merchant_ranges,
)
from lambdas.domain.plan import Plan, make_plan
from lambdas.domain.sales import compute_sales, read_results
from lambdas.domain.shard_index import ShardIndex, pack_merchant_hashes, read_shard_index
from lambdas.domain.shards import ShardedOrders, Sharding
from tests.unit.order_files import LIMITS, opened, order_format

HASHES_OF_MERCHANTS = st.lists(st.integers(0, HASHES - 1) | st.sampled_from([0, 1, HASHES - 1]), max_size=30)


def plan(fan_out: FanOut = "merchant", *, version_id: str = "v1", size_bytes: int = 10) -> Plan:
    return make_plan(
        order_file=OrderFile(bucket="b", key="a.csv", version_id=version_id, size_bytes=size_bytes),
        revision=1,
        replaced_bytes=25,
        formats=[order_format()],
        limits=replace(LIMITS, fan_out=fan_out),
    )


def index_of(merchant_hashes: list[int]) -> ShardIndex:
    packed = pack_merchant_hashes(sorted(set(merchant_hashes)))
    return ShardIndex(**{**vars(ShardIndex.empty(3)), "packed_merchant_hashes": packed})


@given(hashes=HASHES_OF_MERCHANTS)
def test_there_is_a_range_for_each_merchant_and_together_they_cover_every_hash(hashes: list[int]) -> None:
    ranges = merchant_ranges(hashes)
    assert len(ranges) == max(1, len(set(hashes)))
    assert (ranges[0].lo, ranges[-1].hi) == (0, HASHES - 1)
    assert all(left.hi + 1 == right.lo for left, right in itertools.pairwise(ranges))
    for number, merchant in enumerate(sorted(set(hashes))):
        assert merchant in ranges[number]


def test_a_plan_keeps_what_the_run_fans_out_by_and_one_from_before_the_setting_is_by_partition() -> None:
    chosen = plan("merchant")
    assert Plan.from_json(chosen.to_json()) == chosen
    assert chosen.fan_out == "merchant"
    older = chosen.to_json().replace('"fan_out": "merchant", ', "")
    assert Plan.from_json(older).fan_out == "partition"


def test_a_key_that_holds_nothing_is_retracted_by_partition() -> None:
    gone = plan(version_id=DELETED, size_bytes=0)
    assert gone.fan_out == "partition"
    assert sales_partitions(gone, []) == hash_ranges(3)


def test_the_merchants_of_all_splits_make_the_ranges() -> None:
    indexes = [index_of([7, 5]), index_of([]), index_of([5, 9])]
    assert sales_partitions(plan(), indexes) == [HashRange(0, 5), HashRange(6, 7), HashRange(8, HASHES - 1)]
    assert sales_partitions(plan("partition"), indexes) == hash_ranges(3)
    assert sales_partitions(plan(), [index_of([])]) == [HashRange(0, HASHES - 1)]


def test_more_merchants_than_the_limit_are_refused_with_advice() -> None:
    most = list(range(MOST_MERCHANTS))
    check_merchants(plan(), sales_partitions(plan(), [index_of(most)]))
    too_many = sales_partitions(plan(), [index_of(most), index_of([MOST_MERCHANTS])])
    with pytest.raises(RunError, match=r"a\.csv has more than 10,000 merchants.* fanOut=partition"):
        check_merchants(plan(), too_many)
    check_merchants(plan("partition"), too_many)


@pytest.mark.parametrize(("merchants", "listed"), [(3, 3), (MOST_MERCHANTS + 7, MOST_MERCHANTS + 1)])
def test_a_split_lists_its_merchants_up_to_one_above_the_limit(
    merchants: int, listed: int, tmp_path: Path
) -> None:
    rows = "".join(f"m{i},1\nm{i},2\n" for i in range(merchants))
    index = sharded(f"shop,amount\n{rows},3\n".encode(), tmp_path).index
    hashes = sorted({merchant_hash(f"m{i}") for i in range(merchants)})
    assert list(index.merchant_hashes) == hashes[:listed]
    assert read_shard_index(index.to_bytes()) == index


def test_each_call_counts_its_own_merchant_and_all_together_count_every_line_once(tmp_path: Path) -> None:
    names = [f"m{i}" for i in range(40)]
    rows = "".join(f"{name},{n}.25,o{n % 3},{n % 2}\n" for n in range(8) for name in names)
    content = f"shop,amount,order,line\n{rows}".encode()
    text = "columns: {merchant_id: shop, order_id: order, line_id: line, amount: amount}"
    found = sharded(content, tmp_path, text)
    stored = found.shard_object.read_bytes()
    frames = []
    for number, place in enumerate(found.index.frames):
        assert place
        frames.append(tmp_path / f"{number}.frame")
        frames[-1].write_bytes(stored[place[0] : place[0] + place[1]])
    by_name, lines = {}, 0
    with opened(tmp_path) as connection:
        for part in sales_partitions(plan(), [found.index]):
            met = [frame for frame, shard in zip(frames, hash_ranges(3), strict=True) if shard.meets(part)]
            results = tmp_path / f"{part.name}.parquet"
            compute_sales(frames=met, results=results, connection=connection, only=part)
            outcome, contributions = read_results(results, connection)
            [contribution] = contributions
            by_name[contribution.about.merchant_id] = contribution.amounts
            lines += outcome.counted + outcome.duplicates
    assert sorted(by_name) == sorted(names)
    assert lines == found.index.lines_read == 320
    # 8 lines of 6 (order, line) pairs: the last two are copies of the first two
    assert {(amounts.lines, str(amounts.net_sales)) for amounts in by_name.values()} == {(6, "28.5000")}


def sharded(
    content: bytes, scratch: Path, text: str = "columns: {merchant_id: shop, amount: amount}"
) -> ShardedOrders:
    with opened(scratch) as connection:
        sharding = Sharding(
            order_format=order_format(text),
            ranges=hash_ranges(3),
            scratch=scratch,
            connection=connection,
            lists_merchants=True,
        )
        return sharding.file(io.BytesIO(content), "orders.csv")


@pytest.mark.parametrize(
    ("parts", "covered"),
    [
        ([(0, 9)], True),
        ([(0, 4), (5, 9)], True),
        ([(6, 20), (0, 2), (2, 5)], True),
        ([(0, 4), (6, 9)], False),
        ([(1, 9)], False),
        ([(0, 8)], False),
        ([], False),
    ],
)
def test_a_range_is_covered_by_parts_without_a_gap(parts: list[tuple[int, int]], covered: bool) -> None:
    assert HashRange(0, 9).is_covered_by([HashRange(lo, hi) for lo, hi in parts]) is covered
