"""What others need to reach the stack: rules, alarms, access logs, the CDK; and what everybody is denied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.infrastructure.permissions.evaluation import OVER_TLS, Caller
from tests.infrastructure.permissions.needs import Need, role_of, trusted_by
from tests.infrastructure.permissions.requests import ACCOUNT, PARTITION, Request, arn
from tests.infrastructure.permissions.resolving import Resources, of_type

EVENTS, ALARMS = "events.amazonaws.com", "cloudwatch.amazonaws.com"
ACCESS_LOGS = "logging.s3.amazonaws.com"
PLAIN = {"aws:SecureTransport": "false"}


def needs_of_services(resources: Resources) -> Iterator[Need]:
    """That events, dead letters and alarms arrive."""
    for name, rule in of_type(resources, "AWS::Events::Rule").items():
        for target in rule["Targets"]:
            yield from _of_target(name, target)
    alarms = of_type(resources, "AWS::CloudWatch::Alarm").values()
    topics = {topic for alarm in alarms for topic in alarm["AlarmActions"]}
    caller = Caller(ALARMS, {**OVER_TLS, "aws:SourceAccount": ACCOUNT})
    for topic in topics:
        yield Need("alarms tell people", Request("sns:Publish", topic), caller=caller)


def needs_of_access_logs(resources: Resources) -> Iterator[Need]:
    """That S3 may write the access logs of a bucket into the bucket of logs."""
    for name, bucket in of_type(resources, "AWS::S3::Bucket").items():
        if (config := bucket.get("LoggingConfiguration")) is not None:
            context = {**OVER_TLS, "aws:SourceArn": _bucket(name), "aws:SourceAccount": ACCOUNT}
            place = f"arn:{PARTITION}:s3:::{config['DestinationBucketName']}/{config['LogFilePrefix']}one"
            caller = Caller(ACCESS_LOGS, context)
            yield Need(f"access logs of {name}", Request("s3:PutObject", place), caller=caller)


EMPTYING = {
    "GetBucketTagging": "", "GetBucketPolicy": "", "PutBucketPolicy": "", "ListBucketVersions": "",
    "DeleteObjectVersion": "/one",
}  # fmt: skip
"""What the CDK's handler calls when a bucket goes with its stack: action, and on what of the bucket."""


def needs_of_emptying(resources: Resources) -> Iterator[Need]:
    """That the CDK's function empties the buckets that go with the stack."""
    for custom in of_type(resources, "Custom::S3AutoDeleteObjects").values():
        [function] = [
            one
            for one in of_type(resources, "AWS::Lambda::Function").values()
            if not one["Handler"].startswith("lambdas.")
        ]
        caller = Caller(function["Role"])
        for action, place in EMPTYING.items():
            request = Request(f"s3:{action}", _bucket(custom["BucketName"]) + place)
            yield Need("buckets go with the stack", request, caller=caller)


def _bucket(name: str) -> str:
    return f"arn:{PARTITION}:s3:::{name.lower()}"


def _of_target(rule: str, target: Mapping[str, Any]) -> Iterator[Need]:
    from_rule = Caller(EVENTS, {**OVER_TLS, "aws:SourceArn": arn("events", f"rule/{rule}")})
    why = f"the rule {rule}"
    if ":stateMachine:" in target["Arn"]:
        role = role_of(target["RoleArn"])
        yield trusted_by(role, EVENTS, why)
        yield Need(why, Request("states:StartExecution", target["Arn"]), role=role)
    elif ":function:" in target["Arn"]:
        yield Need(why, Request("lambda:InvokeFunction", target["Arn"]), caller=from_rule)
    else:
        raise LookupError(f"the rule {rule} has a target of another kind: derive here what that takes")
    if "DeadLetterConfig" in target:
        request = Request("sqs:SendMessage", target["DeadLetterConfig"]["Arn"])
        yield Need(f"what {why} can't deliver is kept", request, caller=from_rule)


def needs_of_safety(resources: Resources) -> Iterator[Need]:
    """That nobody reaches a bucket, queue or topic without TLS."""
    plain = Caller("", PLAIN)
    why = "TLS only"
    for name in of_type(resources, "AWS::S3::Bucket"):
        for action, place in (("ListBucket", ""), ("GetObject", "/one"), ("PutObject", "/one")):
            yield Need(why, Request(f"s3:{action}", _bucket(name) + place), caller=plain, verdict="denied")
    for name in of_type(resources, "AWS::SQS::Queue"):
        for action in ("SendMessage", "ReceiveMessage"):
            yield Need(why, Request(f"sqs:{action}", arn("sqs", name)), caller=plain, verdict="denied")
    for name in of_type(resources, "AWS::SNS::Topic"):
        yield Need(why, Request("sns:Publish", arn("sns", name)), caller=plain, verdict="denied")
