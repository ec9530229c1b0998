"""What local/inside adds to the engine's services, and why."""

import hashlib
import json
import random
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from local.engine import Engine
from tests.local.conftest import EngineMaker
from tests.local.engine_functions import EngineFunctions


def test_requests_count_as_https_so_tls_only_buckets_can_be_used(engine: Engine) -> None:
    s3 = engine.session().client("s3")
    s3.create_bucket(Bucket="tls-only")
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::tls-only", "arn:aws:s3:::tls-only/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(Bucket="tls-only", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    s3.put_object(Bucket="tls-only", Key="key", Body=b"body")
    assert s3.get_object(Bucket="tls-only", Key="key")["Body"].read() == b"body"


def test_a_part_of_a_version_is_read_and_nothing_more(engine: Engine) -> None:
    s3 = engine.session().client("s3")
    s3.create_bucket(Bucket="parts")
    s3.put_bucket_versioning(Bucket="parts", VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket="parts", Key="key", Body=b"0123456789")["VersionId"]
    s3.put_object(Bucket="parts", Key="key", Body=b"abcdefghij")
    for named, text in (({"VersionId": old}, b"0123456789"), ({}, b"abcdefghij")):
        for wanted, part in (("bytes=2-4", text[2:5]), ("bytes=7-", text[7:]), ("bytes=-3", text[-3:])):
            answer = s3.get_object(Bucket="parts", Key="key", Range=wanted, **named)
            assert (answer["Body"].read(), answer["ContentLength"]) == (part, len(part))
    with pytest.raises(s3.exceptions.ClientError, match="InvalidRange"):
        s3.get_object(Bucket="parts", Key="key", Range="bytes=10-", VersionId=old)


def test_an_upload_in_parts_is_one_object_and_its_parts_are_gone(engine: Engine) -> None:
    s3 = engine.session().client("s3")
    s3.create_bucket(Bucket="in-parts")
    s3.put_bucket_versioning(Bucket="in-parts", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="in-parts", Key="source", Body=b"copied")
    upload = {"Bucket": "in-parts", "Key": "key"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    parts = [{"PartNumber": 3, **s3.upload_part(**upload, PartNumber=3, Body=b"the end")}]
    for again in (b"x" * 11_000_000, b"y" * 10_000_000):
        first = {"PartNumber": 1, **s3.upload_part(**upload, PartNumber=1, Body=again)}
    copied = s3.upload_part_copy(**upload, PartNumber=2, CopySource={"Bucket": "in-parts", "Key": "source"})[
        "CopyPartResult"
    ]
    parts = [first, {"PartNumber": 2, **copied}, *parts]
    named = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in parts]
    version = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": named})["VersionId"]
    wanted = b"y" * 10_000_000 + b"copied" + b"the end"
    s3.put_object(Bucket="in-parts", Key="key", Body=b"newer")
    whole = s3.get_object(Bucket="in-parts", Key="key", VersionId=version)
    assert whole["Body"].read() == wanted
    digests = b"".join(hashlib.md5(text).digest() for text in (b"y" * 10_000_000, b"copied", b"the end"))
    assert whole["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-3"'
    part = s3.get_object(Bucket="in-parts", Key="key", VersionId=version, Range="bytes=-13")
    assert part["Body"].read() == b"copied" + b"the end"
    assert s3.get_object(Bucket="in-parts", Key="key")["Body"].read() == b"newer"

    left = s3.create_multipart_upload(Bucket="in-parts", Key="left")["UploadId"]
    s3.upload_part(Bucket="in-parts", Key="left", UploadId=left, PartNumber=1, Body=b"z" * 100)
    assert len(list((engine.folder.scratch / "uploads").iterdir())) == 1
    s3.abort_multipart_upload(Bucket="in-parts", Key="left", UploadId=left)
    assert list((engine.folder.scratch / "uploads").iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells memory there")
def test_a_large_file_is_not_kept_in_memory(make_engine: EngineMaker, tmp_path: Path) -> None:
    engine = make_engine()
    engine.start()
    s3 = engine.session().client("s3")
    s3.create_bucket(Bucket="large")
    s3.put_bucket_versioning(Bucket="large", VersioningConfiguration={"Status": "Enabled"})
    with (tmp_path / "file").open("wb") as file:
        for _ in range(80):
            file.write(random.Random(1).randbytes(10_000_000))
    s3.upload_file(str(tmp_path / "file"), "large", "file")
    told = Path(f"/proc/{engine.status().pid}/status").read_text()
    [peak] = [int(line.split()[1]) for line in told.splitlines() if line.startswith("VmHWM:")]
    assert peak / 1000 < 800, "MB at the most, of a file of 800 MB"
    engine.stop()


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux lists its sockets there")
def test_it_listens_on_loopback_only(engine: Engine) -> None:
    port = f"{engine.status().port:04X}"
    tables = [path for path in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")) if path.exists()]
    lines = [line for table in tables for line in table.read_text().splitlines()]
    listening = [line.split()[1] for line in lines if f":{port} " in line and " 0A " in line]
    assert listening == [f"0100007F:{port}"]


def test_it_enforces_iam(engine: Engine) -> None:
    with urllib.request.urlopen(f"{engine.endpoint}/_ministack/health", timeout=5) as answer:
        assert json.load(answer)["auth"] == "enabled"


def test_an_execution_that_a_stop_interrupted_is_reported_as_failed(make_engine: EngineMaker) -> None:
    engine = make_engine()
    engine.start()
    functions = EngineFunctions(engine.session())
    queue = _queue_of_failures(engine)
    function = functions.add("import time\ndef handler(event, context): time.sleep(60)")
    machine = functions.machine(
        {"StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": function, "End": True}}}
    )
    started = engine.session().client("stepfunctions").start_execution(stateMachineArn=machine)
    time.sleep(1)
    engine.stop()
    engine.start()
    messages = engine.session().client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    detail = json.loads(messages[0]["Body"])["detail"]
    assert detail["executionArn"] == started["executionArn"]
    assert (detail["status"], detail["error"]) == ("FAILED", "States.ServiceRestart")


def test_the_event_of_an_encrypted_execution_keeps_its_data_back(make_engine: EngineMaker) -> None:
    engine = make_engine()
    engine.start()
    functions, states = EngineFunctions(engine.session()), engine.session().client("stepfunctions")
    queue, sqs = _queue_of_failures(engine), engine.session().client("sqs")
    key = engine.session().client("kms").create_key()["KeyMetadata"]["Arn"]
    fails = {"StartAt": "Break", "States": {"Break": {"Type": "Fail", "Error": "Broken", "Cause": "why"}}}
    machine, definition = functions.machine(fails), json.dumps(fails)
    for encryption, told in (
        ({"type": "AWS_OWNED_KEY"}, ['"order"', "Broken", "why"]),
        ({"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": key}, [None, None, None]),
    ):
        states.update_state_machine(
            stateMachineArn=machine, definition=definition, encryptionConfiguration=encryption
        )
        assert functions.run(machine, "order")["input"] == '"order"'
        [message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        detail = json.loads(message["Body"])["detail"]
        assert [detail[name] for name in ("input", "error", "cause")] == told


def _queue_of_failures(engine: Engine) -> str:
    sqs, events = engine.session().client("sqs"), engine.session().client("events")
    url = str(sqs.create_queue(QueueName="failures")["QueueUrl"])
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    pattern = {"source": ["aws.states"], "detail": {"status": ["FAILED"]}}
    events.put_rule(Name="failures", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="failures", Targets=[{"Id": "queue", "Arn": arn}])
    return url


def test_a_template_with_an_alarm_on_metric_math_deploys(engine: Engine) -> None:
    metric = {"Namespace": "AWS/States", "MetricName": "ExecutionsFailed"}
    stat = {"Metric": metric, "Period": 300, "Stat": "Sum"}
    properties: dict[str, Any] = {
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "Metrics": [
            {"Id": "sum", "Expression": "FILL(failed, 0)", "ReturnData": True},
            {"Id": "failed", "MetricStat": stat, "ReturnData": False},
        ],
    }
    template = {"Resources": {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}}}
    formation = engine.session().client("cloudformation")
    formation.create_stack(StackName="alarms", TemplateBody=json.dumps(template))
    while (status := _status(formation)) == "CREATE_IN_PROGRESS":
        time.sleep(0.05)
    assert status == "CREATE_COMPLETE"


def _status(formation: Any) -> str:
    return str(formation.describe_stacks(StackName="alarms")["Stacks"][0]["StackStatus"])
