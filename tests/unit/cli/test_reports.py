"""What people and programs read: money, months, runs, and how keys stand."""

import io
import json
from decimal import Decimal

import pytest
from rich.console import Console

from cli.merchant_report import merchant_sales, report, sum_months, to_json
from cli.printing import exact, money, printable
from cli.reading_runs import Standing, standing_of
from cli.run_report import net_money, run_report, run_to_json
from lambdas.adapters.dynamodb import Item

KEYHASH = "0123456789abcdef" * 2
RUN: Item = {
    "run_id": f"{KEYHASH}-00000002", "object_key": "shop/a.csv", "version_id": "v2", "status": "SUCCEEDED",
    "started_at": "2026-01-02T03:04:05.000Z", "ended_at": "2026-01-02T03:04:07.500Z",
    "execution": "arn:aws:states:eu-west-1:1:execution:SalesRun:x", "size_bytes": Decimal(10),
    "counts": {"lines": Decimal(4), "rejected": Decimal(1), "duplicates": Decimal(1), "ignored": Decimal(0),
               "counted": Decimal(2)},
    "money": {"USD": {"accepted": Decimal("1234.5"), "duplicates": Decimal("0.25"), "ignored": Decimal(0),
                      "counted": Decimal("1234.25")}},
    "reject_reasons": {"no merchant": Decimal(1)},
}  # fmt: skip


def sums(orders: int, net: str) -> Item:
    amounts = {name: Decimal(orders) for name in ("orders", "lines", "units")}
    return amounts | {"gross_sales": Decimal(net), "refunds": Decimal(0), "net_sales": Decimal(net)}


def contribution(key: str, months: dict[str, Item], currency: str = "USD") -> Item:
    about = {"sk": f"FILE#{currency}#{KEYHASH}", "object_key": key, "run_id": RUN["run_id"]}
    return about | sums(1, "1.0000") | {"months": months}


def test_money_for_people_has_two_decimals_unless_they_do_not_hold_it() -> None:
    assert money([Decimal("1234567.5"), Decimal("-3")]) == ["1,234,567.50", "-3.00"]
    assert money([Decimal("0.005"), Decimal("1234567890123456789012345678901234")]) == [
        "0.0050",
        "1,234,567,890,123,456,789,012,345,678,901,234.0000",
    ]


def test_money_for_programs_has_four() -> None:
    assert [exact(Decimal(text)) for text in ("0", "-0.5", "1E+3")] == ["0.0000", "-0.5000", "1000.0000"]


def test_what_would_move_the_cursor_is_shown_as_an_escape() -> None:
    assert printable("a\nb\x1b[31mé\u202e") == "a\\nb\\x1b[31mé\\u202e"


def test_a_run_for_programs_has_no_floats_and_says_what_is_not_known_yet() -> None:
    values = json.loads(json.dumps(run_to_json(RUN)))
    assert values["money"]["USD"]["counted"] == "1234.2500"
    assert values["counts"]["counted"] == 2
    just_started = run_to_json({name: RUN[name] for name in ("run_id", "object_key", "status", "started_at")})
    assert just_started["counts"]["lines"] is None
    assert just_started["ended_at"] is None


def test_a_run_that_has_just_started_can_be_shown_to_people() -> None:
    known = ("run_id", "object_key", "version_id", "status", "started_at", "execution", "size_bytes")
    item = {name: RUN[name] for name in known}
    assert run_report(item, None, done=None, on_aws=True)
    assert net_money(item) == ""


@pytest.mark.parametrize(
    ("spread", "told"),
    [
        ({}, ""),
        ({"partitions": 16, "shard_bytes": 1600, "largest_partition_bytes": 400}, ""),
        (
            {"partitions": 16, "shard_bytes": 1600, "largest_partition_bytes": 1440},
            "one of 16 partitions of the shards holds 90% of their bytes, 14 times the average",
        ),
        (
            {"partitions": 9, "shard_partitions": 8, "shard_bytes": 80, "largest_partition_bytes": 41},
            "one of 8 partitions of the shards holds 51% of their bytes, 4 times the average",
        ),
        ({"partitions": 1, "shard_bytes": 1600, "largest_partition_bytes": 1600}, ""),
        ({"partitions": 16, "shard_bytes": 0, "largest_partition_bytes": 0}, ""),
    ],
)
def test_a_run_says_when_one_partition_has_far_more_than_its_share(spread: dict[str, int], told: str) -> None:
    item = RUN | {name: Decimal(value) for name, value in spread.items()}
    text = io.StringIO()
    Console(file=text, width=400).print(*run_report(item, None, done=None, on_aws=False))
    [line] = [line for line in text.getvalue().splitlines() if "skew" in line] or [""]
    assert line.strip().removeprefix("skew").strip().partition(": very many lines")[0] == told


def test_months_are_summed_over_files_and_cut_to_the_span() -> None:
    found = [
        contribution("a", {"2017-01": sums(1, "1.5"), "2017-02": sums(2, "2")}),
        contribution("b", {"2017-02": sums(3, "0.0001")}),
        contribution("b", {"2017-02": sums(9, "9")}, currency="EUR"),
    ]
    february = sum_months(found, ("2017-02", "9999-99"))
    assert {about: (one.orders, one.net_sales) for about, one in february.items()} == {
        ("2017-02", "EUR"): (9, Decimal(9)),
        ("2017-02", "USD"): (5, Decimal("2.0001")),
    }
    assert list(sum_months(found, None)) == [("2017-01", "USD"), ("2017-02", "EUR"), ("2017-02", "USD")]


def test_what_counts_nothing_any_more_is_left_out_and_an_unsettled_key_is_named() -> None:
    total = sums(1, "1") | {"currency": "USD", "files": Decimal(1), "updated_at": "2026-01-02T03:04:05.000Z"}
    empty = contribution("gone", {}) | sums(0, "0")
    standings = {KEYHASH: Standing(object_key="a", partly_counted=True)}
    found = merchant_sales(
        "m",
        [total, total | {"currency": "EUR", "files": Decimal(0)}],
        [contribution("a", {}), empty],
        standings,
        months=None,
    )
    values = to_json(found)
    assert [one["currency"] for one in values["totals"]] == ["USD"]
    assert [(one["key"], one["key_state"]) for one in values["files"]] == [("a", "partly counted")]
    assert values["unsettled_keys"] == {"a": "partly counted"}


def test_a_key_is_partly_counted_while_the_fence_holder_has_ended_without_success() -> None:
    def remark(key_status: str, holder_status: str | None) -> str:
        holder = {"status": holder_status} if holder_status else None
        return standing_of({"object_key": "a", "status": key_status}, holder).remark

    assert remark("SUCCEEDED", "SUCCEEDED") == ""
    assert remark("FAILED", "FAILED") == "partly counted"
    assert remark("RUNNING", "RUNNING") == "running"
    assert remark("RUNNING", "FAILED") == "running, partly counted"
    assert remark("FAILED", None) == ""
    assert standing_of({"object_key": "looked at, never ran"}, None).remark == ""


def test_a_replacement_that_failed_is_told_with_the_run_that_still_counts() -> None:
    counted = {"status": "SUCCEEDED", "run_id": "k-00000001"}
    kept = standing_of({"object_key": "a", "status": "FAILED"}, counted)
    assert (kept.remark, kept.told) == ("", "newest run FAILED, still counted: run k-00000001")
    assert standing_of({"object_key": "a", "status": "FAILED"}, None).told == ""
    total = sums(1, "1") | {"currency": "USD", "files": Decimal(1), "updated_at": "2026-01-02T03:04:05.000Z"}
    for standing, words in (
        (kept, "a: newest run FAILED, still counted: run k-00000001. `merchant-sales run a` says why"),
        (
            Standing(object_key="a", partly_counted=True),
            "a is partly counted: a run of it FAILED. `merchant-sales",
        ),
        (Standing(object_key="a", running=True), "a is running: its part of these sales is about to change."),
    ):
        found = merchant_sales("m", [total], [contribution("a", {})], {KEYHASH: standing}, months=None)
        assert str(report(found)[-1]).startswith(words)
        assert to_json(found)["unsettled_keys"] == {"a": standing.told}
