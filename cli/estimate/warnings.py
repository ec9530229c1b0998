"""What would go wrong with a load, or take longer than it need, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from cli.estimate.estimation import Estimate
from cli.estimate.wording import count, duration, size
from lambdas.domain.oversize_partitions import MOST as MOST_OVERSIZE
from lambdas.domain.partitions import MOST_MERCHANTS
from lambdas.domain.shards import SHARE_FOR_ORDERS

GIB, MB = 1 << 30, 1 << 20
SHARE_FOR_FRAMES = 0.75
"""Of a control function's memory; the rest is for Python and boto3."""
MORE_ADVICE = {
    "IndexShards": ", or set controlMemoryMb higher",
}


def warnings(estimate: Estimate) -> list[str]:
    """One sentence each."""
    return [*_failures(estimate), *_throttling(estimate), *_sizes(estimate)]


def _failures(estimate: Estimate) -> Iterator[str]:
    forecast, stages = estimate.forecast, {c.stage.name: c.stage for c in estimate.bill.calls}
    for name in forecast.failed_calls:
        share, limit = f"In {forecast.failed_share:.0%} of the simulated runs", stages[name].limit_seconds
        if name in forecast.timed_out:
            yield (
                f"{share} a call of {name} doesn't end within {duration(limit)}, nor do its retries, and "
                f"the run FAILS: deliver smaller files{MORE_ADVICE.get(name, '')}."
            )
        else:
            yield (
                f"{share} a call of {name} is throttled until its retries are used up, and the run FAILS: "
                f"set mapConcurrency to {estimate.place.lambda_concurrency} or less, or have the account's "
                "concurrent executions raised."
            )
    for name in forecast.timed_out.keys() - forecast.failed_calls.keys():
        yield (
            f"Some calls of {name} don't end within {duration(stages[name].limit_seconds)} and are retried: "
            "the run takes longer."
        )
    for name in forecast.stopped:
        yield (
            f"Some calls of {name} stop before their {duration(stages[name].limit_seconds)} are over, and "
            "others go on with what is left: the run takes longer."
        )


def _throttling(estimate: Estimate) -> Iterator[str]:
    throttled = sum(estimate.forecast.throttled.values())
    if throttled >= 1:
        yield (
            f"The account lets {count(estimate.place.lambda_concurrency)} calls run at once, so "
            f"{count(throttled)} calls of a run are refused and tried again, for a transition each: set "
            "mapConcurrency to what the account allows, less what else runs in it."
        )


def _sizes(estimate: Estimate) -> Iterator[str]:
    load, settings, shape = estimate.load, estimate.settings, estimate.shape
    if load.delivered_bytes > settings.max_file_bytes:
        yield (
            f"The file has {size(load.delivered_bytes)}, more than the {size(settings.max_file_bytes)} of "
            "maxFileBytes, and the run FAILS: deliver it in pieces, or set maxFileBytes higher."
        )
    needed = estimate.model.durations.index_bytes
    if needed > settings.control_memory_mb * MB * SHARE_FOR_FRAMES:
        yield (
            f"index_shards holds {size(needed)} of frames, too much for its {settings.control_memory_mb:,} "
            "MB, and the run FAILS: set controlMemoryMb higher, or maxPartitions lower."
        )
    disk = settings.batch_disk_gib * GIB if shape.lane.on_batch else settings.shard_disk_mb * MB
    if load.text_bytes / shape.splits > disk * SHARE_FOR_ORDERS:
        advice = "deliver it in pieces, or set batchDiskGib higher"
        yield (
            f"The file has {size(load.text_bytes)} of text, too much for a disk of {size(disk)}, and the run "
            f"FAILS: {advice if shape.lane.on_batch else 'say `lane: batch` in its order format'}."
        )
    if shape.oversize_partitions:
        each = size(estimate.model.durations.sales_worker_bytes)
        yield (
            f"Each sales worker reads {each} of shards, too much for a function, so they are jobs, "
            f"{settings.batch_jobs_at_once} at once{_too_many_jobs(shape.sales_workers)}: set "
            "maxPartitions higher."
        )
    if shape.by_merchant and load.distinct_merchants > MOST_MERCHANTS:
        yield (
            f"The file names {count(load.distinct_merchants)} merchants, and with fanOut=merchant each of at "
            f"most {MOST_MERCHANTS:,} is a call of its own: the run FAILS. Deploy with fanOut=partition, or "
            "divide the file into some of fewer merchants."
        )


def _too_many_jobs(workers: int) -> str:
    return f", but {MOST_OVERSIZE} at most, and the run FAILS" if workers > MOST_OVERSIZE else ""
