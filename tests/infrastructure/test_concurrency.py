"""What the settings of concurrency come to in the template; by default nothing is reserved or limited."""

from typing import Any

import pytest

from tests.infrastructure.synthesis import (
    Template,
    function_of,
    of_type,
    one,
    state_machine_definition,
    synthesize,
)


@pytest.fixture(scope="module")
def limited() -> Template:
    return synthesize(
        {
            "mapConcurrency": 8,
            "shardReservedConcurrency": 8,
            "salesReservedConcurrency": 16,
            "maxWriteUnits": 2000,
            "fanOut": "merchant",
        }
    )


def _write_limit(template: Template) -> Any:
    table = one(template, "AWS::DynamoDB::GlobalTable", "SalesStoreSalesTable")
    return table["Properties"].get("WriteOnDemandThroughputSettings")


def test_nothing_is_reserved_or_limited_by_default(template: Template) -> None:
    functions = of_type(template, "AWS::Lambda::Function").values()
    assert not any("ReservedConcurrentExecutions" in f["Properties"] for f in functions)
    assert _write_limit(template) is None


def test_the_workers_keep_their_concurrency_and_the_table_its_write_rate(limited: Template) -> None:
    reserved = {
        folder: function_of(limited, folder)[1].get("ReservedConcurrentExecutions")
        for folder in ("plan_run", "shard_orders", "merchant_sales")
    }
    assert reserved == {"plan_run": None, "shard_orders": 8, "merchant_sales": 16}
    assert _write_limit(limited) == {"MaxWriteRequestUnits": 2000}


def test_no_map_starts_more_workers_than_the_setting(limited: Template) -> None:
    states = state_machine_definition(limited)["States"]
    maps = ("ShardSplits", "ReshardSplits", "ComputeSales", "ComputeSalesAtScale")
    assert {name: states[name]["MaxConcurrency"] for name in maps} == dict.fromkeys(maps, 8)


def test_the_functions_are_told_what_to_fan_out_by(limited: Template) -> None:
    assert function_of(limited, "plan_run")[1]["Environment"]["Variables"]["FAN_OUT"] == "merchant"
