"""The Batch job: a split to shard, or a partition to compute, that is too large for a function.

    python -m lambdas.oversize_orders.job shard RUN_ID SPLIT    its number; in an array job, the job's index
    python -m lambdas.oversize_orders.job sales RUN_ID LO HI    the partition's first and last hash

It calls what the functions call, so the shards and sales are the same.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.adapters.aws import Aws, aws
from lambdas.adapters.work_files import WorkFiles
from lambdas.domain.errors import OrderFileError, RunError
from lambdas.domain.job_failure import JobFailure
from lambdas.merchant_sales import handler as merchant_sales
from lambdas.shard_orders import handler as shard_orders

Event = dict[str, Any]
Work = Callable[[Event, object], dict[str, Any]]


def main(arguments: Sequence[str], variables: Mapping[str, str]) -> int:
    """Do the work; 0, or 1 when it failed, with the reason in the log and in the work bucket."""
    work, event = task_of(arguments, variables)
    try:
        if not _sharded_before(event, aws().work_files):
            work(event, None)
    except Exception as error:
        _tell(error, event, variables, aws())
        return 1
    return 0


def task_of(arguments: Sequence[str], variables: Mapping[str, str]) -> tuple[Work, Event]:
    """The function whose work it is, and its event."""
    match list(arguments):
        case ["shard", run_id, split]:
            number = int(variables.get("AWS_BATCH_JOB_ARRAY_INDEX", split))
            return shard_orders.handler, {"run_id": run_id, "split": number, "begins_inside": False}
        case ["sales", run_id, lo, hi]:
            return merchant_sales.handler, {"run_id": run_id, "lo": lo, "hi": hi}
    raise SystemExit(f"Expected `shard RUN_ID SPLIT` or `sales RUN_ID LO HI`, got: {' '.join(arguments)}")


def _sharded_before(event: Event, work: WorkFiles) -> bool:
    """Whether there are a split's shards: a redrive has Batch repeat the whole array for one child's sake."""
    if "split" not in event:
        return False
    split = work.plan(event["run_id"]).splits[event["split"]]
    return work.has_shards(event["run_id"], split, begins_inside=event["begins_inside"])


def _tell(error: Exception, event: Event, variables: Mapping[str, str], aws: Aws) -> None:
    """Write why the job failed where fail_run looks for it: Batch itself tells of an exit code only."""
    expected = isinstance(error, OrderFileError | RunError)
    aws.logger.error(str(error), extra=event, exc_info=None if expected else error)
    failure = JobFailure(
        kind=type(error).__name__,
        message=str(error),
        # what nobody foresaw names its split by itself
        split=event.get("split") if expected and "AWS_BATCH_JOB_ARRAY_INDEX" in variables else None,
    )
    try:
        aws.work_files.put_job_failure(event["run_id"], variables["AWS_BATCH_JOB_ID"], failure)
    except (BotoCoreError, ClientError):
        aws.logger.exception("the reason could not be written to the work bucket")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
