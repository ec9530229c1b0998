"""How long one warm call of a function takes, without its commits, from measured and assumed rates."""

from __future__ import annotations

from dataclasses import dataclass

from cli.estimate.limits import AwsLimits
from cli.estimate.load import Load
from cli.estimate.processor import Processor
from cli.estimate.rates import Assumed, Measured
from cli.estimate.requests import Requests
from cli.estimate.shape import Shape
from lambdas.adapters.work_files import FRAME_READERS

MILLION, GB = 1e6, 1e9
READERS = 16
"""Threads with which index_shards and settle_run read."""


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

    @property
    def sales_worker_bytes(self) -> float:
        """The size of the shards that one sales worker reads."""
        return self._lines_read * self.measured.shard_bytes_per_line

    @property
    def _lines_read(self) -> float:
        return self.load.lines * self.shape.share_read

    def sharding(self, processor: Processor, asked: Requests) -> float:
        """Of one split: text, cuts and frames take one thread, the lines all."""
        load, splits, rates = self.load, self.shape.splits, self.measured
        text_gb = load.text_bytes / splits / GB
        text = rates.text_cpu_seconds_per_gb
        text += rates.gunzip_cpu_seconds_per_gb if load.compressed else 0
        text += rates.cut_cpu_seconds_per_gb if self.shape.is_cut else 0
        frames = rates.shard_cpu_seconds_per_frame * self.shape.frames / splits
        lines = rates.shard_cpu_seconds_per_million_lines * load.lines / splits / MILLION
        return (
            processor.alone(text * text_gb + frames)
            + processor.together(lines)
            + self._transfer(load.delivered_bytes / splits + self.shard_bytes)
            + self.asking(asked, processor)
        )

    def indexing(self, processor: Processor, asked: Requests) -> float:
        """Of a call that reads the indexes of all splits with some threads."""
        cpu_seconds = self.measured.index_cpu_seconds_per_million_frames * self.shape.frames / MILLION
        return self.asking(asked, processor, readers=READERS) + processor.alone(cpu_seconds)

    @property
    def index_bytes(self) -> float:
        """The memory that index_shards needs for the frames of all splits."""
        return self.measured.index_bytes_per_frame * self.shape.frames

    def sales(self, processor: Processor, asked: Requests, *, batch_reads: float) -> float:
        """Of one sales worker, with an equal part of the contributions.

        One that takes a merchant computes less of what it reads than is taken here.
        """
        load, shape, rates = self.load, self.shape, self.measured
        commit = rates.commit_cpu_seconds_per_contribution + load.months * rates.commit_cpu_seconds_per_month
        alone = (
            rates.sales_cpu_seconds_per_call
            + rates.sales_cpu_seconds_per_frame * shape.frames_read
            + commit * load.units.contributions / shape.sales_workers
        )
        return (
            processor.alone(alone)
            + processor.together(rates.sales_cpu_seconds_per_million_lines * self._lines_read / MILLION)
            + self._transfer(self.sales_worker_bytes)
            + self.asking(asked, processor, readers=FRAME_READERS)
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
