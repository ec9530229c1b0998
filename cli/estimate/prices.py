"""The prices of AWS that a run is paid by: US dollars, us-east-1, without free tiers and discounts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cli.estimate.figures import FOLDER, Figure, read_figures, typed


@dataclass(frozen=True, kw_only=True)
class Prices:
    """Dollars for one of each unit; prices.yaml says which, from where and of when."""

    eventbridge_event: Decimal
    step_functions_transition: Decimal
    lambda_request: Decimal
    lambda_gb_second_arm64: Decimal
    lambda_gb_second_x86_64: Decimal
    lambda_disk_gb_second: Decimal
    s3_put: Decimal
    s3_get: Decimal
    s3_gb_month: Decimal
    dynamodb_write_unit: Decimal
    dynamodb_read_unit: Decimal
    dynamodb_gb_month: Decimal
    dynamodb_recovery_gb_month: Decimal
    fargate_vcpu_hour: Decimal
    fargate_gb_hour: Decimal
    fargate_disk_gb_hour: Decimal
    logs_gb: Decimal
    xray_trace: Decimal
    athena_tb: Decimal
    glue_dpu_hour: Decimal


def price_figures() -> dict[str, Figure]:
    """The prices with their units and sources."""
    return read_figures(FOLDER / "prices.yaml")


def prices() -> Prices:
    """The prices."""
    return typed(Prices, price_figures())
