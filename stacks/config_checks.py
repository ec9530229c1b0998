"""Settings that have to agree with each other: each check says which to change."""

from typing import TYPE_CHECKING

from stacks.config_values import ConfigError, context_key

if TYPE_CHECKING:
    from stacks.config import PipelineConfig

_UNRESERVED_CONCURRENCY = 100  # of an account: Lambda refuses to reserve the rest
_TRANSACTION_WRITE_UNITS = 200  # of a sales worker's commit: 100 items below 1 KB, twice for the transaction
BATCH_ATTEMPTS = 3  # of a job, as in its definition
BATCH_WAITING_HOURS = 1  # for room on Fargate, in the time limit of a job's state
_FARGATE_MEMORY_MB = {  # by vCPUs: the sizes that Fargate offers, as in range()
    1: range(2048, 8192 + 1, 1024),
    2: range(4096, 16384 + 1, 1024),
    4: range(8192, 30720 + 1, 1024),
    8: range(16384, 61440 + 1, 4096),
    16: range(32768, 122880 + 1, 8192),
}


def check_fargate_size(config: "PipelineConfig") -> None:
    """Refuse a size of jobs that Fargate doesn't offer."""
    sizes = _FARGATE_MEMORY_MB.get(config.batch_vcpus)
    if sizes is None:
        offered = ", ".join(map(str, _FARGATE_MEMORY_MB))
        raise ConfigError(f"batchVcpus is {config.batch_vcpus!r}: Fargate offers {offered}")
    if config.batch_memory_mb not in sizes:
        raise ConfigError(
            f"batchMemoryMb is {config.batch_memory_mb!r}: with {config.batch_vcpus} vCPUs (batchVcpus) "
            f"Fargate offers {sizes.start} to {sizes[-1]} in steps of {sizes.step}"
        )


def check_concurrency(config: "PipelineConfig") -> None:
    """Refuse settings of which one would only make the others wait in retries until they give up."""
    at_once, account = config.map_concurrency, config.account_concurrency
    if at_once > account:
        raise ConfigError(
            f"mapConcurrency is {at_once}, but the account runs {account} functions at once "
            f"(accountConcurrency): set mapConcurrency to {account} or less"
        )
    for name in ("shard_reserved_concurrency", "sales_reserved_concurrency"):
        reserved: int = getattr(config, name)
        if 0 < reserved < at_once:
            raise ConfigError(
                f"{context_key(name)} is {reserved}, but a run starts {at_once} of these workers at once "
                f"(mapConcurrency): set mapConcurrency to {reserved} or less, or {context_key(name)} to "
                f"{at_once} or more"
            )
    reserved = config.shard_reserved_concurrency + config.sales_reserved_concurrency
    if reserved > max(0, account - _UNRESERVED_CONCURRENCY):
        raise ConfigError(
            f"shardReservedConcurrency and salesReservedConcurrency together are {reserved}, but of the "
            f"account's {account} (accountConcurrency) Lambda keeps {_UNRESERVED_CONCURRENCY} unreserved: "
            "reserve less, or leave both at 0"
        )
    enough = config.max_write_units // _TRANSACTION_WRITE_UNITS
    if config.max_write_units and enough < at_once:
        fewer = f"mapConcurrency to {enough} or less, or " if enough else ""
        raise ConfigError(
            f"maxWriteUnits is {config.max_write_units}, but {at_once} sales workers (mapConcurrency) commit "
            f"{_TRANSACTION_WRITE_UNITS} units at once each, and should get through once a second: set "
            f"{fewer}maxWriteUnits to {at_once * _TRANSACTION_WRITE_UNITS} or more"
        )


def check_late_alarm(config: "PipelineConfig") -> None:
    """Refuse an alarm of late files that their time limit would always come before."""
    noticed = config.alarm_late_hours + config.sweep_hours
    if config.sweep_hours and noticed > config.run_limit_hours:
        raise ConfigError(
            f"alarmLateHours is {config.alarm_late_hours} and a sweep notices it up to {config.sweep_hours} "
            f"hours later (sweepHours), but a run ends after {config.run_limit_hours} hours (runLimitHours): "
            f"set runLimitHours to {noticed} or more, or the others lower"
        )


def check_job_time(config: "PipelineConfig") -> None:
    """Refuse a time limit of runs that would end them before a job has had all its attempts."""
    limit, attempt = config.run_limit_hours, config.batch_limit_hours
    needed = BATCH_ATTEMPTS * attempt + BATCH_WAITING_HOURS
    if needed > limit:
        enough = (limit - BATCH_WAITING_HOURS) // BATCH_ATTEMPTS
        shorter = f", or batchLimitHours to {enough} or less" if enough > 0 else ""
        raise ConfigError(
            f"batchLimitHours is {attempt}: {BATCH_ATTEMPTS} attempts of a job and an hour's wait for room "
            f"are {needed} hours, but a run ends after {limit} hours (runLimitHours): set runLimitHours to "
            f"{needed} or more{shorter}"
        )


def check_expiry(config: "PipelineConfig") -> None:
    """Refuse plans and shards that are gone before a run, and a redrive of it, are over."""
    needed = -(-2 * config.run_limit_hours // 24)
    if config.work_expiry_days < needed:
        shorter = config.work_expiry_days * 24 // 2
        raise ConfigError(
            f"workExpiryDays is {config.work_expiry_days}, but a run may take {config.run_limit_hours} hours "
            f"(runLimitHours) and a redrive of it as long, and both read its plan and shards: set "
            f"workExpiryDays to {needed} or more, or runLimitHours to {shorter} or less"
        )


def check_budget(config: "PipelineConfig") -> None:
    """Refuse a budget that nobody is told of."""
    if config.monthly_budget_usd and not config.notify_addresses:
        raise ConfigError(
            f"monthlyBudgetUsd is {config.monthly_budget_usd}, but there is nobody to tell: set notifyEmail"
        )


def check_orders_bucket_key(config: "PipelineConfig") -> None:
    """Refuse the key of a bucket that isn't named."""
    if config.orders_bucket_key_arn and not config.orders_bucket_name:
        raise ConfigError(
            f"ordersBucketKeyArn is {config.orders_bucket_key_arn!r}, but the orders bucket is the stack's "
            "own: set ordersBucketName too, or leave it out (encryption=kms encrypts the stack's own bucket)"
        )
