"""The rates of this system: what was measured of it, and what had to be assumed."""

from __future__ import annotations

from dataclasses import dataclass

from cli.estimate.figures import FOLDER, Figure, read_figures, typed


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Processor seconds and bytes, measured by benchmarks/rates.py; measured.yaml says how, and on what."""

    text_cpu_seconds_per_gb: float
    cut_cpu_seconds_per_gb: float
    gunzip_cpu_seconds_per_gb: float
    shard_cpu_seconds_per_million_lines: float
    shard_cpu_seconds_per_frame: float
    shard_bytes_per_line: float
    sales_cpu_seconds_per_call: float
    sales_cpu_seconds_per_million_lines: float
    sales_cpu_seconds_per_frame: float
    commit_cpu_seconds_per_contribution: float
    commit_cpu_seconds_per_month: float
    results_bytes_per_contribution: float
    results_bytes_per_month: float
    request_cpu_seconds: float
    index_cpu_seconds_per_million_frames: float
    index_bytes_per_frame: float
    worker_import_cpu_seconds: float
    control_import_cpu_seconds: float


@dataclass(frozen=True, kw_only=True)
class Assumed:
    """What nothing here can measure: latencies of services, cold starts, sizes of logs; see assumed.yaml."""

    event_seconds: float
    transition_seconds: float
    map_run_start_seconds: float
    environment_start_seconds: float
    batch_start_seconds: float
    s3_request_seconds: float
    dynamodb_request_seconds: float
    transaction_seconds: float
    straggler_sigma: float
    transitions_per_child_start: int
    log_bytes_per_call: int
    log_bytes_per_transition: int


def measured_figures() -> dict[str, Figure]:
    """The measured rates with how they were measured."""
    return read_figures(FOLDER / "measured.yaml")


def assumed_figures() -> dict[str, Figure]:
    """The assumptions with what they are taken from."""
    return read_figures(FOLDER / "assumed.yaml")


def measured() -> Measured:
    """The measured rates."""
    return typed(Measured, measured_figures())


def assumed() -> Assumed:
    """The assumptions."""
    return typed(Assumed, assumed_figures())
