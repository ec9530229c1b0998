"""The one way a log group is built."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.config import PipelineConfig
from stacks.config_values import LOG_RETENTION
from stacks.encryption import Encryption


def log_group_of(
    scope: Construct,
    construct_id: str,
    *,
    config: PipelineConfig,
    encryption: Encryption,
    name: str | None = None,
) -> logs.LogGroup:
    """Build a log group that forgets after a while and goes with the stack."""
    return logs.LogGroup(
        scope,
        construct_id,
        log_group_name=name,
        encryption_key=encryption.key,
        retention=logs.RetentionDays[LOG_RETENTION[config.log_retention_days]],
        removal_policy=RemovalPolicy.DESTROY,
    )
