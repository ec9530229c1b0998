"""The deployed stack that a command talks to: on AWS, or in the embedded engine."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from cli.choices import Choices
from cli.errors import CommandError
from cli.printing import say
from lambdas.adapters.looks import Looks
from lambdas.adapters.order_files import OrderFiles
from lambdas.adapters.runs_table import RunsTable
from lambdas.adapters.s3 import holds_object
from lambdas.adapters.work_files import WorkFiles
from lambdas.domain.stored_names import DONE, results_folder
from local.engine import Engine
from local.settings import settings_from

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

CALLS_AT_ONCE = 16
CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 8},
    connect_timeout=5,
    read_timeout=60,
    max_pool_connections=4 * CALLS_AT_ONCE,
)


class Session(Protocol):
    """What makes clients: boto3's session, or the embedded engine's."""

    @property
    def region_name(self) -> str:
        """The AWS region."""

    def client(self, service: str, **options: Any) -> Any:
        """A client of a service."""


WITH_LETTERS = ("RunSettlementFailRun", "NotificationsNotify", "SweeperSweep")
"""The logical ids, without their hashes, of the functions that events and schedules call."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The deployed stack, its resources by the names of its outputs, and clients for them."""

    session: Session
    stack: str
    where: str
    outputs: Mapping[str, str]
    local: bool

    @property
    def orders_bucket(self) -> str:
        """Where order files go in."""
        return self._output("OrdersBucketName")

    @property
    def work_bucket(self) -> str:
        """Where runs keep their files."""
        return self._output("WorkBucketName")

    @property
    def sales_table(self) -> str:
        """Contributions and totals."""
        return self._output("SalesTableName")

    @property
    def runs_table(self) -> str:
        """Keys and their runs."""
        return self._output("RunsTableName")

    @property
    def dead_letter_queue(self) -> str:
        """The URL of the queue of events that could not be delivered."""
        return self._output("DeadLetterQueueUrl")

    @property
    def state_machine(self) -> str:
        """The ARN of SalesRun."""
        return self._output("StateMachineArn")

    @functools.cached_property
    def s3(self) -> S3Client:
        """An S3 client."""
        return self.session.client("s3", config=CLIENT_CONFIG)  # type: ignore[no-any-return]

    @functools.cached_property
    def dynamodb(self) -> DynamoDBClient:
        """A DynamoDB client."""
        return self.session.client("dynamodb", config=CLIENT_CONFIG)  # type: ignore[no-any-return]

    @functools.cached_property
    def stepfunctions(self) -> SFNClient:
        """A Step Functions client."""
        return self.session.client("stepfunctions", config=CLIENT_CONFIG)  # type: ignore[no-any-return]

    @functools.cached_property
    def events(self) -> EventBridgeClient:
        """An EventBridge client."""
        return self.session.client("events", config=CLIENT_CONFIG)  # type: ignore[no-any-return]

    @functools.cached_property
    def sqs(self) -> SQSClient:
        """An SQS client."""
        return self.session.client("sqs", config=CLIENT_CONFIG)  # type: ignore[no-any-return]

    @functools.cached_property
    def functions(self) -> LambdaClient:
        """A Lambda client."""
        return self.session.client("lambda", config=CLIENT_CONFIG)  # type: ignore[no-any-return]

    @functools.cached_property
    def functions_with_letters(self) -> frozenset[str]:
        """The names of those functions of the stack whose failed calls become dead letters."""
        client = self.session.client("cloudformation", config=CLIENT_CONFIG)
        pages = client.get_paginator("list_stack_resources").paginate(StackName=self.stack)
        return frozenset(
            one["PhysicalResourceId"]
            for page in pages
            for one in page["StackResourceSummaries"]
            if one["ResourceType"] == "AWS::Lambda::Function"
            and one["LogicalResourceId"][:-8] in WITH_LETTERS  # without the hash behind it
        )

    @functools.cached_property
    def looks(self) -> Looks:
        """What starts executions, as the functions do."""
        return Looks(client=self.stepfunctions, state_machine=self.state_machine)

    @functools.cached_property
    def order_files(self) -> OrderFiles:
        """The orders bucket, as the functions see it."""
        return OrderFiles(self.s3, self.orders_bucket)

    @functools.cached_property
    def work_files(self) -> WorkFiles:
        """The work bucket, as the functions see it."""
        return WorkFiles(client=self.s3, bucket=self.work_bucket)

    @functools.cached_property
    def runs(self) -> RunsTable:
        """The runs table, as the functions see it."""
        return RunsTable(self.dynamodb, self.runs_table)

    def partitions_done(self, run_id: str) -> int:
        """How many partitions of a run are committed."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.work_bucket, Prefix=results_folder(run_id)
        )
        names = (found["Key"] for page in pages for found in page.get("Contents", []))
        return sum(name.endswith(DONE) for name in names)

    def has_object(self, bucket: str, key: str) -> bool:
        """Whether there is such an object."""
        return holds_object(self.s3, bucket, key)

    def _output(self, name: str) -> str:
        if name not in self.outputs:
            raise CommandError(
                f"{self.where} has no output {name}: it is another stack, or its deployment didn't end "
                "well; deploy it again, or choose the stack with --stack."
            )
        return self.outputs[name]


def connect(chosen: Choices) -> Deployment:
    """Find the deployed stack, and say on stderr which one it is; raises CommandError where there is none."""
    if not re.fullmatch("[A-Za-z][A-Za-z0-9-]{0,127}", chosen.stack):
        raise CommandError(f"--stack {chosen.stack!r}: a stack's name is letters, digits and hyphens.")
    session = _session(local=chosen.local)
    place = f"AWS region {session.region_name}"
    if chosen.local:
        place = f"the embedded engine at {session.endpoint}"
    stack = _describe(session, chosen.stack, place=place, local=chosen.local)
    if not chosen.local:
        _, _, _, region, account, _ = stack["StackId"].split(":", 5)
        place = f"AWS account {account}, region {region}"
    deployment = Deployment(
        session=session,
        stack=chosen.stack,
        where=f"{place}, stack {chosen.stack}",
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        local=chosen.local,
    )
    say(deployment.where, style="dim")
    return deployment


def _session(*, local: bool) -> Any:
    if local:
        return Engine(settings_from(os.environ)).session()
    # boto3 itself reads AWS_DEFAULT_REGION only.
    return boto3.Session(region_name=os.environ.get("AWS_REGION") or None)


def _describe(session: Session, stack: str, *, place: str, local: bool) -> dict[str, Any]:
    client = session.client("cloudformation", config=CLIENT_CONFIG)
    try:
        described: dict[str, Any] = client.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as e:
        # A name that is well formed and still not valid is CloudFormation's answer for: no such stack.
        if e.response.get("Error", {}).get("Code") != "ValidationError":
            raise
        advice = (
            "run `merchant-sales local start`"
            if local
            else "deploy it with `make deploy`, set AWS_REGION or AWS_PROFILE to where it is, or add --local"
        )
        raise CommandError(
            f"There is no stack {stack} in {place}: {advice}; --stack NAME takes another."
        ) from e
    return described
