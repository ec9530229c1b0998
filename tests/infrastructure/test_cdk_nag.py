"""The AwsSolutions and Serverless rules: every finding is listed with the reason why it is accepted."""

import json
import re
from pathlib import Path

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from tests.infrastructure.synthesis import ROOT, app_with, stack_in

MACHINE = "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>"
RUN_KEYS = "a run's objects are named when it starts; which role reaches which prefix is listed above"
EXECUTIONS = "executions and Map Runs are named when they start; only this state machine's are meant"
VERSIONS = "a run goes on with the version it started with, so all versions of this one function"
FAILURES = "a job's reason is named when it fails; fail_run and plan_run read nothing else there"
ARCHIVES = "a job of a run goes on with the code it started with, so all of this one deployment's"
ASSETS = "arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>"
BATCH = "arn:<AWS::Partition>:batch:<AWS::Region>:<AWS::AccountId>"
NO_RESOURCES = "X-Ray and log delivery know no resources to restrict these actions to"

ACCEPTED = {
    "S1 OrderIntake/OrdersBucket": "access logs would need a bucket of their own: an account's own choice",
    "S1 SalesStore/WorkBucket": "access logs would need a bucket of their own: an account's own choice",
    "SQS3 OrderIntake/DeadLetterQueue": "it is the dead-letter queue, of the rules and of fail_run",
    "IAM5 *": NO_RESOURCES,
    "IAM5 <OrderIntakeOrdersBucket>/*": "order files may have any key",
    "IAM5 <SalesStoreWorkBucket>/runs/*": RUN_KEYS,
    "IAM5 <SalesStoreWorkBucket>/runs/*/shards/*": RUN_KEYS,
    "IAM5 <SalesStoreWorkBucket>/rejects/*": RUN_KEYS,
    "IAM5 <SalesStoreWorkBucket>/rejects/*/places.json": RUN_KEYS,
    "IAM5 <SalesStoreWorkBucket>/sales/*": RUN_KEYS,
    f"IAM5 {MACHINE}:execution:MerchantSales-SalesRun:*": EXECUTIONS,
    f"IAM5 {MACHINE}:execution:MerchantSales-SalesRun/*:*": EXECUTIONS,
    f"IAM5 {MACHINE}:mapRun:MerchantSales-SalesRun/*:*": EXECUTIONS,
    f"IAM5 {MACHINE}:execution:<this machine>:*": EXECUTIONS,
    f"IAM5 {MACHINE}:execution:<this machine>/ComputeSalesAtScale:*": EXECUTIONS,
    f"IAM5 {MACHINE}:execution:<this machine>/ShardSplits:*": EXECUTIONS,
    f"IAM5 {MACHINE}:execution:<this machine>/ReshardSplits:*": EXECUTIONS,
    "IAM5 <SalesStoreWorkBucket>/runs/*/failures/*": FAILURES,
    f"IAM5 {BATCH}:job-definition/*": "the CDK's task grants no less; the queue is named",
    f"IAM5 {BATCH}:job/*": "a job is named when it is submitted, and has to end with a stopped run",
    f"IAM5 {ASSETS}/MerchantSales/*.zip": ARCHIVES,
    "VPC7 OversizeLane/Jobs/Network": "jobs answer nobody and call out by HTTPS only; flow logs would cost",
    "IAM5 <OrderIntakePlanRun>:*": VERSIONS,
    "IAM5 <ShardingShardOrders>:*": VERSIONS,
    "IAM5 <ShardingIndexShards>:*": VERSIONS,
    "IAM5 <MerchantFanOutMerchantSales>:*": VERSIONS,
    "IAM5 <RunSettlementSettleRun>:*": VERSIONS,
}


CALLED_AND_WAITED_FOR = "the state machine waits for its answer, and fails with its error"
FAILURES_GO_TO_THE_QUEUE = "its failures have the dead-letter queue as their destination, which tells more"
ACCEPTED_SERVERLESS = {
    "SQSRedrivePolicy OrderIntake/DeadLetterQueue": "it is the dead-letter queue",
    "LambdaDLQ OrderIntake/PlanRun": CALLED_AND_WAITED_FOR,
    "LambdaDLQ Sharding/ShardOrders": CALLED_AND_WAITED_FOR,
    "LambdaDLQ Sharding/IndexShards": CALLED_AND_WAITED_FOR,
    "LambdaDLQ MerchantFanOut/MerchantSales": CALLED_AND_WAITED_FOR,
    "LambdaDLQ RunSettlement/SettleRun": CALLED_AND_WAITED_FOR,
    "LambdaDLQ RunSettlement/FailRun": FAILURES_GO_TO_THE_QUEUE,
    "LambdaDLQ Notifications/Notify": FAILURES_GO_TO_THE_QUEUE,
    "LambdaDLQ Sweeper/Sweep": FAILURES_GO_TO_THE_QUEUE,
}
PACKS = {
    "AwsSolutions": (AwsSolutionsChecks, ACCEPTED),
    "Serverless": (ServerlessChecks, ACCEPTED_SERVERLESS),
}


@pytest.mark.parametrize("encryption", ["default", "kms"])
@pytest.mark.parametrize("pack_name", PACKS)
def test_nothing_is_found_but_what_is_accepted_with_a_reason(pack_name: str, encryption: str) -> None:
    checks, accepted = PACKS[pack_name]
    app = app_with({"encryption": encryption})
    stack_in(app)
    cdk.Validations.of(app).add_plugins(checks(app))
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    report = json.loads((Path(app.outdir) / "validation-report.json").read_text())
    [pack] = [plugin for plugin in report["pluginReports"] if plugin["pluginName"] == pack_name]
    found = set()
    for violation in pack["violations"]:
        for construct in violation["violatingConstructs"]:
            found.add(_finding(violation["ruleName"], construct["constructPath"]))
    assert found == set(accepted)


def test_the_document_lists_what_is_accepted_with_its_reasons() -> None:
    listed = (ROOT / "docs" / "security.md").read_text().partition("<!-- findings -->\n")[2]
    rows = [
        f"| {pack} | `{finding}` | {reason} |"
        for pack, (_, accepted) in PACKS.items()
        for finding, reason in accepted.items()
    ]
    heading = ["| pack | finding | accepted because |", "| --- | --- | --- |"]
    assert listed.partition("<!-- end -->")[0].splitlines() == heading + rows


def _finding(rule: str, construct_path: str) -> str:
    """Name a finding by its resource pattern, or else by the construct it is about."""
    rule = rule.removeprefix("AwsSolutions-").removeprefix("Serverless-")
    if "[Resource::" not in rule:
        return f"{rule} {construct_path.removeprefix('MerchantSales/').removesuffix('/Resource')}"
    name, _, resource = rule.removesuffix("]").partition("[Resource::")
    resource = re.sub(r"\{.*\}", "<this machine>", resource)
    return f"{name} {re.sub(r'[0-9A-F]{8}([.]Arn)?>', '>', resource)}"
