"""Calls that a role may or may not make: what the engine's IAM says to each, with the role's own credentials.

Each call is one that changes nothing even where it is allowed: its object, item or execution isn't there, its
condition isn't met, its input is none, or it is a dry run. IAM is asked before all that.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from local.session import EngineSession

DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"}
NOBODY = f"{'0' * 32}-00000001"
"""A run that isn't there."""
WITHOUT_REPEATS = Config(retries={"total_max_attempts": 1})
Clients = Callable[[str], Any]
Probe = Callable[[Clients, "Places"], object]


@dataclass(frozen=True, kw_only=True)
class Places:
    """What the stack consists of, by physical name or ARN."""

    orders: str
    work: str
    sales: str
    runs: str
    machine: str
    queue: str
    topic: str
    functions: dict[str, str]
    logs: dict[str, str]
    job_queue: str
    job_definition: str
    archive: tuple[str, str]

    def execution(self, label: str = "") -> str:
        """The ARN of an execution, or of a child of a Map, that isn't there."""
        return f"{self.machine.replace(':stateMachine:', ':execution:')}{label}:none"

    @property
    def map_run(self) -> str:
        """The ARN of a Map Run that isn't there."""
        return f"{self.machine.replace(':stateMachine:', ':mapRun:')}/ShardSplits:none"


class Caller:
    """The clients of one role."""

    def __init__(self, role_name: str, session: EngineSession, boto: boto3.Session) -> None:
        """Take the role; the boto3 session is shared, because it keeps what it knows of services."""
        role_arn = session.client("iam").get_role(RoleName=role_name)["Role"]["Arn"]
        try:
            given = _assumed(role_arn, session)
        except ClientError:  # it trusts a service under conditions that a call from outside can't meet
            given = _assumed(_twin(role_name, session), session)
        make = functools.partial(
            boto.client,
            region_name=session.region_name,
            endpoint_url=session.endpoint,
            config=WITHOUT_REPEATS,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )
        self.client: Clients = functools.cache(make)

    def may(self, probe: Probe, places: Places) -> bool:
        """Whether the role may make a call: anything but AccessDenied is a yes."""
        try:
            probe(self.client, places)
        except ClientError as e:
            return e.response["Error"]["Code"] not in DENIED
        return True


def _assumed(role_arn: str, session: EngineSession) -> dict[str, str]:
    given: dict[str, str] = session.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="probe")[
        "Credentials"
    ]
    return given


def _twin(role_name: str, session: EngineSession) -> str:
    """The ARN of another role with the same policies, which the engine's owner may take."""
    iam = session.client("iam")
    twin = f"probe-{role_name}"[:64]
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn: str = iam.create_role(RoleName=twin, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    attached = iam.list_attached_role_policies(RoleName=role_name)["AttachedPolicies"]
    assert attached == []
    for policy in iam.list_role_policies(RoleName=role_name)["PolicyNames"]:
        found = iam.get_role_policy(RoleName=role_name, PolicyName=policy)["PolicyDocument"]
        iam.put_role_policy(RoleName=twin, PolicyName=policy, PolicyDocument=json.dumps(found))
    return arn


def reading(bucket: str, key: str, **options: str) -> Probe:
    """Read an object of one of the stack's buckets."""
    return lambda client, places: client("s3").get_object(Bucket=getattr(places, bucket), Key=key, **options)


def writing(bucket: str, key: str) -> Probe:
    """Write an object, on a condition that S3 can't meet."""
    return lambda client, places: client("s3").put_object(
        Bucket=getattr(places, bucket), Key=key, Body=b"", IfMatch='"none"'
    )


def giving_up(bucket: str, key: str) -> Probe:
    """Abort an upload in parts that isn't there."""
    return lambda client, places: client("s3").abort_multipart_upload(
        Bucket=getattr(places, bucket), Key=key, UploadId="none"
    )


def deleting(bucket: str, key: str, **options: str) -> Probe:
    """Delete an object that isn't there."""
    return lambda client, places: client("s3").delete_object(
        Bucket=getattr(places, bucket), Key=key, **options
    )


def listing(bucket: str, operation: str = "list_objects_v2") -> Probe:
    """List a bucket."""
    return lambda client, places: getattr(client("s3"), operation)(Bucket=getattr(places, bucket), MaxKeys=1)


KEY = {"pk": {"S": "PROBE"}, "sk": {"S": "PROBE"}}
ON_WHAT_IS_THERE = {"ConditionExpression": "attribute_exists(pk)"}


def on_item(table: str, operation: str, **options: Any) -> Probe:
    """Make a call about an item of one of the tables that isn't there."""
    return lambda client, places: getattr(client("dynamodb"), operation)(
        TableName=getattr(places, table), **options
    )


def in_transaction(table: str) -> Probe:
    """Put an item by a transaction, on a condition that isn't met."""
    return lambda client, places: client("dynamodb").transact_write_items(
        TransactItems=[{"Put": {"TableName": getattr(places, table), "Item": KEY, **ON_WHAT_IS_THERE}}]
    )


def of_machine(operation: str, argument: str, place: Callable[[Places], str], **options: str) -> Probe:
    """Make a call about the state machine, an execution or a Map Run."""
    return lambda client, places: getattr(client("stepfunctions"), operation)(
        **{argument: place(places)}, **options
    )


def invoking(function: str, qualifier: str = "") -> Probe:
    """Call a function as it is, or one of its versions, without running it."""
    return lambda client, places: client("lambda").invoke(
        FunctionName=places.functions[function] + qualifier, InvocationType="DryRun"
    )


def logging(function: str) -> Probe:
    """Write into a function's log, into a stream that isn't there."""
    return lambda client, places: client("logs").put_log_events(
        logGroupName=places.logs[function],
        logStreamName="none",
        logEvents=[{"timestamp": 0, "message": "probe"}],
    )
