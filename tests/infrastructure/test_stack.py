"""The stack as a whole: recorded, reproducible, the same locally as on AWS."""

from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.infrastructure.synthesis import (
    Template,
    readable,
    synthesize,
    without_hashes,
)

KNOWN_TYPES = {  # the local engine refuses a whole stack for one type that it doesn't know
    "AWS::Batch::ComputeEnvironment",
    "AWS::Batch::JobDefinition",
    "AWS::Batch::JobQueue",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::DynamoDB::GlobalTable",
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
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Function",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::StepFunctions::StateMachine",
}


def test_the_template_is_as_recorded(template: Template, snapshot: SnapshotAssertion) -> None:
    assert without_hashes(template) == snapshot(extension_class=JSONSnapshotExtension)


def test_synthesizing_twice_gives_the_same_template_and_asset_hashes(template: Template) -> None:
    assert synthesize() == template


def test_the_local_deployment_differs_by_hashes_runtime_and_architecture_only(
    template: Template, host_template: Template
) -> None:
    def comparable(given: Template) -> Template:
        stable = without_hashes(given)
        for resource in stable["Resources"].values():
            for name in ("Runtime", "Architectures", "CompatibleRuntimes", "CompatibleArchitectures"):
                resource["Properties"].pop(name, None)
            resource["Properties"].get("ContainerProperties", {}).pop("RuntimePlatform", None)
        return stable

    assert host_template != template
    assert comparable(host_template) == comparable(template)


def test_only_types_that_the_local_engine_knows(template: Template) -> None:
    assert {resource["Type"] for resource in template["Resources"].values()} == KNOWN_TYPES


def test_the_outputs_that_command_and_tests_read(template: Template) -> None:
    assert {name: readable(output["Value"]) for name, output in template["Outputs"].items()} == {
        "OrdersBucketName": "<OrderIntakeOrdersBucket>",
        "WorkBucketName": "<SalesStoreWorkBucket>",
        "SalesTableName": "<SalesStoreSalesTable>",
        "RunsTableName": "<SalesStoreRunsTable>",
        "StateMachineArn": "<SalesRunStateMachine>",
        "NoticesTopicArn": "<NotificationsTopic>",
        "DeadLetterQueueUrl": "<OrderIntakeDeadLetterQueue>",
    }
