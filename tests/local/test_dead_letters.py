"""Dead letters are listed with what they were for, and delivered to where they were going."""

import json
from typing import Any

import pytest

from tests.local.command import Command
from tests.local.conftest import Deployed
from tests.local.pipeline import Pipeline

HEADING = "merchant_id,amount,order_id,line_id,quantity,ordered_at\n"


@pytest.fixture(scope="module")
def pipeline(deployed: Deployed) -> Pipeline:
    return Pipeline(deployed)


def function_of(deployed: Deployed, folder: str) -> str:
    """The ARN of a function by its folder of lambdas/."""
    for one in deployed.session.client("lambda").list_functions()["Functions"]:
        if one["Handler"] == f"lambdas.{folder}.handler.handler":
            return str(one["FunctionArn"])
    raise LookupError(folder)


def send(deployed: Deployed, body: dict[str, Any], **attributes: str) -> None:
    """A letter as EventBridge or Lambda leaves it."""
    deployed.session.client("sqs").send_message(
        QueueUrl=deployed.outputs["DeadLetterQueueUrl"],
        MessageBody=json.dumps(body),
        MessageAttributes={
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    )


def test_letters_of_a_rule_and_of_a_function_are_listed_and_put_back(
    pipeline: Pipeline, deployed: Deployed
) -> None:
    command, key = Command(deployed), "letters/a.csv"
    assert command.json("dead-letters") == []
    failed = pipeline.run(key, b"merchant_id\nx\n")
    content = f"{HEADING}~letter,1.50,o,1,1,2024-06-01\n".encode()
    event = {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": pipeline.orders_bucket}, "object": {"key": key}},
    }
    send(deployed, event, ERROR_CODE="NO_PERMISSIONS", TARGET_ARN=deployed.outputs["StateMachineArn"])
    broken = {"executionArn": failed["execution"], "input": json.dumps({"key": key, "replay": False})}
    record = {
        "requestContext": {
            "functionArn": f"{function_of(deployed, 'fail_run')}:$LATEST",
            "condition": "RetriesExhausted",
        },
        "requestPayload": {"source": "aws.states", "detail": broken},
        "responsePayload": {"errorMessage": "The table was gone."},
    }
    send(deployed, record)
    listed = command.json("dead-letters")
    assert {(one["about"], one["error"]) for one in listed} == {
        (key, "NO_PERMISSIONS"),
        (key, "The table was gone."),
    }
    assert "look" in command("dead-letters").stdout
    looks = pipeline.key(key)
    version = pipeline.s3.put_object(Bucket=pipeline.orders_bucket, Key=key, Body=content)["VersionId"]
    answer = command("dead-letters", "put-back")
    assert (answer.returncode, "2 of 2 dead letters delivered" in answer.stdout) == (0, True), answer.stderr
    assert pipeline.settled(key, version)["status"] == "SUCCEEDED"
    known = pipeline.key(key)
    assert looks
    assert known
    assert known["looks"] >= looks["looks"] + 1
    assert command.json("dead-letters") == []


@pytest.mark.parametrize("own", [True, False], ids=["the stack's", "another's"])
def test_a_letter_calls_no_function_whose_letters_do_not_come_here(deployed: Deployed, own: bool) -> None:
    command = Command(deployed)
    name = function_of(deployed, "merchant_sales") if own else f"{function_of(deployed, 'fail_run')}-2"
    record = {"requestContext": {"functionArn": name}, "requestPayload": {}}
    send(deployed, record)
    answer = command("dead-letters", "put-back")
    assert (answer.returncode, "0 of 1 dead letters delivered" in answer.stdout) == (1, True), answer.stderr
    assert f"{name}, of which the stack" in " ".join(answer.stderr.split())
    deployed.session.client("sqs").purge_queue(QueueUrl=deployed.outputs["DeadLetterQueueUrl"])


def test_a_letter_that_nobody_can_deliver_stays(deployed: Deployed) -> None:
    command = Command(deployed)
    send(deployed, {"source": "somebody else"})
    answer = command("dead-letters", "put-back")
    assert answer.returncode == 1
    assert "nobody knows where this was going" in answer.stderr
    deployed.session.client("sqs").purge_queue(QueueUrl=deployed.outputs["DeadLetterQueueUrl"])
