"""Quotas of what computes: Lambda, and Batch on Fargate."""

from __future__ import annotations

from collections.abc import Iterator

from cli.estimate.processor import Processor
from cli.estimate.quotas.quota import Deployment, Quota, largest
from cli.estimate.run_model import INLINE_AT_ONCE, FunctionCalls
from cli.estimate.settings import MIB
from cli.estimate.wording import count, duration, size
from lambdas.adapters.sales_table import BATCH
from lambdas.domain.plan import ASSUMED_COMPRESSION
from lambdas.domain.shards import SHARE_FOR_ORDERS

SMALL_FILE_BYTES, MB = 1_000_000, 10**6


def computing(at: Deployment) -> Iterator[Quota]:
    """Lambda."""
    limits, settings = at.facts.limits, at.settings
    room = settings.shard_disk_mb * MIB * SHARE_FOR_ORDERS
    yield Quota(
        name=f"{limits.lambda_concurrency_new_account} calls at once in a new account",
        reached=f"{limits.lambda_concurrency_new_account + 1} partitions or splits "
        f"(mapConcurrency is {settings.map_concurrency})",
        then="calls are refused and tried again until there is a place, for a transition each: set "
        f"mapConcurrency to {limits.lambda_concurrency_new_account}, or ask for more",
    )
    yield Quota(
        name=f"{count(limits.lambda_concurrency)} calls at once in an account",
        reached=f"{limits.lambda_concurrency // settings.map_concurrency} large files at the same moment",
        then="the same; the quota can be raised",
    )
    yield Quota(
        name=f"{count(limits.lambda_ramp_environments)} new environments in {limits.lambda_ramp_seconds} s",
        reached=f"more than {count(limits.lambda_ramp_environments)} calls that start together",
        then=f"not reached: an inline Map starts {INLINE_AT_ONCE}, a Distributed Map "
        f"{limits.map_starts_per_second} a second",
    )
    most = limits.s3_object_bytes // MB
    taken = MB * largest(lambda number: not at.estimate(number * MB).shape.oversize_partitions, most)
    yield Quota(
        name=f"{settings.work_limit_seconds} s of a sales worker, by the number of splits",
        reached=f"not reached: {_told(at.estimate(taken).model.sales())} on average, of {size(taken)}",
        then="stragglers are retried three times; the partitions of larger files are computed by jobs",
    )
    yield Quota(
        name=f"{settings.work_limit_seconds} s of a sales worker, by the number of merchants",
        reached=f"{count(_merchants_in_time(at))} merchants in a partition; {count(_merchants_written(at))} "
        f"in up to {settings.map_concurrency} partitions, which a new table makes wait",
        then="the worker stops in time, and another call goes on with what is left",
    )
    whole = at.estimate(limits.s3_object_bytes)
    yield Quota(
        name=f"{settings.control_limit_seconds} s of index_shards",
        reached=f"not reached: {_told(whole.model.index_shards())} for the largest object that S3 takes",
        then="nothing",
    )
    yield Quota(
        name=f"{settings.control_memory_mb} MB of index_shards",
        reached=f"not reached: {size(whole.model.durations.index_bytes)} of frames for the largest object "
        "that S3 takes",
        then="with less of it (controlMemoryMb) the call dies and the run FAILS",
    )
    yield Quota(
        name=f"{count(settings.shard_disk_mb)} MB of disk",
        reached=f"a compressed file that unpacks to more than {size(room)}",
        then="the run FAILS: say `lane: batch` in its order format, and a job takes it",
    )
    yield Quota(
        name=f"{limits.lambda_bytes_per_second // 10**6} MB/s of network",
        reached=f"every split: {duration(settings.split_bytes / limits.lambda_bytes_per_second)} to read it",
        then="that much of a sharding call is waiting, however much memory it has",
    )


def jobs(at: Deployment) -> Iterator[Quota]:
    """Batch on Fargate."""
    limits, settings = at.facts.limits, at.settings
    disk, most = (
        gib * (1 << 30) * SHARE_FOR_ORDERS for gib in (settings.batch_disk_gib, limits.fargate_disk_gib)
    )
    yield Quota(
        name=f"{count(limits.batch_array_jobs)} jobs of an array",
        reached=f"a file of {size(limits.batch_array_jobs * settings.split_bytes)}",
        then="not exceeded: the splits of larger files are larger",
    )
    yield Quota(
        name=f"{limits.fargate_vcpus_new_account} vCPUs of Fargate at once in a new account",
        reached=f"{limits.fargate_vcpus_new_account // settings.batch_vcpus + 1} jobs "
        f"(batchVcpus is {settings.batch_vcpus})",
        then="further jobs wait, and an array of many splits may take longer than its time limit: ask for "
        f"what {settings.batch_jobs_at_once} jobs take before you send large files with `lane: batch`",
    )
    yield Quota(
        name=f"{limits.fargate_disk_gib} GiB of disk of a job",
        reached=f"a compressed file that unpacks to {size(disk)} (batchDiskGib {settings.batch_disk_gib}), "
        f"at most {size(most)}: about {size(most / ASSUMED_COMPRESSION)} of gzip",
        then="the run FAILS: deliver it in pieces, or uncompressed",
    )


def _told(calls: FunctionCalls) -> str:
    """How long a call takes on average."""
    return duration(calls.stage.seconds)


def _merchants_in_time(at: Deployment) -> float:
    """How many merchants of one month a worker commits before its time is over."""
    processor = Processor.of_function(at.settings.sales_memory_mb, at.place.processor_factor)
    rates = at.facts.measured
    each = processor.alone(rates.commit_cpu_seconds_per_contribution + rates.commit_cpu_seconds_per_month)
    return at.settings.work_limit_seconds / (each + at.facts.assumed.transaction_seconds / BATCH)


def _merchants_written(at: Deployment) -> float:
    """How many merchants a new table takes in a worker's time."""
    units = at.estimate(SMALL_FILE_BYTES, 1).load.units.table_writes
    return at.facts.limits.dynamodb_new_table_writes_per_second / units * at.settings.work_limit_seconds
