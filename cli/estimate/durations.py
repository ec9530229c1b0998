"""How long one warm call of a function takes, without its commits, from measured and assumed rates."""

from __future__ import annotations

from dataclasses import dataclass

from cli.estimate.limits import AwsLimits
from cli.estimate.load import Load
from cli.estimate.processor import Processor
from cli.estimate.rates import Assumed, Measured
from cli.estimate.requests import Requests
from cli.estimate.shape import Shape
from lambdas.adapters.work_files import INDEX_TAIL_BYTES

THOUSAND, MILLION, GB = 1e3, 1e6, 1e9


@dataclass(frozen=True, kw_only=True)
class Durations:
    """Seconds of calls of a run that is cut in some way."""

    load: Load
    shape: Shape
    measured: Measured
    assumed: Assumed
    limits: AwsLimits

    @property
    def shard_bytes(self) -> float:
        """The size of one split's shard object."""
        return self.load.lines / self.shape.splits * self.measured.shard_bytes_per_line

    def sharding(self, processor: Processor, asked: Requests) -> float:
        """Of one split: the text, one thread; the lines, all; the frames, one after the other."""
        load, splits, rates = self.load, self.shape.splits, self.measured
        text_gb = load.text_bytes / splits / GB
        unpacking = rates.gunzip_cpu_seconds_per_gb * text_gb if load.compressed else 0
        frames = rates.shard_cpu_seconds_per_frame * self.shape.frames / splits
        lines = rates.shard_cpu_seconds_per_million_lines * load.lines / splits / MILLION
        return (
            processor.alone(unpacking + rates.text_cpu_seconds_per_gb * text_gb + frames)
            + processor.together(lines)
            + self._transfer(load.delivered_bytes / splits + self.shard_bytes)
            + self.asking(asked, processor)
        )

    def indexing(self, processor: Processor, asked: Requests) -> float:
        """Of index_shards, which reads one split's index after the other."""
        return self.asking(asked, processor) + processor.alone(self._parsing_cpu())

    def sales(self, processor: Processor, asked: Requests, *, batch_reads: float) -> float:
        """Of one partition, with an equal part of the lines, frames and contributions."""
        load, shape, rates = self.load, self.shape, self.measured
        commit = rates.commit_cpu_seconds_per_contribution + load.months * rates.commit_cpu_seconds_per_month
        alone = (
            rates.sales_cpu_seconds_per_call
            + rates.sales_cpu_seconds_per_frame * shape.frames_per_partition
            + self._parsing_cpu()
            + commit * load.units.contributions / shape.partitions
        )
        lines = load.lines / shape.partitions
        return (
            processor.alone(alone)
            + processor.together(rates.sales_cpu_seconds_per_million_lines * lines / MILLION)
            + self._transfer(lines * rates.shard_bytes_per_line + shape.splits * INDEX_TAIL_BYTES)
            + self.asking(asked, processor)
            + batch_reads * self.assumed.dynamodb_request_seconds
        )

    def asking(self, asked: Requests, processor: Processor, *, readers: int = 1) -> float:
        """Of requests one after the other, those that read divided among some threads."""
        s3, dynamodb = asked.puts + asked.gets / readers, asked.reads
        waiting = (
            s3 * self.assumed.s3_request_seconds
            + dynamodb * self.assumed.dynamodb_request_seconds
            + asked.transactions * self.assumed.transaction_seconds
        )
        made = asked.puts + asked.gets + dynamodb + asked.transactions
        return waiting + processor.alone(made * self.measured.request_cpu_seconds)

    def _transfer(self, size_bytes: float) -> float:
        return size_bytes / self.limits.lambda_bytes_per_second

    def _parsing_cpu(self) -> float:
        """To read the index of every split."""
        each = self.measured.index_cpu_seconds_per_thousand_partitions * self.shape.partitions / THOUSAND
        return each * self.shape.splits
