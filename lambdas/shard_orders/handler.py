"""ShardOrders: read one split of an order file and shard its order lines by merchant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from lambdas.adapters.aws import aws
from lambdas.adapters.named_failures import named_failures
from lambdas.adapters.order_files import OrderFiles, StoredBytes
from lambdas.adapters.scratch import scratch_database
from lambdas.adapters.work_files import WorkFiles
from lambdas.domain.partitions import hash_ranges
from lambdas.domain.shard_index import ShardIndex
from lambdas.domain.shards import Sharding


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001  Lambda's signature
    """Take {run_id, split, begins_inside}; answer {lines, rejected}."""
    about = {"run_id": event["run_id"], "split": event["split"]}
    with (
        named_failures(aws().logger, f"split {event['split']} of run {event['run_id']}", **about),
        scratch_database(aws().settings) as (scratch, connection),
    ):
        index = shard_split(
            event["run_id"],
            event["split"],
            begins_inside=event["begins_inside"],
            order_files=aws().order_files,
            work=aws().work_files,
            scratch=scratch,
            connection=connection,
        )
    counts = {"lines": index.lines_read, "rejected": index.rejected}
    aws().logger.info("sharded", extra={**about, **counts})
    return counts


def shard_split(
    run_id: str,
    number: int,
    *,
    begins_inside: bool,
    order_files: OrderFiles,
    work: WorkFiles,
    scratch: Path,
    connection: DuckDBPyConnection,
) -> ShardIndex:
    """Shard one split of a run and write its frames, index and rejects."""
    plan = work.plan(run_id)
    sharding = Sharding(
        order_format=plan.order_format,
        ranges=hash_ranges(plan.partitions),
        scratch=scratch,
        connection=connection,
        lists_merchants=plan.fan_out == "merchant",
    )
    split = plan.splits[number]
    orders = StoredBytes(order_files, plan.order_file)
    sharded = sharding.split(orders, split, plan.order_file.key, begins_inside=begins_inside)
    work.put_shards(
        run_id,
        split,
        begins_inside=begins_inside,
        shard_object=sharded.shard_object,
        rejects=sharded.rejects if sharded.index.rejected else None,
    )
    return sharded.index
