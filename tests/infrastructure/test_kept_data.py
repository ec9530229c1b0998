"""What is kept: buckets, tables and the queue are private, encrypted and outlive mistakes."""

import pytest

from tests.infrastructure.synthesis import Template, one


@pytest.mark.parametrize("name", ["OrdersBucket", "WorkBucket"])
def test_a_bucket_is_private_encrypted_and_outlives_the_stack(template: Template, name: str) -> None:
    bucket = one(template, "AWS::S3::Bucket", name)
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")
    properties = bucket["Properties"]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(properties["PublicAccessBlockConfiguration"]) == 4
    assert properties["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    [encryption] = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    policy = one(template, "AWS::S3::BucketPolicy", name)
    [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_orders_bucket_keeps_versions_and_tells_eventbridge(template: Template) -> None:
    properties = one(template, "AWS::S3::Bucket", "OrdersBucket")["Properties"]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert properties["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }


def test_plans_and_shards_expire_and_results_stay(template: Template) -> None:
    rules = one(template, "AWS::S3::Bucket", "WorkBucket")["Properties"]["LifecycleConfiguration"]["Rules"]
    assert rules == [
        {
            "Id": "broken-uploads",
            "Status": "Enabled",
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        },
        {"Id": "plans-and-shards", "Status": "Enabled", "Prefix": "runs/", "ExpirationInDays": 14},
        {
            "Id": "expired-plans-and-shards",
            "Status": "Enabled",
            "Prefix": "runs/",
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        },
        {
            "Id": "old-versions",
            "Status": "Enabled",
            "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
            "ExpiredObjectDeleteMarker": True,
        },
    ]


@pytest.mark.parametrize("name", ["SalesTable", "RunsTable"])
def test_a_table_is_on_demand_recoverable_and_outlives_the_stack(template: Template, name: str) -> None:
    table = one(template, "AWS::DynamoDB::GlobalTable", name)
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    properties = table["Properties"]
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    [replica] = properties["Replicas"]
    assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    keys = [(key["AttributeName"], key["KeyType"]) for key in properties["KeySchema"]]
    assert keys == [("pk", "HASH"), ("sk", "RANGE")]


def test_looks_expire_from_the_runs_table_and_sales_never(template: Template) -> None:
    runs = one(template, "AWS::DynamoDB::GlobalTable", "RunsTable")["Properties"]
    sales = one(template, "AWS::DynamoDB::GlobalTable", "SalesTable")["Properties"]
    assert runs["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert "TimeToLiveSpecification" not in sales


@pytest.mark.parametrize(
    ("table", "index", "keys", "projection"),
    [
        ("SalesTable", "leaderboard", ["leaderboard", "net_sales"], "INCLUDE"),
        ("RunsTable", "runs_by_start", ["listing", "started_at"], "ALL"),
    ],
)
def test_the_indexes(template: Template, table: str, index: str, keys: list[str], projection: str) -> None:
    properties = one(template, "AWS::DynamoDB::GlobalTable", table)["Properties"]
    [found] = properties["GlobalSecondaryIndexes"]
    assert found["IndexName"] == index
    assert [key["AttributeName"] for key in found["KeySchema"]] == keys
    assert found["Projection"]["ProjectionType"] == projection


def test_the_queue_is_encrypted_over_tls_only_and_keeps_for_14_days(template: Template) -> None:
    queue = one(template, "AWS::SQS::Queue", "DeadLetterQueue")["Properties"]
    assert (queue["SqsManagedSseEnabled"], queue["MessageRetentionPeriod"]) == (True, 14 * 24 * 3600)
    policy = one(template, "AWS::SQS::QueuePolicy", "DeadLetterQueue")["Properties"]["PolicyDocument"]
    deny = [statement for statement in policy["Statement"] if statement["Effect"] == "Deny"]
    assert [statement["Condition"] for statement in deny] == [{"Bool": {"aws:SecureTransport": "false"}}]
