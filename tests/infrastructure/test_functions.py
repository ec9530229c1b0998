"""The functions: size, runtime, environment, logs."""

import pytest

from tests.infrastructure.synthesis import Template, function_of, of_type, readable

FOLDERS = [
    "plan_run", "shard_orders", "index_shards", "merchant_sales", "settle_run", "fail_run", "sweep", "notify",
]  # fmt: skip


def test_on_aws_the_functions_run_on_arm_and_the_newest_python(template: Template) -> None:
    for function in of_type(template, "AWS::Lambda::Function").values():
        properties = function["Properties"]
        assert (properties["Runtime"], properties["Architectures"]) == ("python3.14", ["arm64"])


def test_every_log_group_forgets(template: Template) -> None:
    groups = of_type(template, "AWS::Logs::LogGroup").values()
    assert len(groups) == len(FOLDERS) + 2  # one of the state machine, one of the jobs
    assert {group["Properties"]["RetentionInDays"] for group in groups} == {365}


@pytest.mark.parametrize(
    ("folder", "memory_mb", "seconds", "disk_mb", "layers"),
    [
        ("plan_run", 1769, 300, 512, 1),
        ("shard_orders", 3008, 900, 10240, 2),
        ("index_shards", 1769, 300, 512, 1),
        ("merchant_sales", 3008, 900, 4096, 2),
        ("settle_run", 1769, 300, 512, 1),
        ("fail_run", 1769, 300, 512, 1),
        ("sweep", 1769, 900, 512, 1),
        ("notify", 1769, 300, 512, 1),
    ],
)
def test_the_size_of_a_function(
    template: Template, folder: str, memory_mb: int, seconds: int, disk_mb: int, layers: int
) -> None:
    _, function = function_of(template, folder)
    assert (function["MemorySize"], function["Timeout"]) == (memory_mb, seconds)
    assert function["EphemeralStorage"] == {"Size": disk_mb}
    assert len(function["Layers"]) == layers


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_environment_of_a_function(template: Template, folder: str) -> None:
    environment = function_of(template, folder)[1]["Environment"]["Variables"]
    expected = {
        "WORK_BUCKET": "<SalesStoreWorkBucket>",
        "RUNS_TABLE": "<SalesStoreRunsTable>",
        "FAN_OUT": "partition",
        "PARTITION_BYTES": "67108864",
        "MAX_PARTITIONS": "512",
        "INLINE_PARTITIONS": "40",
        "ONE_SPLIT_BYTES": "1073741824",
        "SPLIT_BYTES": "134217728",
        "MAX_FILE_BYTES": "2199023255552",
        "LOG_LEVEL": "INFO",
        "POWERTOOLS_SERVICE_NAME": "merchant-sales",
        "POWERTOOLS_METRICS_NAMESPACE": "MerchantSales",
    }
    if folder in ("plan_run", "shard_orders", "fail_run", "sweep"):
        expected["ORDERS_BUCKET"] = "<OrderIntakeOrdersBucket>"
    if folder == "sweep":
        expected["STATE_MACHINE"] = "<SalesRunStateMachine>"
    if folder == "index_shards":
        expected["OVERSIZE_PARTITION_BYTES"] = "536870912"
    if folder == "merchant_sales":
        expected["SALES_TABLE"] = "<SalesStoreSalesTable>"
    if folder == "notify":
        del expected["WORK_BUCKET"], expected["RUNS_TABLE"]
        expected["NOTICES_TOPIC"] = "<NotificationsTopic>"
    assert {name: readable(value) for name, value in environment.items()} == expected
