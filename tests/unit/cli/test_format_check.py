"""`formats check`: the verdict, the counts and the exit code are those that a run would have."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import main
from cli.errors import CommandError
from cli.format_tools.chosen_format import remark_on_folder
from lambdas.domain.errors import OrderFormatError
from lambdas.domain.order_format import parse_order_format

runner = CliRunner()
FORMAT = """
prefix: shops/
columns: {merchant_id: shop, amount: amount, order_id: o, line_id: l, status: s, currency: c}
status: {sale: [paid], ignore: [void]}
max_reject_ratio: 0.5
"""
LINES = """shop,amount,o,l,s,c
a,1.50,1,1,paid,
a,2.50,1,1,paid,
b,0.25,2,1,void,
b,7,3,1,paid,eur
c,1.23456,4,1,paid,
c,1,5,1,lost,
"""


@pytest.fixture
def my_format(tmp_path: Path) -> Path:
    path = tmp_path / "my_shop.yaml"
    path.write_text(FORMAT)
    return path


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text(LINES)
    return path


def checked(*words: str | Path, exit_code: int = 0) -> Any:
    answer = runner.invoke(main.app, ["formats", "check", *map(str, words), "--json"])
    assert answer.exit_code == exit_code, answer.output
    return json.loads(answer.stdout)


def test_every_line_of_the_file_is_accounted_for(my_format: Path, orders: Path) -> None:
    found = checked(my_format, orders)
    assert (found["format"], found["status"], found["reason"]) == ("my_shop", "SUCCEEDED", None)
    assert found["counts"] == {"lines": 6, "rejected": 2, "duplicates": 1, "ignored": 1, "counted": 2}
    usd = {"accepted": "4.2500", "duplicates": "1.5000", "ignored": "0.2500", "counted": "2.5000"}
    eur = {"accepted": "7.0000", "duplicates": "0.0000", "ignored": "0.0000", "counted": "7.0000"}
    assert found["money"] == {"EUR": eur, "USD": usd}
    assert found["reject_reasons"] == {"The amount has more than 4 decimals.": 1, "The status is unknown.": 1}
    assert [(one["line"], one["column"]) for one in found["rejects"]] == [(6, "amount"), (7, "s")]
    assert found["rejects"][0]["text"] == "c,1.23456,4,1,paid,"
    assert found["merchants"] == {"EUR": 1, "USD": 1}
    assert [(one["merchant_id"], one["net_sales"]) for one in found["top"]["USD"]] == [("a", "2.5000")]
    assert found["detected"]["delimiter"] == ","


def test_people_see_the_most_important_lines_and_the_verdict_last(my_format: Path, tmp_path: Path) -> None:
    lines = "".join(f"m{n},{n}.5,{n},1,paid,\nx,,{n},2,paid,\n" for n in range(9))
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(gzip.compress(f"shop,amount,o,l,s,c\n{lines}".encode()))
    answer = runner.invoke(main.app, ["formats", "check", str(my_format), str(path), "-n", "2"])
    assert answer.exit_code == 0, answer.output
    shown = answer.stdout
    assert "of 9 merchants" in shown
    assert "m8" in shown
    assert "m7" in shown
    assert "m6" not in shown
    assert shown.count("x,,") == 2
    assert "compression gzip, delimiter ','" in shown
    assert shown.splitlines()[-1] == (f"A run would SUCCEED: merchant-sales upload {path} --prefix shops/"), (
        shown
    )


def test_too_many_rejects_are_a_failure_that_is_shown_with_the_counts(my_format: Path, orders: Path) -> None:
    my_format.write_text(FORMAT.replace("0.5", "0.3"))
    found = checked(my_format, orders, exit_code=1)
    assert found["status"] == "FAILED"
    assert "2 of 6 lines (33.3%) were rejected" in found["reason"]
    assert found["reason"].endswith("(1 lines). Correct the file or the format.")
    assert found["counts"]["counted"] == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty (0 bytes)"),
        (b"shop,total\na,1\n", "'amount'"),
        (LINES.encode() + b"".join(b"a,1,%d,,paid,%s\n" % (n, code) for n, code in
            enumerate(a + b + c for a in (b"X", b"Y") for b in (b"A", b"B", b"C", b"D", b"E", b"F", b"G")
                      for c in (bytes([n]) for n in range(65, 91)))), "different currencies"),
    ],
)  # fmt: skip
def test_a_file_that_can_not_be_counted_is_a_sentence_and_exit_code_1(
    content: bytes, told: str, my_format: Path, orders: Path
) -> None:
    orders.write_bytes(content)
    found = checked(my_format, orders, exit_code=1)
    assert (found["status"], found["counts"]["lines"]) == ("FAILED", None)
    assert told in found["reason"]
    answer = runner.invoke(main.app, ["formats", "check", str(my_format), str(orders)])
    assert answer.exit_code == 1
    assert answer.stdout.startswith("A run would FAIL: ")


@pytest.mark.parametrize(("amount", "told"), [("amount / 100", "multiply by 0.01"), ("amont * 2", "'amont'")])
def test_an_expression_that_is_not_exact_is_named_with_its_fix(
    amount: str, told: str, my_format: Path, orders: Path
) -> None:
    my_format.write_text(FORMAT.replace("amount: amount", f"amount: {amount}"))
    assert told in checked(my_format, orders, exit_code=1)["reason"]


def test_a_text_that_is_computed_in_floating_point_is_a_wrong_format(tmp_path: Path) -> None:
    chosen, orders = tmp_path / "x.yaml", tmp_path / "orders.csv"
    chosen.write_text('columns: {merchant_id: "CAST(shop AS BIGINT) / 100", amount: amount}')
    orders.write_text("shop,amount\n150,1\n")
    answer = runner.invoke(main.app, ["formats", "check", str(chosen), str(orders)])
    assert isinstance(answer.exception, OrderFormatError)
    assert "columns.merchant_id" in str(answer.exception)
    assert "multiply by 0.01" in str(answer.exception)
    orders.write_text("CAST(shop AS BIGINT) / 100,amount\n150,1\n")
    assert checked(chosen, orders)["top"]["USD"][0]["merchant_id"] == "150"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"columns: {merchant_id: shop}", "my_shop.yaml: columns.amount: it is missing"),
        (b"columns: [", "not YAML"),
        (b"prefix: caf\xe9", "not UTF-8"),
    ],
)
def test_a_wrong_format_is_a_sentence(text: bytes, told: str, my_format: Path, orders: Path) -> None:
    my_format.write_bytes(text)
    answer = runner.invoke(main.app, ["formats", "check", str(my_format), str(orders)])
    assert isinstance(answer.exception, OrderFormatError)
    assert told in str(answer.exception)


def test_a_format_that_is_not_there_is_a_sentence_that_names_those_that_are(orders: Path) -> None:
    answer = runner.invoke(main.app, ["formats", "check", "nobodys", str(orders)])
    assert isinstance(answer.exception, CommandError)
    assert "birmingham_pcard, complete_journey, default" in str(answer.exception)


def test_a_format_that_would_not_get_the_file_is_remarked_upon(tmp_path: Path) -> None:
    columns = "columns: {merchant_id: a, amount: b}"
    mine = parse_order_format(f"prefix: shop/\n{columns}", "mine.yaml")
    (tmp_path / "mine.yaml").write_text(mine.text)
    assert remark_on_folder(mine, str(tmp_path / "mine.yaml"), "x.csv", tmp_path) is None
    (tmp_path / "longer.yaml").write_text(f"prefix: shop/x\n{columns}")
    told = remark_on_folder(mine, str(tmp_path / "mine.yaml"), "x.csv", tmp_path)
    assert (
        told == "Under the key 'shop/x.csv' the format longer would read it: its prefix 'shop/x' is longer."
    )
    (tmp_path / "same.yaml").write_text(f"prefix: shop/\n{columns}")
    told = remark_on_folder(mine, str(tmp_path / "mine.yaml"), "x.csv", tmp_path)
    assert told is not None
    assert "can't be deployed" in told


def test_the_sales_of_a_real_file_are_the_expected_ones() -> None:
    root = Path(__file__).parents[3]
    [sample] = (root / "samples" / "complete_journey").iterdir()
    found = checked("complete_journey", sample, "-n", "1000")
    rows = (root / "tests" / "expected" / "complete_journey.csv").read_text().splitlines()
    expected = {row.split(",")[0]: row.split(",")[-1] for row in rows[1:]}
    assert {one["merchant_id"]: one["net_sales"] for one in found["top"]["USD"]} == expected
    assert found["counts"]["rejected"] == 1
