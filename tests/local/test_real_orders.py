"""The main job on real orders: every total equals the one computed with Python's csv and Decimal."""

import csv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lambdas.adapters.dynamodb import Item
from tests.local.command import Command
from tests.local.conftest import Deployed
from tests.local.pipeline import TEST_MERCHANT, Pipeline

ROOT = Path(__file__).parents[2]
SUPERMARKET = ROOT / "samples" / "complete_journey" / "complete_journey_transactions_sample.csv.gz"
CARD_PAYMENTS = sorted((ROOT / "samples" / "birmingham_pcard").glob("*.csv.gz"))


@pytest.fixture(scope="module")
def supermarket(deployed: Deployed) -> Item:
    """The run of the supermarket orders: large enough for a Distributed Map in this deployment."""
    return Pipeline(deployed).run(f"complete_journey/{SUPERMARKET.name}", SUPERMARKET.read_bytes())


@pytest.fixture(scope="module")
def card_payments(deployed: Deployed) -> list[Item]:
    """The runs of the 44 months, uploaded at the same time."""
    pipeline = Pipeline(deployed)

    def run(path: Path) -> Item:
        return pipeline.run(f"birmingham_pcard/{path.name}", path.read_bytes())

    with ThreadPoolExecutor(len(CARD_PAYMENTS)) as uploads:
        return list(uploads.map(run, CARD_PAYMENTS))


def expected_rows() -> list[list[str]]:
    rows: list[list[str]] = []
    for name in ("complete_journey.csv", "birmingham_pcard.csv"):
        with (ROOT / "tests" / "expected" / name).open(encoding="utf-8", newline="") as file:
            rows += list(csv.reader(file))[1:]
    return sorted(rows)


def test_the_export_equals_the_expected_totals_to_the_last_digit(
    deployed: Deployed, supermarket: Item, card_payments: list[Item], tmp_path: Path
) -> None:
    assert {supermarket["status"], *(run["status"] for run in card_payments)} == {"SUCCEEDED"}
    answer = Command(deployed)("export", tmp_path / "export.csv")
    assert answer.returncode == 0, answer.stderr
    with (tmp_path / "export.csv").open(encoding="utf-8", newline="") as file:
        heading, *rows = csv.reader(file)
    assert ",".join(heading) == "merchant_id,currency,orders,lines,units,gross_sales,refunds,net_sales"
    assert [row for row in rows if not row[0].startswith(TEST_MERCHANT)] == expected_rows()


def test_every_line_is_accounted_for(supermarket: Item, card_payments: list[Item]) -> None:
    assert supermarket["counts"] == {
        "lines": 75_000,
        "rejected": 1,
        "duplicates": 0,
        "ignored": 0,
        "counted": 74_999,
    }
    assert sum(run["counts"]["lines"] for run in card_payments) == 185_909
    assert sum(run["counts"]["rejected"] for run in card_payments) == 1


def test_the_noise_of_a_float_is_rejected_with_its_line_and_reason(
    deployed: Deployed, supermarket: Item
) -> None:
    [reject] = Command(deployed).json("rejects", supermarket["object_key"])["lines"]
    assert "0.0000000000000004440892" in reject["text"]
    assert reject["column"] == "sales_value"
    assert "4 decimals" in reject["reason"]


def test_few_partitions_take_the_inline_map_and_many_the_distributed_one(
    deployed: Deployed, supermarket: Item, card_payments: list[Item]
) -> None:
    states = Pipeline(deployed).states

    def map_runs(run: Item) -> int:
        return len(states.list_map_runs(executionArn=run["execution"])["mapRuns"])

    assert (supermarket["partitions"], map_runs(supermarket)) == (9, 1)
    assert {int(run["partitions"]) for run in card_payments} == {1}
    assert {map_runs(run) for run in card_payments[:3]} == {0}
