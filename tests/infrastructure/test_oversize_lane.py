"""The Batch lane: nothing idle, least privilege, tried again only where it helps, and the code gets in."""

from typing import Any

import pytest

from stacks.jobs import IMAGE
from stacks.platforms import LAMBDA_PYTHON
from tests.infrastructure.synthesis import (
    ROOT,
    Template,
    of_type,
    one,
    readable,
    statements_of,
    synthesize,
)

JOBS = ("ShardOversizeOrders", "OversizeMerchantSales")


def job_definition(template: Template, name: str) -> dict[str, Any]:
    properties: dict[str, Any] = one(template, "AWS::Batch::JobDefinition", name)["Properties"]
    return properties


def environment(job: dict[str, Any]) -> dict[str, str]:
    return {pair["Name"]: readable(pair["Value"]) for pair in job["ContainerProperties"]["Environment"]}


def test_nothing_of_it_costs_while_no_job_runs(template: Template) -> None:
    types = {resource["Type"] for resource in template["Resources"].values()}
    assert not types & {"AWS::EC2::NatGateway", "AWS::EC2::EIP", "AWS::EC2::Instance", "AWS::EC2::FlowLog"}
    endpoints = of_type(template, "AWS::EC2::VPCEndpoint").values()
    assert {endpoint["Properties"]["VpcEndpointType"] for endpoint in endpoints} == {"Gateway"}
    services = {readable(endpoint["Properties"]["ServiceName"]).rsplit(".", 1)[-1] for endpoint in endpoints}
    assert services == {"s3", "dynamodb"}
    resources = one(template, "AWS::Batch::ComputeEnvironment", "Fargate")["Properties"]["ComputeResources"]
    assert "MinvCpus" not in resources  # Fargate keeps nothing warm


def test_nobody_reaches_a_job_and_it_reaches_https_only(template: Template) -> None:
    [group] = of_type(template, "AWS::EC2::SecurityGroup").values()
    assert "SecurityGroupIngress" not in group["Properties"]
    [out] = group["Properties"]["SecurityGroupEgress"]
    assert (out["IpProtocol"], out["FromPort"], out["ToPort"]) == ("tcp", 443, 443)


@pytest.mark.parametrize(("settings", "kind"), [({}, "FARGATE"), ({"batchSpot": True}, "FARGATE_SPOT")])
def test_it_is_on_demand_and_spot_by_setting(settings: dict[str, Any], kind: str) -> None:
    environment = one(synthesize(settings), "AWS::Batch::ComputeEnvironment", "Fargate")["Properties"]
    assert environment["ComputeResources"]["Type"] == kind


@pytest.mark.parametrize("name", JOBS)
def test_only_ecs_takes_the_roles_of_jobs(template: Template, name: str) -> None:
    container = job_definition(template, name)["ContainerProperties"]
    for key in ("JobRoleArn", "ExecutionRoleArn"):
        role = template["Resources"][container[key]["Fn::GetAtt"][0]]["Properties"]
        [statement] = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}


def test_a_run_lasts_longer_than_any_of_its_jobs_may(definition: dict[str, Any]) -> None:
    states = definition["States"]
    sales = states["ComputeOversizeSales"]["ItemProcessor"]["States"]["OversizeMerchantSales"]
    for job in (states["ShardOversizeOrders"], states["ShardOversizeSplits"], sales):
        assert job["TimeoutSeconds"] == (3 * 6 + 1) * 3600 <= definition["TimeoutSeconds"]


@pytest.mark.parametrize("name", JOBS)
def test_a_job_is_tried_again_where_it_was_interrupted_or_never_began_and_for_nothing_else(
    template: Template, name: str
) -> None:
    job = job_definition(template, name)
    assert job["Timeout"] == {"AttemptDurationSeconds": 6 * 3600}
    assert job["RetryStrategy"] == {
        "Attempts": 3,
        "EvaluateOnExit": [
            {"Action": "RETRY", "OnStatusReason": "Your Spot Task was interrupted*"},
            {"Action": "RETRY", "OnStatusReason": "CannotPullContainerError:*"},
            {"Action": "RETRY", "OnReason": "CannotPullContainerError:*"},
            {"Action": "RETRY", "OnStatusReason": "Task failed to start*"},
            {"Action": "EXIT", "OnReason": "*"},
        ],
    }


def test_runs_that_have_started_go_on_with_their_revision(template: Template) -> None:
    for job in of_type(template, "AWS::Batch::JobDefinition").values():
        assert job["Properties"]["ResourceRetentionPolicy"] == {"SkipDeregisterOnUpdate": True}


def test_a_job_has_the_size_of_the_settings_and_is_told_it() -> None:
    settings = {"batchVcpus": 8, "batchMemoryMb": 32768, "batchDiskGib": 200, "batchLimitHours": 2}
    job = job_definition(synthesize(settings), "ShardOversizeOrders")
    container = job["ContainerProperties"]
    sizes = {size["Type"]: size["Value"] for size in container["ResourceRequirements"]}
    assert sizes == {"VCPU": "8", "MEMORY": "32768"}
    assert container["EphemeralStorage"] == {"SizeInGiB": 200}
    assert job["Timeout"] == {"AttemptDurationSeconds": 7200}
    told = environment(job)
    assert (told["JOB_VCPUS"], told["JOB_MEMORY_MB"]) == ("8", "32768")


@pytest.mark.parametrize(("architecture", "processor"), [("arm64", "ARM64"), ("x86_64", "X86_64")])
def test_it_runs_on_the_functions_processor_and_python(architecture: str, processor: str) -> None:
    container = job_definition(synthesize({"architecture": architecture}), "ShardOversize")[
        "ContainerProperties"
    ]
    assert container["RuntimePlatform"]["CpuArchitecture"] == processor
    assert container["Image"] == IMAGE
    assert f"/python:{LAMBDA_PYTHON}." in IMAGE
    assert "@sha256:" in IMAGE


def test_its_command_is_the_bootstrap_and_stays_far_below_what_ecs_takes(template: Template) -> None:
    text = (ROOT / "lambdas" / "oversize_orders" / "bootstrap.py").read_text()
    commands = {name: job_definition(template, name)["ContainerProperties"]["Command"] for name in JOBS}
    assert commands == {
        "ShardOversizeOrders": ["python", "-c", text, "shard", "Ref::run_id", "Ref::split"],
        "OversizeMerchantSales": ["python", "-c", text, "sales", "Ref::run_id", "Ref::lo", "Ref::hi"],
    }
    assert len(text) < 4000  # with the variables at most 8,192 characters
    assert "$(" not in text  # Batch would fill it in


def test_jobs_fetch_the_very_archives_that_the_functions_run_on(template: Template) -> None:
    archives = environment(job_definition(template, "ShardOversize"))["JOB_ARCHIVES"]
    function = one(template, "AWS::Lambda::Function", "ShardOrders")["Properties"]
    layers = [template["Resources"][layer["Ref"]]["Properties"]["Content"] for layer in function["Layers"]]
    for source in (function["Code"], *layers):
        assert source["S3Key"] in archives


def test_jobs_decrypt_their_archives_where_the_bucket_of_the_cdk_has_a_key_of_yours() -> None:
    key = "arn:aws:kms:eu-west-1:111122223333:key/1-2"
    with_key = synthesize({"bootstrapKeyArn": key})
    allowed = {}
    for role in of_type(with_key, "AWS::IAM::Role"):
        for statement in statements_of(with_key, role):
            if statement["Action"] == "kms:Decrypt":
                assert (statement["Effect"], statement["Resource"]) == ("Allow", key)
                [(operator, context)] = statement["Condition"].items()
                [(name, patterns)] = context.items()
                assert (operator, name) == ("StringLike", "kms:EncryptionContext:aws:s3:arn")
                allowed[role[:-8]] = [readable(pattern) for pattern in patterns]
    bucket = "arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>"
    assert allowed == {f"OversizeLane{name}Role": [bucket, f"{bucket}/*"] for name in JOBS}
    archive = one(with_key, "AWS::IAM::Policy", "ShardOversizeOrdersRole")
    [reads] = [
        s for s in archive["Properties"]["PolicyDocument"]["Statement"] if "cdk-" in str(s["Resource"])
    ]
    assert readable(reads["Resource"]) == f"{bucket}/MerchantSales/*.zip"


@pytest.mark.parametrize(
    ("state", "size"), [("ShardOversizeOrders", None), ("ShardOversizeSplits", {"Size.$": "$.splits"})]
)
def test_the_state_waits_for_the_job_and_submits_again_only_where_that_failed(
    definition: dict[str, Any], state: str, size: dict[str, str] | None
) -> None:
    task = definition["States"][state]
    assert task["Resource"] == "arn:<AWS::Partition>:states:::batch:submitJob.sync"
    assert task["Parameters"].get("ArrayProperties") == size
    assert "Timeout" not in task["Parameters"]  # it would replace the limit of one attempt
    [retry] = task["Retry"]
    assert all(error.startswith("Batch.") for error in retry["ErrorEquals"])
    assert (task["ResultPath"], task["Next"]) == (None, "IndexShards")


def test_partitions_too_large_for_a_function_are_computed_by_jobs_first(definition: dict[str, Any]) -> None:
    states = definition["States"]
    oversize, few = states["FewPartitions?"]["Choices"]
    assert (oversize["Variable"], oversize["Next"]) == ("$.shards.oversize", "ComputeOversizeSales")
    jobs = states["ComputeOversizeSales"]
    assert (jobs["ItemsPath"], jobs["Next"]) == ("$.shards.oversize_partitions", "FewOtherPartitions?")
    assert states["FewOtherPartitions?"]["Choices"] == [few]
    assert states["FewOtherPartitions?"]["Default"] == states["FewPartitions?"]["Default"]
    task = jobs["ItemProcessor"]["States"]["OversizeMerchantSales"]
    assert task["Parameters"]["Parameters"] == {"run_id.$": "$.run_id", "lo.$": "$.lo", "hi.$": "$.hi"}
