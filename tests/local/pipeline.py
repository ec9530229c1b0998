"""The deployed stack as a test uses it: put order files, wait until they settle, read what came of it."""

from __future__ import annotations

import json
import time

from lambdas.adapters.dynamodb import Item, from_item, get_item, to_item
from lambdas.adapters.runs_table import RUNNING
from lambdas.domain.order_file import DELETED, RunId, key_hash
from lambdas.domain.stored_names import TOTAL, key_item, run_item
from tests.local.conftest import Deployed

LIMIT_SECONDS = 400.0
PAUSE_SECONDS = 0.5
TEST_MERCHANT = "~"
"""How the ids of made-up merchants begin, so that they can be told from the samples'."""


class Pipeline:
    """One deployed stack."""

    def __init__(self, deployed: Deployed) -> None:
        """Take what the `deployed` fixture gives."""
        self.deployed = deployed
        self.s3, self.dynamodb, self.states = map(
            deployed.session.client, ("s3", "dynamodb", "stepfunctions")
        )

    @property
    def orders_bucket(self) -> str:
        """Where order files go."""
        return self.deployed.outputs["OrdersBucketName"]

    def run(self, key: str, content: bytes | None) -> Item:
        """Put an order file, or delete it, and wait until its run has settled."""
        if content is None:
            self.s3.delete_object(Bucket=self.orders_bucket, Key=key)
            return self.settled(key, DELETED)
        version: str = self.s3.put_object(Bucket=self.orders_bucket, Key=key, Body=content)["VersionId"]
        return self.settled(key, version)

    def settled(self, key: str, version: str) -> Item:
        """The newest run of a key, once it is of this version and has ended."""
        give_up = time.monotonic() + LIMIT_SECONDS
        known: Item | None = None
        while time.monotonic() < give_up:
            known = self.key(key)
            assert not known or "last_look_error" not in known, known
            if known and known.get("version_id") == version and known["status"] != RUNNING:
                return self.run_item(RunId(key_hash(self.orders_bucket, key), int(known["revision"])))
            time.sleep(PAUSE_SECONDS)
        raise AssertionError(f"{key} did not settle within {LIMIT_SECONDS:g} s: {known}")

    def look(self, key: str) -> str:
        """Look at a key, as an event does; the execution's ARN."""
        answer = self.states.start_execution(
            stateMachineArn=self.deployed.outputs["StateMachineArn"],
            input=json.dumps({"key": key, "replay": False}),
        )
        return str(answer["executionArn"])

    def run_item(self, run_id: RunId) -> Item:
        """The item of a run."""
        item = get_item(self.dynamodb, self.deployed.outputs["RunsTableName"], run_item(run_id))
        assert item is not None
        return item

    def key(self, key: str) -> Item | None:
        """The item of a key."""
        name = key_item(key_hash(self.orders_bucket, key))
        return get_item(self.dynamodb, self.deployed.outputs["RunsTableName"], name)

    def totals(self, merchant: str) -> dict[str, Item]:
        """A merchant's totals by currency."""
        answer = self.dynamodb.query(
            TableName=self.deployed.outputs["SalesTableName"],
            ConsistentRead=True,
            KeyConditionExpression="pk = :merchant AND begins_with(sk, :total)",
            ExpressionAttributeValues=to_item({":merchant": f"MERCHANT#{merchant}", ":total": TOTAL}),
        )
        return {item["currency"]: item for item in map(from_item, answer["Items"])}
