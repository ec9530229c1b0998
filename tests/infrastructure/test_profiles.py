"""What the profile, an existing bucket, access logs and a budget change in the template."""

from typing import Any

import pytest

from stacks.config import PipelineConfig
from stacks.config_values import ConfigError
from tests.infrastructure.synthesis import Template, of_type, one, readable, synthesize

BUCKETS, TABLES = ("OrdersBucket", "WorkBucket"), ("SalesTable", "RunsTable")


@pytest.fixture(scope="module")
def dev() -> Template:
    return synthesize({"profile": "dev"})


def replica(table: dict[str, Any]) -> dict[str, Any]:
    [only] = table["Properties"]["Replicas"]
    return dict(only)


@pytest.mark.parametrize("name", TABLES)
def test_prod_protects_tables_and_dev_deletes_them(name: str, template: Template, dev: Template) -> None:
    kept, gone = (one(found, "AWS::DynamoDB::GlobalTable", name) for found in (template, dev))
    assert (kept["DeletionPolicy"], replica(kept)["DeletionProtectionEnabled"]) == ("Retain", True)
    assert (gone["DeletionPolicy"], replica(gone)["DeletionProtectionEnabled"]) == ("Delete", False)
    recovery = [replica(table)["PointInTimeRecoverySpecification"] for table in (kept, gone)]
    assert [one["PointInTimeRecoveryEnabled"] for one in recovery] == [True, False]


def test_dev_empties_and_deletes_its_buckets(dev: Template) -> None:
    for name in BUCKETS:
        assert one(dev, "AWS::S3::Bucket", name)["DeletionPolicy"] == "Delete"
    emptied = of_type(dev, "Custom::S3AutoDeleteObjects").values()
    named = {readable(resource["Properties"]["BucketName"]) for resource in emptied}
    assert named == {"<OrderIntakeOrdersBucket>", "<SalesStoreWorkBucket>"}


def test_the_embedded_engines_buckets_are_emptied_without_a_function() -> None:
    found = synthesize({"profile": "dev", "target": "host"})
    assert not of_type(found, "Custom::S3AutoDeleteObjects")
    assert one(found, "AWS::S3::Bucket", "OrdersBucket")["DeletionPolicy"] == "Delete"


def test_logs_are_kept_for_a_year_in_prod_and_for_two_weeks_in_dev(template: Template, dev: Template) -> None:
    for found, days in ((template, 365), (dev, 14)):
        groups = of_type(found, "AWS::Logs::LogGroup").values()
        assert {group["Properties"]["RetentionInDays"] for group in groups} == {days}
    assert PipelineConfig.from_context({"profile": "dev", "logRetentionDays": 30}).log_retention_days == 30


def test_both_profiles_have_all_alarms(template: Template, dev: Template) -> None:
    kind = "AWS::CloudWatch::Alarm"
    assert of_type(template, kind).keys() == of_type(dev, kind).keys()


def test_an_existing_bucket_is_read_and_left_as_it_is() -> None:
    found = synthesize({"ordersBucketName": "my-orders"})
    assert [name for name in of_type(found, "AWS::S3::Bucket") if "OrdersBucket" in name] == []
    assert not [name for name in of_type(found, "AWS::S3::BucketPolicy") if "OrdersBucket" in name]
    pattern = one(found, "AWS::Events::Rule", "OrderChanged")["Properties"]["EventPattern"]
    assert pattern["detail"]["bucket"] == {"name": ["my-orders"]}
    assert found["Outputs"]["OrdersBucketName"]["Value"] == "my-orders"


def test_access_logs_go_to_a_bucket_of_their_own_that_is_not_logged_itself() -> None:
    found = synthesize({"accessLogs": "true"})
    for name in BUCKETS:
        logging = one(found, "AWS::S3::Bucket", name)["Properties"]["LoggingConfiguration"]
        assert readable(logging["DestinationBucketName"]) == "<SalesStoreBucketsAccessLogs>"
        assert logging["LogFilePrefix"] == f"{name}/"
    logs = one(found, "AWS::S3::Bucket", "AccessLogs")["Properties"]
    assert "LoggingConfiguration" not in logs
    assert logs["LifecycleConfiguration"]["Rules"][-1]["ExpirationInDays"] == 365


def test_a_budget_tells_people_at_four_fifths_and_at_all_of_it() -> None:
    found = synthesize({"monthlyBudgetUsd": 50, "notifyEmail": "a@example.com, b@example.com"})
    budget = one(found, "AWS::Budgets::Budget", "Budget")["Properties"]
    assert budget["Budget"]["BudgetLimit"] == {"Amount": 50, "Unit": "USD"}
    assert budget["Budget"]["CostFilters"] == {"TagKeyValue": ["user:merchant-sales$MerchantSales"]}
    for job in of_type(found, "AWS::Batch::JobDefinition").values():
        assert job["Properties"]["PropagateTags"] is True, "Fargate bills its tasks, not the definitions"
        assert job["Properties"]["Tags"] == {"merchant-sales": "MerchantSales"}
    notices = budget["NotificationsWithSubscribers"]
    assert [notice["Notification"]["Threshold"] for notice in notices] == [80, 100]
    assert [len(notice["Subscribers"]) for notice in notices] == [2, 2]
    tags = one(found, "AWS::S3::Bucket", "OrdersBucket")["Properties"]["Tags"]
    assert {"Key": "merchant-sales", "Value": "MerchantSales"} in tags


def test_a_budget_without_anybody_to_tell_is_refused() -> None:
    with pytest.raises(ConfigError, match="set notifyEmail"):
        PipelineConfig.from_context({"monthlyBudgetUsd": 50})
