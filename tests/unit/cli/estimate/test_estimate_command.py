"""`merchant-sales estimate`: what it takes, what it says, what it refuses."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import main
from cli.errors import CommandError
from cli.estimate.document.__main__ import DOCUMENT
from cli.estimate.document.marks import markdown, written
from cli.estimate.document.tables import tables
from cli.estimate.estimation import Facts
from cli.estimate.quantities import count_of, size_of
from cli.estimate.quotas import quotas
from cli.estimate.quotas.quota import Deployment, largest
from cli.estimate.settings import Place, Settings
from cli.estimate.wording import count, dollars, duration, size

runner = CliRunner()
SAMPLE = Path(__file__).parents[4] / "samples" / "complete_journey"
NUMBERS = ["estimate", "--bytes", "1GB", "--merchants", "10k"]


def answer(*arguments: str) -> Any:
    result = runner.invoke(main.app, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_numbers_become_cost_and_time() -> None:
    told = answer(*NUMBERS)
    assert told["load"]["lines"] == 10**9 // 128
    assert told["shape"] == {
        "lane": "many_splits", "splits": 8, "partitions": 15, "occupied_partitions": 15.0,
        "sales_workers": 15, "by_merchant": False, "few_partitions": True, "oversize_partitions": False,
        "frames": 120,
    }  # fmt: skip
    lines = sum(Decimal(line["cost"]) for line in told["cost"]["lines"])
    assert abs(Decimal(told["cost"]["total"]) - lines) < Decimal("0.00000002")
    assert 0 < told["seconds"]["median"] <= told["seconds"]["p95"]
    assert list(told["stages"]) == ["PlanRun", "ShardSplits", "IndexShards", "ComputeSales", "SettleRun"]
    assert [one["name"].split(",")[0] for one in told["alternatives"]] == [
        "one Lambda per merchant",
        "Athena",
        "Glue",
    ]


def test_a_fan_out_by_merchant_is_a_call_for_each_of_them() -> None:
    by_partition, by_merchant = answer(*NUMBERS), answer(*NUMBERS, "--fan-out", "merchant")
    shape = by_merchant["shape"]
    assert (shape["partitions"], shape["sales_workers"], shape["few_partitions"]) == (15, 10_000, False)
    assert Decimal(by_merchant["cost"]["total"]) > Decimal(by_partition["cost"]["total"])
    told = runner.invoke(main.app, [*NUMBERS[:-1], "10001", "--fan-out", "merchant"])
    assert "a sales worker for each merchant" in told.output
    assert "the run FAILS. Deploy with fanOut=partition" in " ".join(told.output.split())


def test_a_file_is_read_as_the_functions_would_read_it() -> None:
    [path] = SAMPLE.glob("*.gz")
    told = answer("estimate", str(path), "--prefix", "complete_journey/")
    assert told["load"]["delivered_bytes"] == path.stat().st_size
    assert (told["load"]["lines"], told["load"]["merchants"]) == (75_000, 293)
    assert told["load"]["months"] > 1
    [writes] = [line for line in told["cost"]["lines"] if line["what"] == "contributions and totals"]
    assert Decimal(writes["quantity"]) > 4 * 293


def test_a_merchant_of_two_currencies_has_one_sales_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = "{merchant_id: shop, amount: amount, currency: currency}"
    (tmp_path / "two.yaml").write_text(f"prefix: ''\ncolumns: {columns}\n")
    monkeypatch.setattr("cli.estimate.file_load.FORMATS", tmp_path)
    orders = tmp_path / "orders.csv"
    orders.write_text("shop,amount,currency\na,1,EUR\na,1,USD\nb,1,EUR\n")
    told = answer("estimate", str(orders), "--fan-out", "merchant")
    assert (told["load"]["merchants"], told["shape"]["sales_workers"]) == (3, 2)


def test_people_get_tables() -> None:
    told = runner.invoke(main.app, NUMBERS).stdout
    for expected in ("8 splits, 15 partitions", "in all", "kept for a month", "95th percentile", "Athena",
                     "measured on", "docs/cost.md"):  # fmt: skip
        assert expected in told


@pytest.mark.parametrize(
    ("option", "changes"),
    [
        (["--files", "3"], "cost"),
        (["--months", "24"], "cost"),
        (["--replaces"], "cost"),
        (["--new-merchants"], "cost"),
        (["--compressed"], "cost"),
        (["--lines", "1M"], "cost"),
        (["--processor-factor", "2"], "seconds"),
        (["--map-concurrency", "2"], "seconds"),
        (["--account-concurrency", "3"], "seconds"),
    ],
)
def test_every_option_counts(option: list[str], changes: str) -> None:
    assert answer(*NUMBERS, *option)[changes] != answer(*NUMBERS)[changes]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Give either a FILE, or --bytes and --merchants"),
        (["x.csv", "--bytes", "1GB"], "Give either a FILE"),
        (["--bytes", "1GB"], "--bytes needs --merchants"),
        (["--bytes", "many", "--merchants", "1"], "--bytes 'many': expected a number of bytes such as"),
        (["--bytes", "0", "--merchants", "1"], "--bytes '0': expected"),
        (["--bytes", "1GB", "--merchants", "0.5"], "--merchants '0.5': expected a whole number above 0"),
        (["--bytes", "1GB", "--merchants", "1", "--files", "-1"], "--files '-1'"),
        (
            ["--bytes", "6TB", "--merchants", "1"],
            "--bytes '6TB': at most 5,000,000,000,000 in one file; --files",
        ),
        (["--bytes", "1GB", "--merchants", "11M"], "--merchants '11M': at most 10,000,000"),
        (["--bytes", "1GB", "--merchants", "1", "--months", "2000"], "--months '2000': at most 1,560"),
        (["--bytes", "1KB", "--merchants", "9"], "so many can't be named in 7 lines, which such a file has"),
        (["--bytes", "1GB", "--merchants", "9", "--lines", "8"], "so many can't be named in 8 lines."),
        (["no-such.csv"], "there is no such file"),
        (["no-such.csv", "--merchants", "3", "--months", "2"], "--merchants, --months: counted in the FILE"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(arguments: list[str], told: str) -> None:
    result = runner.invoke(main.app, ["estimate", *arguments])
    assert isinstance(result.exception, CommandError), result.output
    assert told in str(result.exception)


def test_a_file_without_lines_or_of_no_use_is_refused(tmp_path: Path) -> None:
    heading = tmp_path / "empty.csv"
    heading.write_text("merchant_id,amount,order_id,line_id,quantity,ordered_at\n")
    result = runner.invoke(main.app, ["estimate", str(heading)])
    assert "no order line that counts" in str(result.exception)


def test_sizes_and_counts_are_read_as_people_write_them() -> None:
    sizes = {"500": 500, "1KB": 1000, "1kib": 1024, "1.5 GB": 1_500_000_000, "2TiB": 2 << 40, "1_000": 1000}
    assert {text: size_of("", text) for text in sizes} == sizes
    counts = {"7": 7, "10k": 10_000, "1.5M": 1_500_000, "10B": 10**10, "1,000": 1000}
    assert {text: count_of("", text) for text in counts} == counts


def test_numbers_are_told_with_no_more_digits_than_they_are_good_for() -> None:
    assert [dollars(Decimal(text)) for text in ("0", "0.00000123", "0.0456", "1.239", "1234.5")] == [
        "$0.00", "$0.0000012", "$0.046", "$1.24", "$1,234.50",
    ]  # fmt: skip
    assert [duration(seconds) for seconds in (0.25, 45.4, 125, 3600, 9000)] == [
        "0.2 s", "45 s", "2.1 min", "60 min", "2.5 h",
    ]  # fmt: skip
    assert [size(number) for number in (12, 1_500, 134_217_728, 10**12)] == [
        "12 bytes",
        "1.5 KB",
        "134 MB",
        "1 TB",
    ]
    assert [count(number) for number in (3, 7451, 1_234_567, 10**10)] == [
        "3",
        "7,450",
        "1.23 million",
        "10 billion",
    ]


def test_the_largest_that_fits_is_found() -> None:
    assert largest(lambda number: number <= 731, most=10_000) == 731
    assert largest(lambda number: True, most=50) == 50  # noqa: ARG005


def test_every_quota_has_a_load_that_reaches_it_and_what_then() -> None:
    found = quotas(Deployment(facts=Facts(), settings=Settings(), place=Place()))
    assert len(found) == len({quota.name for quota in found}) > 25
    assert all(quota.reached and quota.then for quota in found)


def test_the_document_is_what_the_code_says() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == written(text, tables()), "run `make cost`"


def test_a_table_without_a_place_or_a_place_without_a_table_is_an_error() -> None:
    text = "<!-- written: a -->\nold\n<!-- end -->\n"
    assert written(text, {"a": "new"}) == "<!-- written: a -->\nnew\n<!-- end -->\n"
    for tables_of_it in ({}, {"a": "", "b": ""}):
        with pytest.raises(KeyError, match="differ"):
            written(text, tables_of_it)
    assert markdown(("a", ">b"), [("x|y", "1")]) == "| a | b |\n| --- | ---: |\n| x&#124;y | 1 |"
