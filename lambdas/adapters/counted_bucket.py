"""The orders bucket whose files a deployment counts: those of another would count once more, beside them."""

from __future__ import annotations

from lambdas.adapters.dynamodb import ConditionNotMetError, ConflictError, get_item, put, transact
from lambdas.adapters.runs_table import RunsTable
from lambdas.domain.errors import RunError
from lambdas.domain.stored_names import orders_bucket_item

ATTEMPTS = 20


def require_counted_bucket(runs: RunsTable, bucket: str) -> bool:
    """Whether this bucket's files are counted; False while none's are, RunError where another's are."""
    item = get_item(runs.client, runs.table, orders_bucket_item())
    if item is not None and item["bucket"] != bucket:
        raise RunError(
            f"This deployment counts the order files of the bucket {item['bucket']}; those of {bucket} would "
            f"count beside them. Set ordersBucketName back to {item['bucket']}, or deploy {bucket} with a "
            "stackName of its own."
        )
    return item is not None


def claim_counted_bucket(runs: RunsTable, bucket: str) -> None:
    """Make it the bucket whose files are counted, if none is; RunError where another is."""
    claim = put(runs.table, {**orders_bucket_item(), "bucket": bucket}, condition="attribute_not_exists(pk)")
    for _ in range(ATTEMPTS):
        if require_counted_bucket(runs, bucket):
            return
        try:
            transact(runs.client, [claim])
        except (ConditionNotMetError, ConflictError):
            continue
        return
    raise ConflictError(f"the bucket {bucket} could not be claimed in {ATTEMPTS} attempts")
