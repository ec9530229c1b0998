"""Files that are cut into splits, on the deployed stack: the same results, rejects with their true lines."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.local.command import Command
from tests.local.conftest import Deployed
from tests.local.pipeline import TEST_MERCHANT, Pipeline

LINES = 30_000
HEADING = "merchant_id,amount,order_id,line_id,quantity,ordered_at,note\n"
BAD = {7, 15_000, LINES - 1}
MERCHANT = f"{TEST_MERCHANT}split"


def csv_file() -> tuple[bytes, list[int]]:
    """1.5 MB, which this deployment cuts into splits, with line ends in quotes everywhere; its bad lines."""
    text, line, bad_lines = [HEADING], 2, []
    for i in range(LINES):
        note = f'"begin {i}\n\nof, a note\n"' if i % 3 == 0 else "plain"
        amount = "n/a" if i in BAD else "1.25"
        bad_lines += [line] if i in BAD else []
        row = f"{MERCHANT}-{i % 5},{amount},o{i // 3},{i % 3},2,2024-05-06,{note}\n"
        text.append(row)
        line += row.count("\n")
    return "".join(text).encode(), bad_lines


def test_a_csv_file_with_line_ends_in_quotes_is_cut_and_comes_out_right(deployed: Deployed) -> None:
    content, bad_lines = csv_file()
    key = "splits/quoted.csv"
    run = Pipeline(deployed).run(key, content)
    assert (run["status"], run.get("reason")) == ("SUCCEEDED", None)
    assert run["splits"] > 3
    assert run["counts"] == {
        "lines": LINES,
        "rejected": 3,
        "duplicates": 0,
        "ignored": 0,
        "counted": LINES - 3,
    }
    assert run["money"]["USD"]["counted"] == Decimal("1.25") * (LINES - 3)
    answer = Command(deployed)("rejects", run["run_id"], "--json")
    assert [line["line"] for line in json.loads(answer.stdout)["lines"]] == bad_lines
    totals = Pipeline(deployed).totals(f"{MERCHANT}-1")["USD"]
    assert (totals["lines"], totals["net_sales"]) == (LINES // 5, Decimal("1.25") * (LINES // 5))
    assert Command(deployed)("reconcile", key).returncode == 0
    Pipeline(deployed).run(key, None)


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_other_kinds_are_cut_too(kind: str, deployed: Deployed, tmp_path: Path) -> None:
    path = tmp_path / f"orders.{kind}"
    options = "FORMAT json" if kind == "jsonl" else "ROW_GROUP_SIZE 2048, COMPRESSION uncompressed"
    duckdb.connect().execute(
        f"COPY (SELECT '{MERCHANT}-' || i % 5 AS merchant_id, 1.25 AS amount, 'o' || i // 3 AS order_id, "
        "i % 3 AS line_id, 2 AS quantity, DATE '2024-05-06' AS ordered_at, repeat('x', 20) || i AS note "
        f"FROM range({LINES}) t(i)) TO '{path}' ({options})"
    )
    key = f"splits/{path.name}"
    run = Pipeline(deployed).run(key, path.read_bytes())
    assert (run["status"], run.get("reason")) == ("SUCCEEDED", None)
    assert run["splits"] > 2
    assert run["counts"]["counted"] == LINES
    assert run["money"]["USD"]["counted"] == Decimal("1.25") * LINES
    assert Command(deployed)("reconcile", key).returncode == 0
    Pipeline(deployed).run(key, None)
