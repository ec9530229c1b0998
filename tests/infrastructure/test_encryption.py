"""`encryption: kms`: one key for everything that holds data, and each role uses it for what it must."""

from typing import Any

import pytest

from tests.infrastructure.synthesis import Template, of_type, one, readable, synthesize

ALL_RESOURCES = {"accessLogs": "true", "monthlyBudgetUsd": "5", "notifyEmail": "a@example.com"}
KEY = "<EncryptionKey>"
ENCRYPTED_BY = {  # where each kind of resource names the key
    "AWS::DynamoDB::GlobalTable": "Replicas.0.SSESpecification.KMSMasterKeyId",
    "AWS::Lambda::Function": "KmsKeyArn",
    "AWS::Logs::LogGroup": "KmsKeyId",
    "AWS::S3::Bucket": (
        "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.KMSMasterKeyID"
    ),
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::StepFunctions::StateMachine": "EncryptionConfiguration.KmsKeyId",
}
WITHOUT_DATA = {  # rules, rights and networks: nothing in them could be encrypted with a key
    "AWS::Batch::ComputeEnvironment",
    "AWS::Batch::JobDefinition",
    "AWS::Batch::JobQueue",
    "AWS::Budgets::Budget",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::Route",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::Events::Rule",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "Custom::S3AutoDeleteObjects",
}
EXCEPT = {
    "AccessLogs": "S3 can't deliver its access logs into a bucket whose default is a KMS key",
    "CustomS3AutoDelete": "the CDK's own: it has no environment, and empties the buckets of the profile dev",
}
HERE = "<AWS::Region>:<AWS::AccountId>"


@pytest.fixture(scope="module")
def kms() -> Template:
    """Give the template of a deployment with a key of its own."""
    return synthesize({"encryption": "kms"})


def at(properties: Any, path: str) -> Any:
    """Give the value at a path, or None."""
    for part in path.split("."):
        properties = properties[int(part)] if isinstance(properties, list) else properties.get(part, {})
    return properties or None


@pytest.mark.parametrize("profile", ["prod", "dev"])
def test_everything_that_can_be_encrypted_is_with_the_one_key(profile: str) -> None:
    resources = synthesize({"encryption": "kms", "profile": profile, **ALL_RESOURCES})["Resources"]
    assert {one["Type"] for one in resources.values()} - WITHOUT_DATA == set(ENCRYPTED_BY)
    otherwise = set()
    for name, resource in resources.items():
        path = ENCRYPTED_BY.get(resource["Type"])
        if path and readable(at(resource["Properties"], path) or "") != KEY:
            otherwise.add(next(known for known in EXCEPT if known in name))
    assert otherwise == ({"AccessLogs"} if profile == "prod" else set(EXCEPT))


def test_without_the_setting_there_is_no_key(template: Template) -> None:
    assert "kms" not in str(template).lower()


def test_buckets_call_kms_once_for_many_objects_and_refuse_other_keys(kms: Template) -> None:
    header = "s3:x-amz-server-side-encryption"
    for name in ("OrdersBucket", "WorkBucket"):
        bucket = one(kms, "AWS::S3::Bucket", name)["Properties"]
        [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["BucketKeyEnabled"] is True
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
        statements = one(kms, "AWS::S3::BucketPolicy", name)["Properties"]["PolicyDocument"]["Statement"]
        refused = [statement for statement in statements if statement["Action"] == "s3:PutObject"]
        assert {statement["Effect"] for statement in refused} == {"Deny"}
        key = {"Fn::GetAtt": [next(iter(of_type(kms, "AWS::KMS::Key"))), "Arn"]}
        assert [statement["Condition"] for statement in refused] == [
            {"Null": {header: "false"}, "StringNotEquals": {f"{header}-aws-kms-key-id": key}},
            {"Null": {f"{header}-customer-algorithm": "false"}},
        ]


def test_the_bucket_of_access_logs_stays_with_the_keys_of_s3() -> None:
    found = synthesize({"encryption": "kms", "accessLogs": "true"})
    encryption = one(found, "AWS::S3::Bucket", "AccessLogs")["Properties"]["BucketEncryption"]
    [rule] = encryption["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_tables_and_queue_have_no_second_kind_of_encryption(kms: Template) -> None:
    for table in of_type(kms, "AWS::DynamoDB::GlobalTable").values():
        assert table["Properties"]["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    [queue] = of_type(kms, "AWS::SQS::Queue").values()
    assert "SqsManagedSseEnabled" not in queue["Properties"]


def test_the_key_rotates_has_the_deployments_name_and_stays_with_what_it_encrypts(kms: Template) -> None:
    kept, gone = kms, synthesize({"encryption": "kms", "profile": "dev", "stackName": "Sales-2"})
    for found, policy, name in ((kept, "Retain", "MerchantSales"), (gone, "Delete", "Sales-2")):
        [key] = of_type(found, "AWS::KMS::Key").values()
        assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == (policy, policy)
        assert key["Properties"]["EnableKeyRotation"] is True
        assert key["Properties"]["PendingWindowInDays"] == 7
        [alias] = of_type(found, "AWS::KMS::Alias").values()
        assert alias["Properties"]["AliasName"] == f"alias/{name}"
        assert alias.get("DeletionPolicy") != "Retain"  # or the next deployment of the name would fail


def test_the_keys_policy_names_four_services_and_what_for(kms: Template) -> None:
    [key] = of_type(kms, "AWS::KMS::Key").values()
    statements = key["Properties"]["KeyPolicy"]["Statement"]
    assert {(s["Effect"], s["Resource"]) for s in statements} == {("Allow", "*")}
    told = {s.get("Sid", "account"): s for s in statements}
    assert len(told) == len(statements)
    account = told.pop("account")
    root = "arn:<AWS::Partition>:iam::<AWS::AccountId>:root"
    assert (account["Action"], readable(account["Principal"]["AWS"])) == ("kms:*", root)
    assert {sid: readable(s["Principal"]["Service"]) for sid, s in told.items()} == {
        "LogGroups": "logs.<AWS::Region>.amazonaws.com",
        "StateMachineLog": "delivery.logs.amazonaws.com",
        "EventsToDeadLetterQueue": "events.amazonaws.com",
        "AlarmsToTopic": "cloudwatch.amazonaws.com",
    }
    assert told["LogGroups"]["Action"] == [
        "kms:Decrypt*",
        "kms:Describe*",
        "kms:Encrypt*",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
    ]
    groups = told["LogGroups"]["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert [readable(group) for group in groups] == [
        f"arn:<AWS::Partition>:logs:{HERE}:log-group:MerchantSales-*",
        f"arn:<AWS::Partition>:logs:{HERE}:log-group:/aws/vendedlogs/states/MerchantSales-SalesRun",
    ]
    assert told["StateMachineLog"]["Action"] == "kms:Decrypt"
    assert "Condition" not in told["StateMachineLog"]
    for sid, context in (("EventsToDeadLetterQueue", "sqs:arn"), ("AlarmsToTopic", "sns:topicArn")):
        assert told[sid]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
        condition = told[sid]["Condition"]
        assert condition["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        [(name, pattern)] = condition["ArnLike"].items()
        assert name == f"kms:EncryptionContext:aws:{context}"
        assert readable(pattern) == f"arn:<AWS::Partition>:{context[:3]}:{HERE}:*"


def test_log_groups_are_named_as_the_keys_policy_has_it(kms: Template) -> None:
    names = [
        group["Properties"].get("LogGroupName") for group in of_type(kms, "AWS::Logs::LogGroup").values()
    ]
    assert set(names) == {None, "/aws/vendedlogs/states/MerchantSales-SalesRun"}  # None: <stack name>-…
