"""The command against the deployed stack, as a process of its own, as people run it."""

import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.local.command import Command
from tests.local.conftest import Deployed

ROOT = Path(__file__).parents[2]
LINES = """merchant_id,amount,order_id,line_id,quantity,ordered_at
~cmd1,10.00,o1,1,2,2024-01-31T23:00:00
~cmd1,-2.5,o2,1,1,2024-02-01T00:00:00
"~cmd, two",0.0001,o3,1,1,2024-02-02
~cmd1,1.23456,o4,1,1,2024-02-02
"""
LENIENT = LINES + "".join(f"~cmd3,1,p{n},1,1,2024-03-01\n" for n in range(30))


@pytest.fixture(scope="module")
def command(deployed: Deployed) -> Command:
    return Command(deployed)


@pytest.fixture(scope="module")
def order_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    folder = tmp_path_factory.mktemp("orders")

    def make(name: str, text: str) -> Path:
        (folder / name).write_text(text)
        return folder / name

    return make


@pytest.fixture(scope="module")
def uploaded(command: Command, order_file: Callable[[str, str], Path]) -> dict[str, Any]:
    """A small file that has settled, as `upload` reports it."""
    [upload] = command.json("upload", "--wait", "--prefix", "command/", order_file("small.csv", LENIENT))
    assert isinstance(upload, dict)
    return upload


def test_upload_waits_until_the_sales_are_counted(uploaded: dict[str, Any]) -> None:
    assert (uploaded["key"], uploaded["status"], uploaded["settled"]) == (
        "command/small.csv",
        "SUCCEEDED",
        True,
    )
    assert uploaded["run"]["counts"] == {
        "lines": 34,
        "rejected": 1,
        "duplicates": 0,
        "ignored": 0,
        "counted": 33,
    }
    assert uploaded["run"]["money"]["USD"]["counted"] == "37.5001"


def test_a_run_is_listed_and_shown_with_its_rejected_line(command: Command, uploaded: dict[str, Any]) -> None:
    run_id = uploaded["run"]["run_id"]
    assert run_id in [run["run_id"] for run in command.json("runs")]
    shown = command("run", run_id)
    assert shown.returncode == 0
    assert "SUCCEEDED" in shown.stdout
    [line] = command.json("rejects", run_id)["lines"]
    assert (line["line"], line["text"]) == (5, "~cmd1,1.23456,o4,1,1,2024-02-02")
    assert "1.23456" in command("rejects", run_id).stdout


@pytest.mark.usefixtures("uploaded")
def test_a_merchants_sales_are_shown_by_currency_month_and_file(command: Command) -> None:
    sales = command.json("sales", "~cmd1", "--from", "2024-02")
    [total] = sales["totals"]
    assert (total["net_sales"], total["refunds"], total["units"]) == ("7.5000", "2.5000", 3)
    assert [(month["month"], month["net_sales"]) for month in sales["months"]] == [("2024-02", "-2.5000")]
    assert [file["key"] for file in sales["files"]] == ["command/small.csv"]
    assert "~cmd, two" in command("sales", "~cmd, two").stdout


@pytest.mark.usefixtures("uploaded")
def test_the_merchants_with_the_highest_sales_come_first(command: Command) -> None:
    best = [(one["merchant_id"], one["net_sales"]) for one in command.json("top", "-n", "10000")["USD"]]
    ours = [(merchant, net) for merchant, net in best if merchant.startswith("~cmd")]
    assert ours == [("~cmd3", "30.0000"), ("~cmd1", "7.5000"), ("~cmd, two", "0.0001")]
    assert command.json("top", "-n", "1")["USD"][0]["merchant_id"] == best[0][0]


@pytest.mark.usefixtures("uploaded")
def test_every_total_is_exported(command: Command, tmp_path: Path) -> None:
    answer = command("export", tmp_path / "out.csv")
    assert answer.returncode == 0, answer.stderr
    rows = list(csv.reader((tmp_path / "out.csv").read_text().splitlines()))
    ours = [row for row in rows if row[0].startswith("~cmd")]
    assert [row[0] for row in ours] == ["~cmd, two", "~cmd1", "~cmd3"]
    assert ours[1] == ["~cmd1", "USD", "2", "2", "3", "10.0000", "2.5000", "7.5000"]


def test_a_failed_file_is_exit_code_1_with_its_reason(
    command: Command, order_file: Callable[[str, str], Path]
) -> None:
    answer = command("upload", "--wait", "--prefix", "command/", order_file("bad.csv", "merchant_id\ncmd1\n"))
    assert answer.returncode == 1
    assert "FAILED: command/bad.csv" in answer.stdout
    assert "columns.amount" in answer.stdout


def test_a_replay_counts_nothing_twice(command: Command, uploaded: dict[str, Any]) -> None:
    before = command.json("sales", "~cmd1")["totals"][0]["net_sales"]
    [started] = command.json("replay", uploaded["key"])
    watched = command("watch", uploaded["key"])
    assert (watched.returncode, "SUCCEEDED" in watched.stdout) == (0, True), watched.stderr
    deadline = time.monotonic() + 120
    replayed: list[str] = []
    while replayed != ["SUCCEEDED"]:
        assert time.monotonic() < deadline, replayed
        runs = command.json("runs", "-n", "1000")
        replayed = [run["status"] for run in runs if run["execution"] == started["execution"]]
    assert command.json("sales", "~cmd1")["totals"][0]["net_sales"] == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["sales", "nobody"], "There is no merchant 'nobody'"),
        (["run", "x"], "There is no run x"),
        (["rejects", f"{'0' * 32}-00000001"], "There is no run"),
        (["replay", "never/there.csv"], "There is no order file"),
        (["--stack", "Another", "runs"], "local start"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(command: Command, words: list[str], told: str) -> None:
    answer = command(*words)
    assert answer.returncode == 2
    assert told in answer.stderr.splitlines()[-1]
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""
