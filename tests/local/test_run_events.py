"""A run that ends is an event on the bus, and a failure a message that people can read."""

import json
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.local.conftest import Deployed
from tests.local.pipeline import Pipeline

HEADING = "merchant_id,amount,order_id,line_id,quantity,ordered_at\n"
SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schemas/run-event.json").read_text())


@pytest.fixture(scope="module")
def pipeline(deployed: Deployed) -> Pipeline:
    return Pipeline(deployed)


class Inbox:
    """A queue, and what has come into it so far."""

    def __init__(self, deployed: Deployed, name: str) -> None:
        self._sqs = deployed.session.client("sqs")
        self._url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        self.arn = attributes["Attributes"]["QueueArn"]
        statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": self.arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy})
        self._came: list[dict[str, Any]] = []

    def about(self, text: str) -> list[dict[str, Any]]:
        """The messages that name something, once there is one."""
        give_up = time.monotonic() + 60
        while time.monotonic() < give_up:
            answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10)
            for message in answer.get("Messages", []):
                self._came.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            if found := [one for one in self._came if text in json.dumps(one)]:
                return found
            time.sleep(0.5)
        raise AssertionError(f"nothing about {text} came: {self._came}")


@pytest.fixture(scope="module")
def bus(deployed: Deployed) -> Inbox:
    """Everything that the bus is told of runs."""
    inbox, events = Inbox(deployed, "events-for-tests"), deployed.session.client("events")
    events.put_rule(Name="events-for-tests", EventPattern=json.dumps({"source": ["merchant-sales"]}))
    events.put_targets(Rule="events-for-tests", Targets=[{"Id": "queue", "Arn": inbox.arn}])
    return inbox


@pytest.fixture(scope="module")
def people(deployed: Deployed) -> Inbox:
    """What somebody gets who has subscribed to the topic."""
    inbox, sns = Inbox(deployed, "messages-for-tests"), deployed.session.client("sns")
    topic = deployed.outputs["NoticesTopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=inbox.arn)
    return inbox


def test_a_settled_run_is_an_event_and_no_message(pipeline: Pipeline, bus: Inbox) -> None:
    run = pipeline.run("notified/good.csv", f"{HEADING}~n,1.50,o,1,1,2024-06-01\n".encode())
    [event] = bus.about("notified/good.csv")
    jsonschema.validate(event, SCHEMA)
    assert (event["detail-type"], event["detail"]["run_id"]) == ("Run Succeeded", run["run_id"])
    assert event["detail"]["money"]["USD"]["counted"] == "1.5000"


def test_a_failed_run_is_an_event_and_a_message(pipeline: Pipeline, bus: Inbox, people: Inbox) -> None:
    run = pipeline.run("notified/bad.csv", b"merchant_id\nx\n")
    assert run["status"] == "FAILED"
    for event in bus.about("notified/bad.csv"):
        jsonschema.validate(event, SCHEMA)
        assert event["detail-type"] == "Run Failed"
    message = people.about("notified/bad.csv")[0]
    assert message["Subject"] == "merchant-sales: Run Failed: notified/bad.csv"
    assert run["reason"] in message["Message"]
    assert f"merchant-sales redrive {run['run_id']}" in message["Message"]
    assert not [one for one in people.about("notified") if "good.csv" in json.dumps(one)]
