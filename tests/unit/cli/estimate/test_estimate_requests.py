"""The model's requests against those of the real functions, counted in runs in process."""

from collections import Counter
from dataclasses import replace

import pytest

from cli.estimate.estimation import Estimate
from cli.estimate.item_units import units_of
from cli.estimate.load import Load, load_of
from cli.estimate.settings import Settings
from lambdas.domain.ledger import Contribution
from lambdas.domain.partitions import FanOut, hash_ranges, merchant_hash
from tests.unit.cli.estimate.counted_run import CountedRun

KEY = "orders.csv"
HEADING = "merchant_id,amount,order_id,line_id,quantity,ordered_at\n"
SETTINGS = Settings(partition_bytes=20_000, split_bytes=15_000, inline_partitions=4)


def orders(lines: int, merchants: int, price: int) -> bytes:
    rows = (
        f"merchant-{i % merchants:05d},{price + i % 7}.50,{i},1,2,2026-01-{i % 28 + 1:02d}\n"
        for i in range(lines)
    )
    return (HEADING + "".join(rows)).encode()


def estimated(run: CountedRun, body: bytes, *, lines: int, settings: Settings, replaces: bool) -> Estimate:
    """The model of the file, with the contributions that the run has stored."""
    stored = list(run.contributions())
    load: Load = replace(
        load_of(delivered_bytes=len(body), merchants=len(stored), lines=lines, replaces=replaces),
        key=KEY,
        units=units_of(stored, object_key=KEY, revision=2 if replaces else 1, known_merchants=replaces),
    )
    return Estimate(load=load, settings=settings)


def modelled(estimate: Estimate) -> dict[str, Counter[str]]:
    """By function what the model says that it asks for."""
    asked = {}
    for calls in estimate.model.calls():
        each, number = calls.asked, calls.stage.calls
        assert calls.stage.function
        asked[calls.stage.function] = Counter(
            calls=number,
            s3_puts=round(each.puts * number),
            s3_gets=round(each.gets * number),
            runs_reads=round(each.reads * number),
            runs_units=round(each.write_units * number),
            runs_transactions=round(each.transactions * number),
            events=round(each.events * number),
        )
    units = estimate.load.units
    asked["merchant_sales"] += Counter(
        sales_writes=units.table_writes, sales_index_writes=units.index_writes, sales_reads=units.reads
    )
    return {name: +counts for name, counts in asked.items()}


def counted(run: CountedRun) -> dict[str, Counter[str]]:
    """By function what the run has asked for."""
    asked = {}
    for name, counts in run.asked.items():
        told = Counter(counts)
        told["runs_units"] = told.pop("runs_writes", 0) + told.pop("runs_index_writes", 0)
        for surplus in ("runs_items", "sales_items", "sales_transactions"):
            told.pop(surplus, None)
        asked[name] = +told
    return asked


@pytest.mark.parametrize(
    ("fan_out", "lines", "merchants", "splits", "partitions"),
    [
        ("partition", 20, 4, 1, 1),
        ("partition", 350, 60, 1, 1),
        ("partition", 500, 120, 2, 1),
        ("partition", 1900, 200, 5, 4),
        ("partition", 3000, 300, 8, 6),
        ("partition", 3000, 2, 8, 6),
        ("merchant", 20, 4, 1, 1),
        ("merchant", 500, 9, 2, 1),
        ("merchant", 1900, 24, 5, 4),
        ("merchant", 3000, 6, 8, 6),
        ("merchant", 3000, 2, 8, 6),
    ],
)
def test_the_model_asks_for_what_the_functions_ask_for(
    fan_out: FanOut,
    lines: int,
    merchants: int,
    splits: int,
    partitions: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = replace(SETTINGS, fan_out=fan_out)
    run = CountedRun(settings, monkeypatch)
    for revision, price in enumerate((1, 2), start=1):
        body = orders(lines, merchants, price)
        run.asked.clear()
        run.run(KEY, body)
        estimate = estimated(run, body, lines=lines, settings=settings, replaces=revision > 1)
        assert (estimate.shape.splits, estimate.shape.partitions) == (splits, partitions)
        assert counted(run) == modelled(with_frames_counted(estimate, run)), f"revision {revision}"


def with_frames_counted(estimate: Estimate, run: CountedRun) -> Estimate:
    """The estimate with as many frames and occupied partitions as there really are: its own are averages."""
    frames, shape = run.frames(), estimate.shape
    hashes = [merchant_hash(one.about.merchant_id) for one in run.contributions()]
    occupied = sum(any(one in part for one in hashes) for part in hash_ranges(shape.partitions))
    if occupied == shape.partitions:
        assert shape.frames == pytest.approx(frames, rel=0.05, abs=1)
    estimate.__dict__["shape"] = replace(shape, frames=frames, occupied_partitions=occupied)
    return estimate


def test_shards_that_one_request_cannot_bring_are_counted_by_their_parts() -> None:
    for delivered_bytes, parts in ((2 * 10**9, 0), (10**10, 38)):
        load = load_of(delivered_bytes=delivered_bytes, merchants=1000, compressed=True)
        estimate = Estimate(load=load, settings=Settings())
        [sharding] = [calls for calls in estimate.model.calls() if calls.stage.name == "ShardOversizeOrders"]
        assert sharding.asked.puts == (2 + parts if parts else 1), estimate.model.durations.shard_bytes


def test_the_contributions_are_those_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    run = CountedRun(SETTINGS, monkeypatch)
    run.run(KEY, orders(60, 6, 1))
    found: list[Contribution] = list(run.contributions())
    assert [one.about.merchant_id for one in found] == [f"merchant-{n:05d}" for n in range(6)]
    assert sum(one.amounts.lines for one in found) == 60
