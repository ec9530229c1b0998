"""What services of AWS may do with the deployment's key by themselves.

S3, DynamoDB, Lambda and Step Functions aren't among them: they use the key as whoever calls them may.
"""

from collections.abc import Mapping, Sequence

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam

from stacks.config import PipelineConfig

USE = ("kms:Decrypt", "kms:GenerateDataKey*")
ENCRYPT_LOGS = ("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*")


def service_statements(stack: Stack, config: PipelineConfig) -> list[iam.PolicyStatement]:
    """Build the statements of the key's policy, beside the one that leaves it to the account's policies."""
    ours = {"aws:SourceAccount": stack.account}
    return [
        _statement(
            "LogGroups",
            f"logs.{stack.region}.amazonaws.com",
            ENCRYPT_LOGS,
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": _log_groups(stack, config)}},
        ),
        _statement(
            "StateMachineLog",  # it is sent encrypted; whose it is, is a condition of the machine's role
            "delivery.logs.amazonaws.com",
            ["kms:Decrypt"],
            {},
        ),
        _statement(
            "EventsToDeadLetterQueue",
            "events.amazonaws.com",
            USE,
            {"StringEquals": ours, "ArnLike": {"kms:EncryptionContext:aws:sqs:arn": _any(stack, "sqs")}},
        ),
        _statement(
            "AlarmsToTopic",
            "cloudwatch.amazonaws.com",
            USE,
            {"StringEquals": ours, "ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": _any(stack, "sns")}},
        ),
    ]


def _log_groups(stack: Stack, config: PipelineConfig) -> list[str]:
    """Name the deployment's log groups, which can't be named one by one: they are made after the key."""
    names = (f"{config.stack_name}-*", config.state_machine_log_group)
    return [
        stack.format_arn(
            service="logs",
            resource="log-group",
            resource_name=name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        for name in names
    ]


def _any(stack: Stack, service: str) -> str:
    """Name all queues or topics of the account here: CloudFormation shortens long names."""
    return stack.format_arn(service=service, resource="*")


def _statement(
    sid: str, principal: str, actions: Sequence[str], conditions: Mapping[str, object]
) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid=sid,
        principals=[iam.ServicePrincipal(principal)],
        actions=list(actions),
        resources=["*"],  # of a key's own policy: this key
        conditions=dict(conditions),
    )
