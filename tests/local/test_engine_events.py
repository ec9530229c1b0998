"""The engine's own events of versions removed for good, by which a key goes back to the version before.

Nothing in local/inside adds them: another version of the engine that lacks them is noticed here.
"""

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from local.engine import Engine

KEY = "a b/ü+.csv"
WAIT_SECONDS = 10.0
QUIET_SECONDS = 1.0


@dataclass(frozen=True)
class WatchedBucket:
    """A versioned bucket whose events of deletions come out of a queue."""

    s3: Any
    sqs: Any
    bucket: str
    queue: str

    def put(self, body: bytes) -> str:
        """Put the key; answers with the version."""
        return str(self.s3.put_object(Bucket=self.bucket, Key=KEY, Body=body)["VersionId"])

    def deletions(self, expected: int) -> list[tuple[str, str]]:
        """Key and deletion-type of so many events, and of any that come soon after them."""
        found: list[tuple[str, str]] = []
        give_up = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < give_up:
            answer = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
            for message in answer.get("Messages", []):
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
                detail = json.loads(message["Body"])["detail"]
                found.append((detail["object"]["key"], detail["deletion-type"]))
                if len(found) == expected:
                    give_up = time.monotonic() + QUIET_SECONDS
            time.sleep(0.05)
        return found


@pytest.fixture
def watched(engine: Engine) -> WatchedBucket:
    s3, sqs, events = map(engine.session().client, ("s3", "sqs", "events"))
    name = f"watched-{uuid.uuid4().hex[:8]}"
    queue = str(sqs.create_queue(QueueName=name)["QueueUrl"])
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    statement = {**allow, "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Deleted"],
        "detail": {"bucket": {"name": [name]}},
    }
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    return WatchedBucket(s3, sqs, name, queue)


Remove = Callable[[WatchedBucket, str], object]


def one(watched: WatchedBucket, version: str) -> object:
    return watched.s3.delete_object(Bucket=watched.bucket, Key=KEY, VersionId=version)


def in_a_batch(watched: WatchedBucket, version: str) -> object:
    objects = [{"Key": KEY, "VersionId": version}]
    return watched.s3.delete_objects(Bucket=watched.bucket, Delete={"Objects": objects, "Quiet": True})


@pytest.mark.parametrize("remove", [one, in_a_batch])
def test_a_version_removed_for_good_sends_one_event_as_on_aws(watched: WatchedBucket, remove: Remove) -> None:
    watched.put(b"1")
    remove(watched, watched.put(b"2"))
    assert watched.deletions(1) == [(KEY, "Permanently Deleted")]
    answer = watched.s3.get_object(Bucket=watched.bucket, Key=KEY)
    assert answer["Body"].read() == b"1"


@pytest.mark.parametrize("remove", [one, in_a_batch])
def test_a_delete_marker_removed_for_good_sends_one_event_as_on_aws(
    watched: WatchedBucket, remove: Remove
) -> None:
    watched.put(b"1")
    marker = watched.s3.delete_object(Bucket=watched.bucket, Key=KEY)["VersionId"]
    assert watched.deletions(1) == [(KEY, "Delete Marker Created")]
    remove(watched, marker)
    assert watched.deletions(1) == [(KEY, "Permanently Deleted")]
