"""The real functions, given the world's services, clock and randomness instead of AWS's.

Their handlers run as they are. What is replaced are the names that give them what they work with: `aws`,
`now`, the scratch folder with its database, the packaged formats. Besides, settle_run's threads, which would
take turns by themselves, read one after the other, and the pure functions that use DuckDB answer from
memory what they have been asked before.
"""

from __future__ import annotations

import dataclasses
import functools
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

from duckdb import DuckDBPyConnection

from lambdas.adapters import read_splits
from lambdas.adapters import sweep as sweep_pages
from lambdas.adapters.aws import Aws
from lambdas.adapters.dynamodb import Backoff
from lambdas.adapters.new_files import S3_SIZES, UploadSizes
from lambdas.adapters.settings import Settings
from lambdas.adapters.work_files import WorkFiles
from lambdas.domain.measures import Measure
from lambdas.domain.order_format import OrderFormat
from lambdas.fail_run import handler as fail_run
from lambdas.index_shards import handler as index_shards
from lambdas.merchant_sales import handler as merchant_sales
from lambdas.merchant_sales import partition_worker
from lambdas.plan_run import handler as plan_run
from lambdas.settle_run import handler as settle_run
from lambdas.shard_orders import handler as shard_orders
from lambdas.sweep import handler as sweep
from tests.fault import memory

ORDERS, WORK, SALES, RUNS = "orders", "work", "sales", "runs"
HANDLERS: dict[str, Callable[[dict[str, Any], object], dict[str, Any]]] = {
    "PlanRun": plan_run.handler,
    "ShardOrders": shard_orders.handler,
    "ShardSplits": shard_orders.handler,
    "ReshardSplits": shard_orders.handler,
    "IndexShards": index_shards.handler,
    "ComputeSales": merchant_sales.handler,
    "SettleRun": settle_run.handler,
    "FailRun": fail_run.handler,
    "Sweep": sweep.handler,
}
MODULES = (
    plan_run, shard_orders, index_shards, read_splits, merchant_sales, partition_worker, settle_run, fail_run,
    sweep, sweep_pages,
)  # fmt: skip
VARIABLES = {
    "ORDERS_BUCKET": ORDERS,
    "WORK_BUCKET": WORK,
    "SALES_TABLE": SALES,
    "RUNS_TABLE": RUNS,
    "PARTITION_BYTES": "400",
    "MAX_PARTITIONS": "3",
    "INLINE_PARTITIONS": "40",
    "ONE_SPLIT_BYTES": "1000000",
    "OVERSIZE_PARTITION_BYTES": "1000000",
    "SPLIT_BYTES": "350",
    "MAX_FILE_BYTES": "1000000",
    "STATE_MACHINE": "SalesRun",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
}


class FaultAws(Aws):
    """The adapters over the world's clients."""

    def __init__(
        self,
        clients: dict[str, Any],
        random: Random,
        sleep: Callable[[float], None],
        variables: Mapping[str, str],
        upload_sizes: UploadSizes = S3_SIZES,
    ) -> None:
        """Take the clients by service, the variables, which change with a deployment, and S3's limits."""
        super().__init__(Settings(variables))
        self.clients, self.random, self.sleep, self.upload_sizes = clients, random, sleep, upload_sizes

    @functools.cached_property
    def logger(self) -> Any:
        """No log: the trace tells more."""
        return _Silent()

    @functools.cached_property
    def metrics(self) -> Any:
        """What was measured, kept instead of printed."""
        return Measured()

    @functools.cached_property
    def work_files(self) -> WorkFiles:
        """The work bucket of a world with limits of its own."""
        return dataclasses.replace(super().work_files, upload_sizes=self.upload_sizes, sleep=self.sleep)

    @functools.cached_property
    def backoff(self) -> Backoff:
        """Pauses, which are turns for others."""
        return Backoff(sleep=self.sleep, random=self.random)

    def _client(self, service: str, config: object = None) -> Any:  # noqa: ARG002  the real one has it
        return self.clients[service]


class Measured:
    """The metrics that the functions have put."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.values: list[tuple[Measure, float]] = []
        self.money: list[dict[str, Decimal]] = []

    def put(self, measures: dict[Measure, float]) -> None:
        """Keep them."""
        self.values += measures.items()

    def put_money(self, money: dict[str, Decimal]) -> None:
        """Keep it."""
        self.money.append(money)


class _Silent:
    def __getattr__(self, level: str) -> Callable[..., None]:
        return lambda *message, **extra: None  # noqa: ARG005


class _OneAfterTheOther(Executor):
    """An executor that is its only thread."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def map(self, fn: Callable[..., Any], *iterables: Iterable[Any], **options: Any) -> Iterator[Any]:  # noqa: ARG002
        return iter([fn(*arguments) for arguments in zip(*iterables, strict=True)])


def install(
    aws: FaultAws,
    *,
    now: Callable[[], datetime],
    formats: Callable[[], list[OrderFormat]],
    connection: DuckDBPyConnection,
    scratch: Path,
    remember: bool,
) -> None:
    """Give the functions this world from now on."""
    folders = iter(range(10**9))

    @contextmanager
    def scratch_database(settings: Settings) -> Iterator[tuple[Path, DuckDBPyConnection]]:  # noqa: ARG001
        folder = scratch / str(next(folders))
        folder.mkdir()
        try:
            yield folder, connection
        finally:
            shutil.rmtree(folder)

    for module in MODULES:
        _replace(module, aws=lambda: aws, now=now, scratch_database=scratch_database, sleep=aws.sleep)
        _replace(module, ThreadPoolExecutor=_OneAfterTheOther, load_order_formats=lambda folder: formats())  # noqa: ARG005
    if remember:
        _replace(shard_orders, Sharding=memory.Sharding)
        _replace(partition_worker, compute_sales=memory.compute_sales, read_results=memory.read_results)
        _replace(
            partition_worker, not_named_any_more=memory.not_named_any_more, write_named=memory.write_named
        )
    else:
        memory.forget(shard_orders, partition_worker)


def _replace(module: Any, **names: Any) -> None:
    for name, value in names.items():
        if hasattr(module, name):
            setattr(module, name, value)
