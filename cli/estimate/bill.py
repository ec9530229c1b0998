"""The bill: what the runs of some files use, priced line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cli.estimate.durations import Durations
from cli.estimate.load import Load
from cli.estimate.prices import Prices
from cli.estimate.requests import transitions
from cli.estimate.run_model import FunctionCalls
from cli.estimate.settings import Settings
from cli.estimate.shape import Lane
from cli.estimate.simulation.replications import Forecast

GB = Decimal(10**9)
MB_PER_GB = 1024
FREE_DISK_MB, FREE_JOB_DISK_GIB = 512, 20
DAYS_PER_MONTH, SECONDS_PER_HOUR = 30, 3600
ITEM_OVERHEAD_BYTES = 100
"""What DynamoDB adds to each stored item."""
ITEMS_PER_CONTRIBUTION = 3
"""The contribution, its total, and the total's index entry."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line, of all files together; dollars."""

    service: str
    what: str
    quantity: Decimal
    unit: str
    cost: Decimal


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What the runs cost, and what it costs each month to keep their results."""

    durations: Durations
    settings: Settings
    calls: Sequence[FunctionCalls]
    forecast: Forecast
    prices: Prices

    def lines(self) -> list[Line]:
        """Every line, in the order of the flow."""
        return [*self._starts(), *self._computing(), *self._s3(), *self._dynamodb(), *self._observing()]

    def kept(self) -> list[Line]:
        """What stays stored, for a month: the order files themselves, results, items."""
        load, rates, prices = self._load, self.durations.measured, self.prices
        each = rates.results_bytes_per_contribution + load.months * rates.results_bytes_per_month
        items = load.units.stored_bytes
        items += ITEMS_PER_CONTRIBUTION * load.units.contributions * ITEM_OVERHEAD_BYTES
        objects_gb = self._all(load.delivered_bytes + load.units.contributions * each) / GB
        items_gb = self._all(items) / GB
        item_price = prices.dynamodb_gb_month + prices.dynamodb_recovery_gb_month
        return [
            _line("S3", "order files and results", objects_gb, "GB-months", prices.s3_gb_month),
            _line("DynamoDB", "items, point-in-time recovery", items_gb, "GB-months", item_price),
        ]

    def transitions(self) -> Decimal:
        """State transitions of all runs, retries too."""
        start = self.durations.assumed.transitions_per_child_start
        planned = transitions(self.durations.shape, per_child_start=start)
        return self._all(planned + self.forecast.retries)

    def _starts(self) -> Iterator[Line]:
        events, price = Decimal(self._load.files), self.prices.eventbridge_event
        yield _line("EventBridge", "Object Created", events, "events", price)
        told = self._all(sum(calls.asked.events * calls.stage.calls for calls in self.calls))
        yield _line("EventBridge", "Run Succeeded", told, "events", price)
        price = self.prices.step_functions_transition
        yield _line("Step Functions", "states of SalesRun", self.transitions(), "transitions", price)

    def _computing(self) -> Iterator[Line]:
        for calls in self.calls:
            yield self._function(calls) if calls.stage.function else self._job(calls)

    def _function(self, calls: FunctionCalls) -> Line:
        name = str(calls.stage.function)
        number = self._all(self.forecast.calls[name])
        seconds = self._all(self.forecast.billed_seconds[name])
        memory = seconds * calls.memory_mb / MB_PER_GB
        disk = seconds * (calls.disk_mb - FREE_DISK_MB) / MB_PER_GB
        settings, prices = self.settings, self.prices
        arm = settings.architecture == "arm64"
        per_gb_second = prices.lambda_gb_second_arm64 if arm else prices.lambda_gb_second_x86_64
        cost = number * prices.lambda_request + memory * per_gb_second + disk * prices.lambda_disk_gb_second
        what = f"{name}: {number:,.0f} of {seconds / number:,.2f} s"
        return Line(service="Lambda", what=what, quantity=memory, unit="GB-seconds", cost=cost)

    def _job(self, calls: FunctionCalls) -> Line:
        """From when a job is submitted on, which is the most that it can be, and more than a minute."""
        settings, prices = self.settings, self.prices
        hours = self._all(self.forecast.billed_seconds[calls.stage.worker]) / SECONDS_PER_HOUR
        per_hour = (
            settings.batch_vcpus * prices.fargate_vcpu_hour
            + Decimal(settings.batch_memory_mb) / MB_PER_GB * prices.fargate_gb_hour
            + max(0, settings.batch_disk_gib - FREE_JOB_DISK_GIB) * prices.fargate_disk_gb_hour
        )
        number = self._all(calls.stage.calls)
        what = f"{calls.stage.name}: {number:,.0f} of {settings.batch_vcpus} vCPUs"
        return Line(service="Batch", what=what, quantity=hours, unit="hours", cost=hours * per_hour)

    def _s3(self) -> Iterator[Line]:
        calls = self.calls
        puts = self._all(sum(one.stage.calls * one.asked.puts for one in calls))
        gets = self._all(sum(one.stage.calls * one.asked.gets for one in calls))
        yield _line("S3", "PUT and LIST", puts, "requests", self.prices.s3_put)
        yield _line("S3", "GET and HEAD", gets, "requests", self.prices.s3_get)
        days = self.settings.work_expiry_days
        shards = self._all(self.durations.shard_bytes * self.durations.shape.splits)
        months = shards / GB * days / DAYS_PER_MONTH
        yield _line("S3", f"shards, {days} days", months, "GB-months", self.prices.s3_gb_month)

    def _dynamodb(self) -> Iterator[Line]:
        calls = self.calls
        write, read = self.prices.dynamodb_write_unit, self.prices.dynamodb_read_unit
        table, index = self._all(self.forecast.table_units), self._all(self.forecast.index_units)
        runs = self._all(sum(one.stage.calls * one.asked.write_units for one in calls))
        reads = self._all(self._load.units.reads + sum(one.stage.calls * one.asked.reads for one in calls))
        yield _line("DynamoDB", "contributions and totals", table, "write units", write)
        yield _line("DynamoDB", "leaderboard index", index, "write units", write)
        yield _line("DynamoDB", "the run's own items", runs, "write units", write)
        yield _line("DynamoDB", "reads", reads, "read units", read)

    def _observing(self) -> Iterator[Line]:
        assumed, shape = self.durations.assumed, self.durations.shape
        of_calls = self._all(sum(self.forecast.calls.values())) * assumed.log_bytes_per_call
        logged = (of_calls + self.transitions() * assumed.log_bytes_per_transition) / GB
        yield _line("CloudWatch", "logs", logged, "GB", self.prices.logs_gb)
        children = shape.splits * (shape.lane is Lane.MANY_SPLITS)
        children += shape.sales_workers * (not shape.few_partitions and not shape.oversize_partitions)
        yield _line("X-Ray", "traces, at most", self._all(1 + children), "traces", self.prices.xray_trace)

    @property
    def _load(self) -> Load:
        return self.durations.load

    def _all(self, of_one_file: float) -> Decimal:
        """Of all files; thousandths of a second, a byte or a request are enough."""
        return Decimal(round(of_one_file * 1000)) / 1000 * self._load.files


def total(lines: list[Line]) -> Decimal:
    """The sum of some lines, in dollars."""
    return sum((line.cost for line in lines), Decimal(0))


def _line(service: str, what: str, quantity: Decimal, unit: str, price: Decimal) -> Line:
    return Line(service=service, what=what, quantity=quantity, unit=unit, cost=quantity * price)
