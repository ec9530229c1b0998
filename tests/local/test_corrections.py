"""A key changes: its newest version is what counts, and what is gone is taken back."""

from decimal import Decimal

import pytest

from tests.local.conftest import Deployed
from tests.local.pipeline import Pipeline

HEADING = "merchant_id,amount,order_id,line_id,quantity,ordered_at\n"


@pytest.fixture(scope="module")
def pipeline(deployed: Deployed) -> Pipeline:
    return Pipeline(deployed)


def lines(**amounts: str) -> bytes:
    rows = [f"~{merchant},{amount},{merchant},1,1,2024-06-01\n" for merchant, amount in amounts.items()]
    return (HEADING + "".join(rows)).encode()


def net_sales(pipeline: Pipeline, merchant: str) -> Decimal | None:
    totals = pipeline.totals(f"~{merchant}")
    return totals["USD"]["net_sales"] if totals else None


def test_a_new_version_replaces_the_old_one_and_a_deletion_takes_it_back(pipeline: Pipeline) -> None:
    pipeline.run("corrections/other.csv", lines(stays="7.00"))
    pipeline.run("corrections/a.csv", lines(stays="1.00", goes="2.00"))
    assert (net_sales(pipeline, "stays"), net_sales(pipeline, "goes")) == (Decimal(8), Decimal(2))
    pipeline.run("corrections/a.csv", lines(stays="1.50", comes="3.00"))
    assert [net_sales(pipeline, name) for name in ("stays", "goes", "comes")] == [
        Decimal("8.5"),
        Decimal(0),
        Decimal(3),
    ]
    run = pipeline.run("corrections/a.csv", None)
    assert run["status"] == "SUCCEEDED"
    assert [net_sales(pipeline, name) for name in ("stays", "goes", "comes")] == [
        Decimal(7),
        Decimal(0),
        Decimal(0),
    ]
    assert pipeline.totals("~goes")["USD"]["files"] == 0


def test_a_second_event_for_the_same_version_changes_nothing(pipeline: Pipeline) -> None:
    pipeline.run("corrections/twice.csv", lines(twice="4.00"))
    looks = pipeline.key("corrections/twice.csv")
    assert looks is not None
    execution = pipeline.look("corrections/twice.csv")
    while (found := pipeline.states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        pass
    assert found["status"] == "SUCCEEDED"
    after = pipeline.key("corrections/twice.csv")
    assert after is not None
    assert (after["revision"], after["looks"]) == (looks["revision"], looks["looks"] + 1)
    assert net_sales(pipeline, "twice") == Decimal(4)
