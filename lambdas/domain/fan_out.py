"""The fan-out of a run: the partitions that its sales workers take, each by itself."""

from __future__ import annotations

from collections.abc import Sequence

from lambdas.domain.errors import RunError
from lambdas.domain.partitions import MOST_MERCHANTS, HashRange, hash_ranges, merchant_ranges
from lambdas.domain.plan import Plan
from lambdas.domain.shard_index import ShardIndex


def sales_partitions(plan: Plan, indexes: Sequence[ShardIndex]) -> Sequence[HashRange]:
    """The partitions of a run: nothing but the plan and, by merchant, its write-once shards decides them.

    `indexes` are those of all splits, each read from where it truly begins; by partition nobody needs them.
    """
    if plan.fan_out == "partition":
        return hash_ranges(plan.partitions)
    hashes: set[int] = set()
    for index in indexes:
        hashes.update(index.merchant_hashes)
        if len(hashes) > MOST_MERCHANTS:
            break
    return merchant_ranges(hashes)


def check_merchants(plan: Plan, parts: Sequence[HashRange]) -> None:
    """Raise RunError where a run that fans out by merchant has too many of them."""
    if plan.fan_out == "merchant" and len(parts) > MOST_MERCHANTS:
        raise RunError(
            f"{plan.order_file.key} has more than {MOST_MERCHANTS:,} merchants, and with fanOut=merchant "
            "each of them is a call of its own. What was counted before, if anything, stays counted. Deploy "
            "with fanOut=partition, which packs many merchants into a call, and run the file again with "
            "`merchant-sales replay`; or divide it into files of fewer merchants."
        )
