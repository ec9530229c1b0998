"""What a warehouse takes: exports by month, the files of the current runs; and many keys replayed at once."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.local.command import Command
from tests.local.conftest import Deployed
from tests.local.pipeline import TEST_MERCHANT, Pipeline

HEADING = "merchant_id,amount,order_id,line_id,quantity,ordered_at\n"
MERCHANT = "~warehouse"


@pytest.fixture(scope="module")
def command(deployed: Deployed) -> Command:
    """Three files: one that was corrected, one that was deleted, one that stays as it is."""
    pipeline = Pipeline(deployed)
    for name, lines in {
        "corrected": "~,9.99,o1,1,1,2024-01-31\n",
        "deleted": "~,100,o2,1,1,2024-01-31\n",
        "kept": "~,0.25,o3,1,1,2024-02-01\n~,1.5,o4,1,1,2024-01-01\n",
    }.items():
        pipeline.run(f"warehouse/{name}.csv", (HEADING + lines.replace("~", MERCHANT)).encode())
    pipeline.run("warehouse/corrected.csv", f"{HEADING}{MERCHANT},2.25,o1,1,1,2024-01-31\n".encode())
    pipeline.run("warehouse/deleted.csv", None)
    return Command(deployed)


def query(sql: str) -> list[Any]:
    with duckdb.connect() as connection:
        return connection.execute(sql).fetchall()


def settled(row: tuple[Any, ...]) -> bool:
    """Whether a row is of the samples or of this file: other tests leave keys that are counted in part."""
    return row[0] == MERCHANT or not row[0].startswith(TEST_MERCHANT)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_sales_are_exported_by_month(ending: str, command: Command, tmp_path: Path) -> None:
    file = tmp_path / f"months.{ending}"
    answer = command("export", file, "--by", "month", "--from", "2024-01", "--to", "2024-01")
    assert answer.returncode == 0, answer.stderr
    found = query(f"SELECT month, net_sales::DECIMAL(18,4) FROM '{file}' WHERE merchant_id = '{MERCHANT}'")
    assert found == [("2024-01", Decimal("3.75"))]


def test_the_files_of_the_manifest_are_what_is_counted_now(
    command: Command, deployed: Deployed, tmp_path: Path
) -> None:
    answer = command("manifest", tmp_path / "manifest.txt")
    assert answer.returncode == 0, answer.stderr
    s3 = deployed.session.client("s3")
    for number, address in enumerate((tmp_path / "manifest.txt").read_text().splitlines()):
        bucket, _, key = address.removeprefix("s3://").partition("/")
        s3.download_file(bucket, key, str(tmp_path / f"{number}.parquet"))
    by_files = query(
        f"SELECT merchant_id, currency, sum(orders), sum(net_sales) FROM '{tmp_path}/*.parquet' "
        "GROUP BY ALL ORDER BY ALL"
    )
    command("export", tmp_path / "totals.parquet")
    totals = query(
        f"SELECT merchant_id, currency, orders, net_sales FROM '{tmp_path / 'totals.parquet'}' ORDER BY ALL"
    )
    assert list(filter(settled, by_files)) == list(filter(settled, totals))
    assert (MERCHANT, "USD", 3, Decimal("4.0000")) in totals


def test_keys_are_replayed_by_prefix_and_moment_after_a_question(
    command: Command, deployed: Deployed
) -> None:
    pipeline = Pipeline(deployed)
    before = pipeline.totals(MERCHANT)
    assert command("replay", "--prefix", "warehouse/", "--since", "2999-01-01").returncode == 2
    unanswered = command("replay", "--prefix", "warehouse/")
    assert (unanswered.returncode, "--yes" in unanswered.stderr) == (2, True)
    assert "3 keys, cost none here: warehouse/corrected.csv to warehouse/kept.csv" in unanswered.stderr
    started = command.json("replay", "--prefix", "warehouse/", "--since", "2024-01-01", "--yes")
    assert [one["key"] for one in started] == [
        f"warehouse/{name}.csv" for name in ("corrected", "deleted", "kept")
    ]
    for name in ("corrected", "deleted", "kept"):
        assert command("watch", f"warehouse/{name}.csv").returncode == 0
    after = pipeline.totals(MERCHANT)
    assert after["USD"]["net_sales"] == before["USD"]["net_sales"] == Decimal(4)
