"""The environment of a function or job as one typed object, validated once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast, get_args

from lambdas.domain.partitions import FanOut
from lambdas.domain.plan import Limits

MB_PER_PROCESSOR = 1769
"""Lambda gives a function one processor for each so many MB."""


class SettingsError(Exception):
    """The deployment left a variable out or gave it a value that can't be used."""


@dataclass(frozen=True)
class Settings:
    """A function's or job's environment; each setting is read, and complained about, when it is asked for."""

    variables: Mapping[str, str]

    @property
    def orders_bucket(self) -> str:
        """The name of the bucket that order files are dropped into."""
        return self._text("ORDERS_BUCKET")

    @property
    def work_bucket(self) -> str:
        """The name of the bucket for plans, shards, results and rejects."""
        return self._text("WORK_BUCKET")

    @property
    def sales_table(self) -> str:
        """The name of the table of contributions and totals."""
        return self._text("SALES_TABLE")

    @property
    def runs_table(self) -> str:
        """The name of the table of keys, runs and looks."""
        return self._text("RUNS_TABLE")

    @property
    def state_machine(self) -> str:
        """The ARN of SalesRun."""
        return self._text("STATE_MACHINE")

    @property
    def notices_topic(self) -> str:
        """The ARN of the topic that people subscribe to."""
        return self._text("NOTICES_TOPIC")

    @property
    def limits(self) -> Limits:
        """The sizes by which a run is cut."""
        return Limits(
            partition_bytes=self._positive("PARTITION_BYTES"),
            max_partitions=self._positive("MAX_PARTITIONS"),
            inline_partitions=self._positive("INLINE_PARTITIONS"),
            one_split_bytes=self._positive("ONE_SPLIT_BYTES"),
            split_bytes=self._positive("SPLIT_BYTES"),
            max_file_bytes=self._positive("MAX_FILE_BYTES"),
            fan_out=self._fan_out,
        )

    @property
    def oversize_partition_bytes(self) -> int:
        """How many bytes of shards a sales function takes at most; a partition above it is a job's."""
        return self._positive("OVERSIZE_PARTITION_BYTES")

    @property
    def environment_name(self) -> str:
        """What tells this process from others: Lambda names a log stream for each, Batch the job."""
        return self._text(self._given("AWS_LAMBDA_LOG_STREAM_NAME", "AWS_BATCH_JOB_ID"))

    @property
    def database_memory_bytes(self) -> int:
        """How much of the memory DuckDB may take: the rest is for Python and the S3 client."""
        return self._memory_mb * (1 << 20) * 6 // 10

    @property
    def threads(self) -> int:
        """How many threads the processors are good for; a function gets them by its memory."""
        if "JOB_VCPUS" in self.variables:
            return self._positive("JOB_VCPUS")
        return max(1, round(self._memory_mb / MB_PER_PROCESSOR))

    @property
    def _fan_out(self) -> FanOut:
        value = self._text("FAN_OUT")
        for known in get_args(FanOut):
            if value == known:
                return cast("FanOut", known)
        raise SettingsError(f"The variable FAN_OUT is {value!r}; expected {' or '.join(get_args(FanOut))}.")

    @property
    def _memory_mb(self) -> int:
        return self._positive(self._given("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "JOB_MEMORY_MB"))

    def _given(self, of_function: str, of_job: str) -> str:
        """The one of two names that is set: Lambda's own, or what a Batch job has instead."""
        return of_job if of_job in self.variables else of_function

    def _text(self, name: str) -> str:
        value = self.variables.get(name, "")
        if not value:
            raise SettingsError(f"The variable {name} is not set here; deploy the stack again.")
        return value

    def _positive(self, name: str) -> int:
        value = self._text(name)
        if not value.isdecimal() or int(value) < 1:
            raise SettingsError(f"The variable {name} is {value!r}; expected a whole number above 0.")
        return int(value)
