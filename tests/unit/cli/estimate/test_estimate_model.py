"""Shape, durations, bill and alternatives of a run."""

import math
from bisect import bisect
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from random import Random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.estimate.alternatives import alternatives, athena, glue, one_lambda_per_merchant
from cli.estimate.bill import Line, total
from cli.estimate.estimation import Estimate
from cli.estimate.load import load_of
from cli.estimate.processor import Processor
from cli.estimate.rates import measured
from cli.estimate.requests import transitions
from cli.estimate.settings import Place, Settings
from cli.estimate.shape import Lane, occupied, shape_of
from cli.estimate.warnings import warnings
from lambdas.domain.partitions import HASHES, hash_ranges, merchant_ranges

MIB, GB = 1 << 20, 10**9
SMALL = Estimate(load=load_of(delivered_bytes=100_000, merchants=100))


def estimate(file_bytes: int, merchants: int, *, concurrency: int = 40, account: int = 1000) -> Estimate:
    return Estimate(
        load=load_of(delivered_bytes=file_bytes, merchants=merchants),
        settings=Settings(map_concurrency=concurrency),
        place=Place(lambda_concurrency=account),
    )


@pytest.mark.parametrize(
    ("file_bytes", "compressed", "lane", "splits", "partitions"),
    [
        (1, False, Lane.ONE_SPLIT, 1, 1),
        (128 * MIB, False, Lane.ONE_SPLIT, 1, 2),
        (128 * MIB + 1, False, Lane.MANY_SPLITS, 2, 3),
        (10**12, False, Lane.MANY_SPLITS, 7451, 512),
        (1024 * MIB, True, Lane.ONE_SPLIT, 1, 80),
        (1024 * MIB + 1, True, Lane.OVERSIZE, 1, 81),
    ],
)
def test_a_run_is_cut_as_it_is_planned(
    file_bytes: int, compressed: bool, lane: Lane, splits: int, partitions: int
) -> None:
    load = load_of(delivered_bytes=file_bytes, merchants=1, compressed=compressed)
    shape = shape_of(load, Settings(), measured())
    assert (shape.lane, shape.splits, shape.partitions) == (lane, splits, partitions)
    assert shape.few_partitions == (partitions <= 40)


@given(st.integers(1, 5000), st.integers(1, 600))
def test_merchants_fill_as_many_partitions_as_chance_lets_them(merchants: int, partitions: int) -> None:
    expected = partitions * (1 - (1 - 1 / partitions) ** merchants)
    assert occupied(merchants, partitions) == pytest.approx(expected)
    assert occupied(merchants, partitions) <= min(merchants, partitions) * 1.000001


@pytest.mark.parametrize(
    ("merchants", "file_gb", "partitions"), [(15, 1, 15), (100, 20, 299), (20, 30, 448), (9000, 1, 15)]
)
def test_by_merchant_a_worker_reads_what_its_range_meets(
    merchants: int, file_gb: int, partitions: int
) -> None:
    load = load_of(delivered_bytes=file_gb * GB, merchants=merchants)
    shape = Estimate(load=load, settings=Settings(fan_out="merchant")).shape
    assert (shape.partitions, shape.sales_workers) == (partitions, merchants)
    shares = [_share_met(merchants, partitions, Random(seed)) for seed in range(200_000 // (merchants + 500))]
    assert shape.share_read == pytest.approx(mean(shares), rel=0.03)


def _share_met(merchants: int, partitions: int, random: Random) -> float:
    """Which part of merchants that are alike a worker reads, on average, where chance makes their hashes."""
    hashes = sorted(random.sample(range(HASHES), merchants))
    begins = [part.lo for part in hash_ranges(partitions)]
    first = [bisect(begins, part.lo) - 1 for part in merchant_ranges(hashes)]
    own = [bisect(begins, one) - 1 for one in hashes]
    sizes = Counter(own)
    met = (sum(sizes[part] for part in range(begin, end + 1)) for begin, end in zip(first, own, strict=True))
    return sum(met) / merchants**2


def test_workers_by_merchant_that_read_too_much_are_jobs() -> None:
    load = load_of(delivered_bytes=30 * GB, merchants=20)
    by_merchant = Estimate(load=load, settings=Settings(fan_out="merchant"))
    assert not Estimate(load=load).shape.oversize_partitions
    assert by_merchant.shape.oversize_partitions
    assert any("Each sales worker reads" in told for told in warnings(by_merchant))


def test_a_load_has_no_more_merchants_than_lines() -> None:
    load = load_of(delivered_bytes=1280, merchants=10**6)
    assert (load.lines, load.merchants, load.units.table_writes) == (10, 10, 40)


def test_a_function_has_processors_by_its_memory() -> None:
    whole, small = Processor.of_function(1769, 1), Processor.of_function(512, 1)
    assert (whole.alone(3), whole.together(3)) == (3, 3)
    assert small.alone(1) == small.together(1) == pytest.approx(1769 / 512)
    two = Processor.of_function(3008, 1)
    assert two.alone(3) == 3
    assert two.together(3) == pytest.approx(3 * 1769 / 3008)
    assert Processor.of_function(1769, 2).alone(3) == 6


def test_a_slower_processor_takes_longer_and_costs_more_and_asks_for_the_same() -> None:
    load = load_of(delivered_bytes=GB, merchants=1000)
    quick, slow = (Estimate(load=load, place=Place(processor_factor=factor)) for factor in (1, 2))
    assert slow.forecast.seconds.median > quick.forecast.seconds.median
    assert slow.cost > quick.cost
    assert [c.asked for c in slow.bill.calls] == [c.asked for c in quick.bill.calls]


def by_what(lines: list[Line]) -> dict[str, Line]:
    return {f"{line.service} {line.what.split(':')[0]}": line for line in lines}


def test_the_bill_of_a_small_file_is_what_its_requests_cost() -> None:
    lines = by_what(SMALL.lines)
    assert lines["Step Functions states of SalesRun"].quantity == 10
    assert lines["DynamoDB contributions and totals"].cost == 400 * Decimal("0.000000625")
    assert lines["DynamoDB leaderboard index"].cost == 200 * Decimal("0.000000625")
    assert lines["S3 PUT and LIST"].quantity == 4
    assert lines["EventBridge Object Created"].cost == Decimal("0.000001")
    assert SMALL.cost == sum(line.cost for line in SMALL.lines)
    assert Decimal("0.0007") < SMALL.cost < Decimal("0.001")


def test_a_function_costs_its_requests_its_memory_and_its_disk() -> None:
    line = by_what(SMALL.lines)["Lambda merchant_sales"]
    seconds = Decimal(round(SMALL.forecast.billed_seconds["merchant_sales"] * 1000)) / 1000
    memory, disk = seconds * 3008 / 1024, seconds * (4096 - 512) / 1024
    assert line.quantity == memory
    assert line.cost == Decimal("0.0000002") + memory * Decimal("0.0000133334") + disk * Decimal(
        "0.0000000309"
    )


def test_every_cost_is_exact_and_none_is_negative() -> None:
    for one in (SMALL, estimate(GB, 1000), estimate(2 * GB, 1)):
        for line in [*one.lines, *one.bill.kept()]:
            assert isinstance(line.cost, Decimal)
            assert line.cost >= 0


@pytest.mark.parametrize("files", [1, 3, 70])
def test_so_many_files_cost_so_many_times_as_much(files: int) -> None:
    """But for what they make each other wait."""
    load = load_of(delivered_bytes=100_000, merchants=10, files=files)
    many, one = Estimate(load=load), Estimate(load=replace(load, files=1))
    assert many.cost == pytest.approx(one.cost * files, rel=Decimal("0.2"))
    quantities = {name: line.quantity for name, line in by_what(one.lines).items()}
    writes = "DynamoDB contributions and totals"
    assert by_what(many.lines)[writes].quantity == files * quantities[writes]


def test_more_merchants_bytes_or_months_never_cost_less() -> None:
    costs = [estimate(GB, merchants).cost for merchants in (1, 100, 10_000, 100_000)]
    assert costs == sorted(costs)
    costs = [estimate(file_bytes, 1000).cost for file_bytes in (10**6, 10**8, 10**9, 10**10, 10**11)]
    assert costs == sorted(costs)
    months = [load_of(delivered_bytes=GB, merchants=1000, months=months) for months in (1, 12, 60)]
    assert [one.units.table_writes for one in months] == [4000, 6000, 12_000]


def test_a_file_too_large_for_a_function_is_billed_as_a_job() -> None:
    load = load_of(delivered_bytes=3 * GB, merchants=1000, compressed=True)
    oversize = Estimate(load=load)
    assert oversize.shape.lane is Lane.OVERSIZE
    [job] = [line for line in oversize.lines if line.service == "Batch"]
    per_hour = 4 * Decimal("0.03238") + 16 * Decimal("0.00356") + 80 * Decimal("0.000111")
    assert job.cost == job.quantity * per_hour
    assert "shard_orders" not in oversize.forecast.billed_seconds
    assert oversize.forecast.stages["ShardOversizeOrders"].median > 90


def test_partitions_with_more_shards_than_a_function_takes_are_jobs() -> None:
    huge = estimate(2 * 10**12, 1000)
    assert huge.shape.oversize_partitions
    assert "merchant_sales" not in huge.forecast.billed_seconds
    assert huge.forecast.calls["ComputeOversizeSales"] == 512
    [job] = [line for line in huge.lines if line.service == "Batch"]
    assert job.quantity > 512 * 90 / Decimal(3600)
    assert huge.forecast.table_units == pytest.approx(huge.load.units.table_writes)
    assert any("maxPartitions" in told for told in warnings(huge))


def test_transitions_follow_the_lane_and_the_fan_out() -> None:
    def of(file_bytes: int) -> int:
        return transitions(estimate(file_bytes, 10).shape, per_child_start=1)

    assert of(1000) == 10
    assert of(128 * MIB) == 9 + 2
    assert of(129 * MIB) == 9 + 2 * 2 + 3
    assert of(41 * 64 * MIB) == 9 + 2 * 21 + 2 * 41


def test_one_lambda_per_merchant_costs_two_transitions_each_and_starts_at_100_a_second() -> None:
    ours = estimate(GB, 100_000, concurrency=400)
    theirs = one_lambda_per_merchant(ours)
    assert theirs.cost > ours.cost + 2 * 100_000 * Decimal("0.000025") * Decimal("0.99")
    assert theirs.seconds is not None
    assert theirs.seconds > 100_000 / 100
    assert theirs.least


def test_athena_costs_what_it_scans_and_glue_at_least_a_minute_of_two_dpus() -> None:
    assert athena(estimate(10**12, 10)).cost == 5
    assert athena(estimate(1000, 10)).cost == Decimal("0.00005")
    assert glue(estimate(1000, 10)).cost == Decimal("0.44") * 2 / 60
    assert all(one.lacks for one in alternatives(SMALL))


def test_what_would_fail_is_said_with_what_to_do() -> None:
    assert warnings(SMALL) == []
    small = Settings(control_memory_mb=512)
    tight = replace(estimate(10**12, 10_000), settings=small)
    [memory, *_] = [told for told in warnings(tight) if "frames" in told]
    assert "controlMemoryMb" in memory
    throttled = warnings(estimate(100 * GB, 100_000, account=10))
    assert any("refused and tried again" in told for told in throttled)
    crowded = warnings(estimate(GB // 8, 10**6))
    assert any("ComputeSales stop before their 15 min" in told for told in crowded)
    [refused] = [told for told in warnings(estimate(3000 * GB, 100_000)) if "maxFileBytes" in told]
    assert "3 TB, more than the 2.2 TB" in refused
    [unpacked] = warnings(Estimate(load=load_of(delivered_bytes=15 * GB, merchants=10, compressed=True)))
    assert "batchDiskGib" in unpacked


def test_a_total_of_nothing_is_nothing() -> None:
    assert total([]) == 0
    assert math.isfinite(SMALL.forecast.seconds.p95)
