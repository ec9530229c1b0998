"""The limits of AWS that a run meets: defaults of a new account unless limits.yaml says otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from cli.estimate.figures import FOLDER, Figure, read_figures, typed


@dataclass(frozen=True, kw_only=True)
class AwsLimits:
    """Counts, bytes and seconds; limits.yaml says of what, from where and of when."""

    eventbridge_retry_hours: int
    state_payload_bytes: int
    history_events: int
    executions_started_per_second: int
    transitions_per_second: int
    map_children_at_once: int
    map_starts_per_second: int
    map_starts_per_second_express: int
    map_items: int
    open_map_runs: int
    lambda_seconds: int
    lambda_memory_mb: int
    lambda_disk_mb: int
    lambda_mb_per_vcpu: int
    lambda_bytes_per_second: int
    lambda_concurrency_new_account: int
    lambda_concurrency: int
    lambda_ramp_environments: int
    lambda_ramp_seconds: int
    s3_puts_per_second: int
    s3_gets_per_second: int
    s3_request_bytes: int
    s3_object_bytes: int
    dynamodb_item_bytes: int
    dynamodb_transaction_actions: int
    dynamodb_transaction_bytes: int
    dynamodb_partition_writes_per_second: int
    dynamodb_new_table_writes_per_second: int
    dynamodb_table_writes_per_second: int
    dynamodb_doubling_seconds: int
    batch_array_jobs: int
    fargate_vcpus: int
    fargate_vcpus_new_account: int
    fargate_memory_gb: int
    fargate_disk_gib: int


def limit_figures() -> dict[str, Figure]:
    """The limits with their units and sources."""
    return read_figures(FOLDER / "limits.yaml")


def aws_limits() -> AwsLimits:
    """The limits."""
    return typed(AwsLimits, limit_figures())
