"""MerchantSales: compute the sales of one partition's merchants and commit them to the ledger."""

from __future__ import annotations

import math
from typing import Any

from lambdas.adapters.aws import aws, now
from lambdas.adapters.named_failures import named_failures
from lambdas.adapters.scratch import scratch_database
from lambdas.adapters.work_files import range_from_json
from lambdas.domain.order_file import RunId
from lambdas.merchant_sales.partition_worker import PartitionWorker


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take {run_id, lo, hi}; answer {superseded, committed, retracted}.

    A job has no context: its time has no end here.
    """
    part = range_from_json(event)
    about = {"run_id": event["run_id"], "partition": part.name}
    with (
        named_failures(aws().logger, f"partition {part.name} of run {event['run_id']}", **about),
        scratch_database(aws().settings) as (scratch, connection),
    ):
        worker = PartitionWorker(
            run_id=RunId.parse(event["run_id"]),
            part=part,
            runs=aws().runs_table,
            sales=aws().sales_table,
            work=aws().work_files,
            scratch=scratch,
            connection=connection,
            now=now,
            seconds_left=lambda: context.get_remaining_time_in_millis() / 1000 if context else math.inf,
        )
        answer = worker.run()
    aws().logger.info("partition done", extra={**about, **answer})
    return answer
