"""SalesRun: whole, as DESIGN's flow names it, with time limits and retries on every task."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from stacks.config import PipelineConfig
from tests.infrastructure.state_machine_check import faults_in
from tests.infrastructure.synthesis import Template, of_type, readable

JOBS = ("ShardOversizeOrders", "ShardOversizeSplits", "OversizeMerchantSales")

State = dict[str, Any]


def _tasks(states: dict[str, State]) -> Iterator[tuple[str, State]]:
    for name, state in states.items():
        if state["Type"] == "Task":
            yield name, state
        if "ItemProcessor" in state:
            yield from _tasks(state["ItemProcessor"]["States"])


def _calls(states: dict[str, State]) -> Iterator[tuple[str, State]]:
    """The tasks that call a function."""
    return (found for found in _tasks(states) if found[0] not in JOBS)


def test_the_definition_is_as_recorded(definition: State, snapshot: SnapshotAssertion) -> None:
    assert definition == snapshot(extension_class=JSONSnapshotExtension)


def test_the_definition_is_whole(definition: State) -> None:
    assert faults_in(definition) == []


def test_a_broken_definition_is_found_out(definition: State) -> None:
    def broken(**changes: State) -> list[str]:
        changed = copy.deepcopy(definition)
        for name, change in changes.items():
            changed["States"].setdefault(name, {}).update(change)
        return faults_in(changed)

    assert faults_in({**definition, "StartAt": "Nowhere"})[0] == "StartAt names Nowhere, which is no state"
    assert broken(ShardOrders={"Next": "Nowhere"}) == ["ShardOrders leads to Nowhere, which is no state"]
    assert broken(Lost={"Type": "Succeed"}) == ["Lost can't be reached"]
    assert broken(SettleRun={"End": False}) == ["SettleRun neither ends nor leads on"]
    assert "PlanRun repeats a name" in broken(
        ComputeSales={"ItemProcessor": {"StartAt": "PlanRun", "States": {"PlanRun": {"Type": "Succeed"}}}}
    )


def test_every_task_and_the_machine_have_a_time_limit(definition: State) -> None:
    assert definition["TimeoutSeconds"] == 24 * 3600
    limits = {name: task["TimeoutSeconds"] for name, task in _tasks(definition["States"])}
    assert limits == {
        "PlanRun": 360,
        "ShardOrders": 960,
        "ShardSplit": 960,
        "ReshardSplit": 960,
        "ShardOversizeOrders": 19 * 3600,
        "ShardOversizeSplits": 19 * 3600,
        "OversizeMerchantSales": 19 * 3600,
        "IndexShards": 360,
        "MerchantSales": 960,
        "MerchantSalesAtScale": 960,
        "SettleRun": 360,
    }


def test_a_task_outwaits_its_function(template: Template, definition: State) -> None:
    functions = of_type(template, "AWS::Lambda::Function")
    limits = {readable({"Ref": name}): f["Properties"]["Timeout"] for name, f in functions.items()}
    for name, task in _calls(definition["States"]):
        function = task["Parameters"]["FunctionName"].replace("CurrentVersion", "")
        assert task["TimeoutSeconds"] == limits[function] + 60, name


def test_every_task_retries_what_may_pass_and_only_that(definition: State) -> None:
    for name, task in _calls(definition["States"]):
        final, patient, passing, rest = task["Retry"]
        assert final == {"ErrorEquals": ["OrderFileError", "RunError"], "MaxAttempts": 0}, name
        assert patient["ErrorEquals"] == ["Lambda.TooManyRequestsException", "TimeIsUpError"]
        assert "Lambda.SdkClientException" in passing["ErrorEquals"]
        assert (patient["MaxAttempts"], passing["MaxAttempts"], rest["MaxAttempts"]) == (180, 12, 3)
        assert rest["ErrorEquals"] == ["States.ALL"]
        for retry, longest in ((patient, 300), (passing, 60), (rest, 60)):
            assert (retry["JitterStrategy"], retry["MaxDelaySeconds"]) == ("FULL", longest)


def test_the_retries_of_an_inline_map_fit_into_a_history(definition: State) -> None:
    few = definition["States"]["ComputeSales"]
    [worker] = few["ItemProcessor"]["States"].values()
    most = PipelineConfig().inline_partitions
    assert few["MaxConcurrency"] == most == 40
    attempts = sum(retry["MaxAttempts"] for retry in worker["Retry"])
    assert most * (3 * attempts + 7) < 25_000  # three events for an attempt, seven for an iteration


def test_no_error_is_caught_so_that_a_redrive_resumes_where_it_broke(definition: State) -> None:
    assert "Catch" not in str(definition)


def test_every_task_names_a_published_version_that_is_retained(template: Template, definition: State) -> None:
    versions = of_type(template, "AWS::Lambda::Version")
    named = {task["Parameters"]["FunctionName"] for _, task in _calls(definition["States"])}
    assert named == {readable({"Ref": name}) for name in versions}
    assert {version["DeletionPolicy"] for version in versions.values()} == {"Retain"}
    assert {version["UpdateReplacePolicy"] for version in versions.values()} == {"Retain"}


@pytest.mark.parametrize("name", ["MerchantSales", "MerchantSalesAtScale"])
def test_a_partition_brings_nothing_back_into_the_state(definition: State, name: str) -> None:
    task = dict(_tasks(definition["States"]))[name]
    assert task["OutputPath"] is None


def test_partitions_at_scale_are_read_from_the_work_bucket_by_standard_children(definition: State) -> None:
    at_scale = definition["States"]["ComputeSalesAtScale"]
    assert at_scale["ItemProcessor"]["ProcessorConfig"] == {
        "Mode": "DISTRIBUTED",
        "ExecutionType": "STANDARD",
    }
    assert at_scale["ItemReader"]["ReaderConfig"] == {"InputType": "JSONL"}
    assert at_scale["ItemReader"]["Parameters"] == {
        "Bucket": "<SalesStoreWorkBucket>",
        "Key.$": "$.shards.partitions_key",
    }


@pytest.mark.parametrize("name", ["ShardSplits", "ReshardSplits", "ComputeSalesAtScale"])
def test_a_map_is_tried_again_only_where_its_list_could_not_be_read(definition: State, name: str) -> None:
    [retry] = definition["States"][name]["Retry"]
    assert retry["ErrorEquals"] == ["States.ItemReaderFailed"]
    assert (retry["MaxAttempts"], retry["JitterStrategy"], retry["MaxDelaySeconds"]) == (12, "FULL", 60)


def test_it_logs_without_the_data_and_traces(template: Template) -> None:
    [machine] = of_type(template, "AWS::StepFunctions::StateMachine").values()
    properties = machine["Properties"]
    logging = properties["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ALL", False)
    assert properties["TracingConfiguration"] == {"Enabled": True}
    assert properties["StateMachineName"] == "MerchantSales-SalesRun"
    names = [g["Properties"].get("LogGroupName") for g in of_type(template, "AWS::Logs::LogGroup").values()]
    assert "/aws/vendedlogs/states/MerchantSales-SalesRun" in names
