"""What one would use instead: its cost, how long it takes where that can be told, and what it lacks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from cli.estimate.bill import total
from cli.estimate.durations import MILLION, Durations
from cli.estimate.estimation import Estimate
from cli.estimate.run_model import FunctionCalls, RunModel
from cli.estimate.shape import Shape
from lambdas.domain.partitions import MOST_MERCHANTS

TB = Decimal(10**12)
LEAST_SCANNED_BYTES = 10_000_000
DPU_VCPUS, LEAST_DPUS, LEAST_JOB_SECONDS, SECONDS_PER_HOUR = 4, 2, 60, 3600


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """Dollars and seconds for the same files; `least` says that both are lower bounds."""

    name: str
    cost: Decimal
    seconds: float | None
    least: bool
    lacks: str


def alternatives(estimate: Estimate) -> list[Alternative]:
    """The alternatives for a load."""
    return [one_lambda_per_merchant(estimate), athena(estimate), glue(estimate)]


def one_lambda_per_merchant(estimate: Estimate) -> Alternative:
    """The same functions with a Map child for each merchant, which finds its shard as one object.

    A lower bound: sharding is taken to cost nothing more, no call to be cold, late or throttled.
    """
    merchants, limits = estimate.load.distinct_merchants, estimate.facts.limits
    each = _one_merchant(estimate)
    seconds = each.stage.seconds + estimate.facts.assumed.transaction_seconds
    ours, sales = estimate.forecast, estimate.model.sales().stage
    kept = {name: calls for name, calls in ours.calls.items() if name != sales.worker}
    forecast = replace(
        ours,
        calls=kept | {"merchant_sales": float(merchants)},
        billed_seconds=ours.billed_seconds | {"merchant_sales": merchants * seconds},
        table_units=float(estimate.load.units.table_writes),
        index_units=float(estimate.load.units.index_writes),
        retries=0.0,
    )
    durations = estimate.model.durations
    shape = _one_partition_each(durations.shape, merchants)
    bill = replace(
        estimate.bill,
        durations=replace(durations, shape=shape),
        calls=[each if one.stage.name == sales.name else one for one in estimate.bill.calls],
        forecast=forecast,
    )
    at_once = min(limits.map_children_at_once, estimate.place.lambda_concurrency)
    fan_out = max(
        merchants / limits.map_starts_per_second,
        merchants * seconds / at_once,
        estimate.load.units.table_writes / limits.dynamodb_table_writes_per_second,
    )
    sharded = ours.stages[estimate.bill.calls[1].stage.name].median
    return Alternative(
        name="one Lambda per merchant",
        cost=total(bill.lines()),
        seconds=sharded + fan_out * estimate.load.files,
        least=True,
        lacks="a child costs two transitions and 100 start in a second; up to "
        f"{MOST_MERCHANTS:,} merchants the setting fanOut=merchant does it",
    )


def athena(estimate: Estimate) -> Alternative:
    """One query over all files."""
    scanned = max(LEAST_SCANNED_BYTES, estimate.load.delivered_bytes * estimate.load.files)
    return Alternative(
        name="Athena, one query",
        cost=scanned / TB * estimate.facts.prices.athena_tb,
        seconds=None,
        least=False,
        lacks="no account of rejects, no corrections, no stored totals: every question scans all files again",
    )


def glue(estimate: Estimate) -> Alternative:
    """A job that needs the same processor time as this system, on the smallest cluster, started at once."""
    rates, load = estimate.facts.measured, estimate.load
    millions = load.lines / MILLION
    processors = (
        _text_seconds(estimate.model.durations)
        + (rates.shard_cpu_seconds_per_million_lines + rates.sales_cpu_seconds_per_million_lines) * millions
    )
    seconds = max(LEAST_JOB_SECONDS, processors * load.files / (DPU_VCPUS * LEAST_DPUS))
    hours = Decimal(round(seconds)) * LEAST_DPUS / SECONDS_PER_HOUR
    return Alternative(
        name="Glue, two DPUs",
        cost=hours * estimate.facts.prices.glue_dpu_hour,
        seconds=seconds,
        least=True,
        lacks="reads everything again for every correction; exactness, rejects and totals are yours to write",
    )


def _one_partition_each(shape: Shape, merchants: int) -> Shape:
    return replace(
        shape,
        partitions=merchants,
        sales_workers=merchants,
        by_merchant=False,
        few_partitions=False,
        oversize_partitions=False,
    )


def _text_seconds(durations: Durations) -> float:
    gigabytes = durations.load.text_bytes / 1e9
    unpacking = durations.measured.gunzip_cpu_seconds_per_gb if durations.load.compressed else 0.0
    return gigabytes * (durations.measured.text_cpu_seconds_per_gb + unpacking)


def _one_merchant(estimate: Estimate) -> FunctionCalls:
    """The call of a merchant whose shard is one object."""
    merchants = estimate.load.distinct_merchants
    durations = estimate.model.durations
    alone = replace(_one_partition_each(durations.shape, merchants), splits=1, frames=merchants)
    return RunModel(
        durations=replace(durations, shape=alone), settings=estimate.settings, place=estimate.place
    ).sales()
