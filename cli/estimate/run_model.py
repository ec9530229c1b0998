"""The stages of a run: which function is called how often, how long a call takes, what it asks for."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cli.estimate import requests
from cli.estimate.durations import READERS, Durations
from cli.estimate.processor import Processor
from cli.estimate.requests import Requests
from cli.estimate.settings import Place, Settings
from cli.estimate.shape import Lane
from cli.estimate.simulation.work import FULL_SPEED, Stage
from lambdas.adapters.sales_table import BATCH, BATCH_MONTHS, TO_STOP_SECONDS

INLINE_AT_ONCE = 40
"""All that an inline Map offers."""
SHARDING_STATES = {
    Lane.ONE_SPLIT: "ShardOrders",
    Lane.MANY_SPLITS: "ShardSplits",
    Lane.OVERSIZE: "ShardOversizeOrders",
    Lane.OVERSIZE_SPLITS: "ShardOversizeSplits",
}


@dataclass(frozen=True, kw_only=True)
class FunctionCalls:
    """A stage, the size of its function, and what one call asks for besides its commits."""

    stage: Stage
    memory_mb: int
    disk_mb: int
    asked: Requests


@dataclass(frozen=True, kw_only=True)
class RunModel:
    """A run in the making: its durations, how the stack is deployed, and where it runs."""

    durations: Durations
    settings: Settings
    place: Place

    def calls(self) -> list[FunctionCalls]:
        """The functions of a run in the order of the flow."""
        return [self._plan_run(), self._sharding(), self.index_shards(), self.sales(), self._settle_run()]

    def _plan_run(self) -> FunctionCalls:
        durations = self.durations
        asked = requests.plan_run_requests(durations.load, durations.shape)
        seconds = durations.asking(asked, self._control_processor)
        return self._control("PlanRun", "plan_run", asked, seconds, start=durations.assumed.event_seconds)

    def index_shards(self) -> FunctionCalls:
        """One call that reads the index of every split."""
        asked = requests.index_shards_requests(self.durations.shape)
        seconds = self.durations.indexing(self._control_processor, asked)
        return self._control("IndexShards", "index_shards", asked, seconds)

    def _settle_run(self) -> FunctionCalls:
        durations, processor = self.durations, self._control_processor
        asked = requests.settle_run_requests(durations.shape)
        if durations.shape.by_merchant:
            seconds = durations.indexing(processor, asked)
        else:
            seconds = durations.asking(asked, processor, readers=READERS)
        return self._control("SettleRun", "settle_run", asked, seconds)

    def _sharding(self) -> FunctionCalls:
        settings, durations, shape = self.settings, self.durations, self.durations.shape
        asked = requests.shard_requests(shape, shard_bytes=durations.shard_bytes)
        on_batch, many = shape.lane.on_batch, shape.lane is Lane.MANY_SPLITS
        processor = self._batch_processor if on_batch else self._processor(settings.shard_memory_mb)
        stage = Stage(
            name=SHARDING_STATES[shape.lane],
            function=None if on_batch else "shard_orders",
            calls=shape.splits,
            seconds=durations.sharding(processor, asked),
            limit_seconds=FULL_SPEED if on_batch else settings.work_limit_seconds,
            new_seconds=self._new_worker_seconds(processor, job=on_batch),
            start_seconds=self._start(states=3, map_run=many),
            starts_per_second=self._starts_per_second(many),
            at_once=settings.batch_jobs_at_once if on_batch else settings.map_concurrency,
        )
        return FunctionCalls(
            stage=stage, memory_mb=settings.shard_memory_mb, disk_mb=settings.shard_disk_mb, asked=asked
        )

    def sales(self) -> FunctionCalls:
        """Each call has an equal part of the contributions, and commits them in full batches."""
        settings, durations, shape = self.settings, self.durations, self.durations.shape
        load, units, assumed = durations.load, durations.load.units, durations.assumed
        asked = requests.merchant_sales_requests(load, shape)
        on_batch, many = shape.oversize_partitions, not shape.few_partitions
        processor = self._batch_processor if on_batch else self._processor(settings.sales_memory_mb)
        batch = min(BATCH, BATCH_MONTHS // max(1, math.ceil(load.months)))
        transactions = -(-units.contributions // (batch * shape.sales_workers))
        in_all = max(1, transactions * shape.sales_workers)
        table_units = units.table_writes / in_all
        distributed = many and not on_batch
        stage = Stage(
            name=self._sales_state(),
            function=None if on_batch else "merchant_sales",
            calls=shape.sales_workers,
            seconds=durations.sales(processor, asked, batch_reads=transactions if load.replaces else 0),
            limit_seconds=FULL_SPEED if on_batch else settings.work_limit_seconds,
            new_seconds=self._new_worker_seconds(processor, job=on_batch),
            start_seconds=self._start(states=4, map_run=distributed),
            starts_per_second=self._starts_per_second(distributed),
            at_once=self._sales_at_once(),
            transactions=transactions,
            table_units=table_units,
            index_units=units.index_writes / in_all,
            again_seconds=assumed.dynamodb_request_seconds,
            to_stop_seconds=TO_STOP_SECONDS,
        )
        return FunctionCalls(
            stage=stage, memory_mb=settings.sales_memory_mb, disk_mb=settings.sales_disk_mb, asked=asked
        )

    def _sales_state(self) -> str:
        shape = self.durations.shape
        if shape.oversize_partitions:
            return "ComputeOversizeSales"
        return "ComputeSales" if shape.few_partitions else "ComputeSalesAtScale"

    def _sales_at_once(self) -> int:
        settings, shape = self.settings, self.durations.shape
        if shape.oversize_partitions:
            return settings.batch_jobs_at_once
        inline = shape.few_partitions
        return min(settings.map_concurrency, INLINE_AT_ONCE) if inline else settings.map_concurrency

    def _new_worker_seconds(self, processor: Processor, *, job: bool) -> float:
        measured, assumed = self.durations.measured, self.durations.assumed
        return processor.alone(measured.worker_import_cpu_seconds) + job * assumed.batch_start_seconds

    def _control(
        self, name: str, function: str, asked: Requests, seconds: float, *, start: float = 0.0
    ) -> FunctionCalls:
        stage = Stage(
            name=name,
            function=function,
            calls=1,
            seconds=seconds,
            limit_seconds=self.settings.control_limit_seconds,
            new_seconds=self._control_processor.alone(self.durations.measured.control_import_cpu_seconds),
            start_seconds=start + self._start(states=1),
        )
        return FunctionCalls(
            stage=stage,
            memory_mb=self.settings.control_memory_mb,
            disk_mb=self.settings.control_disk_mb,
            asked=asked,
        )

    def _start(self, *, states: int, map_run: bool = False) -> float:
        assumed = self.durations.assumed
        return states * assumed.transition_seconds + map_run * assumed.map_run_start_seconds

    def _starts_per_second(self, distributed: bool) -> float:
        return self.durations.limits.map_starts_per_second if distributed else FULL_SPEED

    @property
    def _control_processor(self) -> Processor:
        return self._processor(self.settings.control_memory_mb)

    @property
    def _batch_processor(self) -> Processor:
        return Processor(vcpus=self.settings.batch_vcpus, factor=self.place.processor_factor)

    def _processor(self, memory_mb: int) -> Processor:
        return Processor.of_function(memory_mb, self.place.processor_factor)
