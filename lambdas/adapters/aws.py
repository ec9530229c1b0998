"""What a function talks to, made from its environment at the first call and kept while it is warm."""

from __future__ import annotations

import functools
import json
import os
import random
import time
from datetime import UTC, datetime
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from botocore.config import Config

from lambdas.adapters.content_claims import ContentClaims
from lambdas.adapters.dynamodb import Backoff
from lambdas.adapters.executions import Executions
from lambdas.adapters.looks import Looks
from lambdas.adapters.metrics import Metrics
from lambdas.adapters.notices import Notices
from lambdas.adapters.order_files import OrderFiles
from lambdas.adapters.run_events import RunEvents
from lambdas.adapters.runs_table import RunsTable
from lambdas.adapters.sales_table import SalesTable
from lambdas.adapters.settings import Settings
from lambdas.adapters.work_files import WorkFiles

CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 8},
    connect_timeout=5,
    read_timeout=60,
    parameter_validation=False,  # 40% of the processor time of a commit, and the services check again
)

SALES_CONFIG = CLIENT_CONFIG.merge(
    Config(retries={"mode": "standard", "total_max_attempts": 3}, read_timeout=20)
)
"""Of commits, which wait for a busy table themselves, and look at the clock meanwhile.

Three attempts of 5 and 20 seconds and the pauses between them end within TO_STOP_SECONDS.
"""

TOLD_EVERY = 8
"""Of the attempts in vain: from here on a pause is seconds long."""


def now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)


class Aws:
    """The adapters of one function, each made when it is first asked for."""

    def __init__(self, settings: Settings) -> None:
        """Take the function's settings."""
        self.settings = settings

    @functools.cached_property
    def logger(self) -> Logger:
        """The log: one JSON object a line."""
        return Logger()

    @functools.cached_property
    def metrics(self) -> Metrics:
        """What is measured."""
        return Metrics()

    @functools.cached_property
    def order_files(self) -> OrderFiles:
        """The orders bucket."""
        return OrderFiles(self._client("s3"), self.settings.orders_bucket)

    @functools.cached_property
    def work_files(self) -> WorkFiles:
        """The work bucket."""
        return WorkFiles(client=self._client("s3"), bucket=self.settings.work_bucket)

    @functools.cached_property
    def runs_table(self) -> RunsTable:
        """The runs table."""
        return RunsTable(self._client("dynamodb"), self.settings.runs_table)

    @functools.cached_property
    def content_claims(self) -> ContentClaims:
        """The claims of content in the runs table."""
        return ContentClaims(
            client=self._client("dynamodb"), table=self.settings.runs_table, runs=self.runs_table
        )

    @functools.cached_property
    def sales_table(self) -> SalesTable:
        """The sales table."""
        return SalesTable(
            client=self._client("dynamodb", SALES_CONFIG),
            table=self.settings.sales_table,
            backoff=self.backoff,
        )

    @functools.cached_property
    def backoff(self) -> Backoff:
        """How requests that the table can't take yet are spread."""
        return Backoff(sleep=time.sleep, random=random.Random(), told=self._tell_of_a_busy_table)

    def _tell_of_a_busy_table(self, attempt: int, seconds: float, reason: str) -> None:
        if attempt and attempt % TOLD_EVERY == 0:
            told = {
                "attempts_in_vain": attempt + 1,
                "next_in_seconds": round(seconds, 1),
                "reason": reason,
            }
            self.logger.warning("DynamoDB is waited for", extra=told)

    @functools.cached_property
    def executions(self) -> Executions:
        """The state machine's executions."""
        return Executions(self._client("stepfunctions"), self.work_files)

    @functools.cached_property
    def looks(self) -> Looks:
        """What starts the state machine's executions."""
        return Looks(client=self._client("stepfunctions"), state_machine=self.settings.state_machine)

    @functools.cached_property
    def run_events(self) -> RunEvents:
        """What tells the event bus of runs."""
        return RunEvents(client=self._client("events"), runs_table=self.settings.runs_table)

    @functools.cached_property
    def notices(self) -> Notices:
        """The topic that people subscribe to."""
        return Notices(client=self._client("sns"), topic=self.settings.notices_topic)

    def call_later(self, function_arn: str, event: dict[str, Any]) -> None:
        """Call a function without waiting for it."""
        self._client("lambda").invoke(
            FunctionName=function_arn, InvocationType="Event", Payload=json.dumps(event).encode()
        )

    def _client(self, service: str, config: Config = CLIENT_CONFIG) -> Any:
        return boto3.client(service, config=config)  # type: ignore[call-overload]


@functools.cache
def aws() -> Aws:
    """The adapters of this function."""
    return Aws(Settings(os.environ))
