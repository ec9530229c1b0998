"""The settings: read from context, checked, and refused in one sentence."""

import dataclasses

import pytest

from stacks.config import PipelineConfig
from stacks.config_values import LOG_RETENTION, ConfigError, context_key
from tests.infrastructure.synthesis import FLAGS


def test_without_settings_the_defaults_hold() -> None:
    assert PipelineConfig.from_context(FLAGS) == PipelineConfig()


def test_the_defaults_pass_their_own_checks() -> None:
    defaults = {context_key(name): value for name, value in dataclasses.asdict(PipelineConfig()).items()}
    del defaults["architecture"]  # has its own test below
    assert PipelineConfig.from_context(defaults) == PipelineConfig()


def test_settings_of_the_command_line_are_text() -> None:
    context = {"partitionBytes": "1048576", "stackName": "Sales-2", "architecture": "x86_64"}
    config = PipelineConfig.from_context({**FLAGS, **context})
    assert (config.partition_bytes, config.stack_name, config.architecture) == (1048576, "Sales-2", "x86_64")


def test_settings_of_cdk_json_are_numbers_which_the_cdk_may_hand_over_as_floats() -> None:
    assert PipelineConfig.from_context({"maxPartitions": 16.0, "logRetentionDays": 30}).max_partitions == 16


def test_the_alarm_of_late_files_rings_before_their_time_limit_ends_them() -> None:
    with pytest.raises(ConfigError, match=r"up to 6 hours later.*ends after 24 hours.*runLimitHours to 26"):
        PipelineConfig.from_context({"alarmLateHours": "20"})
    assert PipelineConfig.from_context({"alarmLateHours": "18"}).alarm_late_hours == 18
    assert PipelineConfig.from_context({"alarmLateHours": "20", "sweepHours": "0"}).sweep_hours == 0


def refused_with(context: dict[str, int], told: str | None) -> None:
    """Settings that don't agree are refused with these words; None: they are taken."""
    if told is None:
        PipelineConfig.from_context(context)
        return
    with pytest.raises(ConfigError) as refused:
        PipelineConfig.from_context(context)
    assert str(refused.value) == told


@pytest.mark.parametrize(
    ("context", "told"),
    [
        ({"batchLimitHours": 7, "runLimitHours": 22}, None),
        (
            {"batchLimitHours": 7, "runLimitHours": 21},
            "batchLimitHours is 7: 3 attempts of a job and an hour's wait for room are 22 hours, but a run "
            "ends after 21 hours (runLimitHours): set runLimitHours to 22 or more, or batchLimitHours to 6 "
            "or less",
        ),
        (
            {"batchLimitHours": 1, "runLimitHours": 3, "sweepHours": 0},
            "batchLimitHours is 1: 3 attempts of a job and an hour's wait for room are 4 hours, but a run "
            "ends after 3 hours (runLimitHours): set runLimitHours to 4 or more",
        ),
        ({"workExpiryDays": 2, "runLimitHours": 24}, None),
        (
            {"workExpiryDays": 2, "runLimitHours": 25},
            "workExpiryDays is 2, but a run may take 25 hours (runLimitHours) and a redrive of it as long, "
            "and both read its plan and shards: set workExpiryDays to 3 or more, or runLimitHours to 24 or "
            "less",
        ),
        (
            {"workExpiryDays": 1},
            "workExpiryDays is 1, but a run may take 24 hours (runLimitHours) and a redrive of it as long, "
            "and both read its plan and shards: set workExpiryDays to 2 or more, or runLimitHours to 12 or "
            "less",
        ),
    ],
)
def test_time_limits_that_do_not_agree_are_refused_with_what_to_change(
    context: dict[str, int], told: str | None
) -> None:
    refused_with(context, told)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("maxFileBytes", "0", "a whole number from 1 to 54975581388800"),
        ("partitionBytes", "64MB", "a whole number from 1 to 1073741824"),
        ("partitionBytes", "0", "a whole number from 1 to 1073741824"),
        ("partitionBytes", "", "a whole number from 1 to 1073741824"),
        ("partitionBytes", True, "a whole number from 1 to 1073741824"),
        ("maxPartitions", "-1", "a whole number from 1 to 4096"),
        ("maxPartitions", 1.5, "a whole number from 1 to 4096"),
        ("inlinePartitions", "41", "a whole number from 1 to 40"),
        ("oneSplitBytes", "1e9", "a whole number from 1 to 4294967296"),
        ("oversizePartitionBytes", "0", "a whole number from 1 to 4294967296"),
        ("mapConcurrency", "0", "a whole number from 1 to 1000"),
        ("fanOut", "merchants", "partition or merchant"),
        ("accountConcurrency", "0", "a whole number from 1 to 1000000"),
        ("salesReservedConcurrency", "-1", "a whole number from 0 to 1000000"),
        ("shardMemoryMb", "512", "a whole number from 1024 to 10240"),
        ("salesMemoryMb", "10241", "a whole number from 1024 to 10240"),
        ("controlMemoryMb", "128", "a whole number from 256 to 10240"),
        ("runLimitHours", "0", "a whole number from 1 to 336"),
        ("workExpiryDays", "none", "a whole number from 1 to 365"),
        ("batchSpot", "yes", "true or false"),
        ("accessLogs", "1", "true or false"),
        ("profile", "test", "prod or dev"),
        ("ordersBucketName", "s3://orders", "the name of a bucket, without s3://"),
        ("ordersBucketKeyArn", "alias/orders", "the ARN of a KMS key, not of an alias"),
        ("bootstrapKeyArn", "alias/cdk-hnb659fds-assets-key", "the ARN of a KMS key, not of an alias"),
        ("encryption", "sse-s3", "default or kms"),
        ("monthlyBudgetUsd", "-1", "a whole number from 0 to 1000000000"),
        ("batchVcpus", "32", "a whole number from 1 to 16"),
        ("batchMemoryMb", "1024", "a whole number from 2048 to 122880"),
        ("batchDiskGib", "20", "a whole number from 21 to 200"),
        ("batchLimitHours", "0", "a whole number from 1 to 336"),
        ("logRetentionDays", "8", "one of " + ", ".join(map(str, LOG_RETENTION))),
        ("architecture", "arm", "arm64 or x86_64"),
        ("target", "local", "lambda or host"),
        ("logLevel", "debug", "DEBUG or INFO or WARNING or ERROR"),
        ("stackName", "9 lives", "a letter, then up to 49 letters, digits or hyphens"),
    ],
)
def test_a_wrong_value_is_refused_with_key_value_and_what_is_expected(
    key: str, value: object, expected: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        PipelineConfig.from_context({key: value})
    assert str(refused.value) == f"{key} is {value!r}: expected {expected}"


def test_the_key_of_a_bucket_that_is_not_named_is_refused() -> None:
    with pytest.raises(ConfigError, match="set ordersBucketName too"):
        PipelineConfig.from_context({"ordersBucketKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/1-2"})


@pytest.mark.parametrize(("given", "expected"), [("true", True), (True, True), ("false", False)])
def test_a_switch_is_true_or_false(given: object, expected: bool) -> None:
    assert PipelineConfig.from_context({"batchSpot": given}).batch_spot is expected


@pytest.mark.parametrize(
    ("context", "told"),
    [
        ({"batchVcpus": 3}, "batchVcpus is 3: Fargate offers 1, 2, 4, 8, 16"),
        (
            {"batchMemoryMb": 32768},
            "batchMemoryMb is 32768: with 4 vCPUs (batchVcpus) Fargate offers 8192 to 30720 in steps of 1024",
        ),
        (
            {"batchVcpus": 8},
            None,
        ),
        (
            {"batchVcpus": 16},
            "batchMemoryMb is 16384: with 16 vCPUs (batchVcpus) "
            "Fargate offers 32768 to 122880 in steps of 8192",
        ),
    ],
)
def test_a_size_that_fargate_does_not_offer_is_refused(context: dict[str, int], told: str | None) -> None:
    if told is None:
        assert PipelineConfig.from_context(context).batch_vcpus == context["batchVcpus"]
        return
    with pytest.raises(ConfigError) as refused:
        PipelineConfig.from_context(context)
    assert str(refused.value) == told


@pytest.mark.parametrize(
    ("context", "told"),
    [
        ({"mapConcurrency": 1000, "salesReservedConcurrency": 0}, None),
        (
            {"accountConcurrency": 10},
            "mapConcurrency is 40, but the account runs 10 functions at once (accountConcurrency): "
            "set mapConcurrency to 10 or less",
        ),
        ({"accountConcurrency": 10, "mapConcurrency": 10}, None),
        (
            {"salesReservedConcurrency": 20},
            "salesReservedConcurrency is 20, but a run starts 40 of these workers at once (mapConcurrency): "
            "set mapConcurrency to 20 or less, or salesReservedConcurrency to 40 or more",
        ),
        (
            {"shardReservedConcurrency": 39},
            "shardReservedConcurrency is 39, but a run starts 40 of these workers at once (mapConcurrency): "
            "set mapConcurrency to 39 or less, or shardReservedConcurrency to 40 or more",
        ),
        ({"shardReservedConcurrency": 40, "salesReservedConcurrency": 860}, None),
        (
            {"shardReservedConcurrency": 41, "salesReservedConcurrency": 860},
            "shardReservedConcurrency and salesReservedConcurrency together are 901, but of the account's "
            "1000 (accountConcurrency) Lambda keeps 100 unreserved: reserve less, or leave both at 0",
        ),
        (
            {"accountConcurrency": 10, "mapConcurrency": 2, "salesReservedConcurrency": 2},
            "shardReservedConcurrency and salesReservedConcurrency together are 2, but of the account's 10 "
            "(accountConcurrency) Lambda keeps 100 unreserved: reserve less, or leave both at 0",
        ),
        ({"maxWriteUnits": 8000}, None),
        (
            {"maxWriteUnits": 4000},
            "maxWriteUnits is 4000, but 40 sales workers (mapConcurrency) commit 200 units at once each, and "
            "should get through once a second: set mapConcurrency to 20 or less, or maxWriteUnits to 8000 "
            "or more",
        ),
        (
            {"maxWriteUnits": 100, "mapConcurrency": 2},
            "maxWriteUnits is 100, but 2 sales workers (mapConcurrency) commit 200 units at once each, and "
            "should get through once a second: set maxWriteUnits to 400 or more",
        ),
    ],
)
def test_settings_of_concurrency_that_do_not_agree_are_refused_with_what_to_change(
    context: dict[str, int], told: str | None
) -> None:
    refused_with(context, told)


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("partitonBytes", "partitionBytes"),
        ("partition_bytes", "partitionBytes"),
        ("PartitionBytes", "partitionBytes"),
        ("log-retention-days", "logRetentionDays"),
        ("maxPartition", "maxPartitions"),
        ("salesMemoryMB", "salesMemoryMb"),
    ],
)
def test_a_misspelt_setting_is_refused_with_the_one_that_was_meant(misspelt: str, meant: str) -> None:
    with pytest.raises(ConfigError, match=f"^{misspelt} is not a setting: did you mean {meant}[?]$"):
        PipelineConfig.from_context({misspelt: "1"})


@pytest.mark.parametrize("key", ["@aws-cdk/core:target-partitions", "availability-zones:account=1", "hotel"])
def test_keys_of_others_are_left_alone(key: str) -> None:
    assert PipelineConfig.from_context({key: "x"}) == PipelineConfig()


def test_the_host_has_its_own_architecture() -> None:
    with pytest.raises(ConfigError, match=r"architecture is 'arm64', but target=host"):
        PipelineConfig.from_context({"target": "host", "architecture": "arm64"})
