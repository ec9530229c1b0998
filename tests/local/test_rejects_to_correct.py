"""`rejects --csv` against the deployed stack: rejected lines are corrected, uploaded, and counted once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.local.command import Command
from tests.local.conftest import Deployed, deployed_stack

HEADING = "merchant_id,amount,order_id,line_id,quantity,ordered_at\n"
GOOD = "".join(f"~rejected,1.5,g{n},1,1,2024-01-31\n" for n in range(30))
WRONG = f'~rejected,1.23456,w1,"{"x" * 2000}\nline two",1,2024-02-02\n'


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, cdk_output: Path) -> Iterator[Deployed]:
    """The stack with splits so small that a file of 10 kB has several."""
    with deployed_stack(tmp_path_factory, cdk_output, {"splitBytes": "4096"}) as stack:
        yield stack


@pytest.fixture(scope="module")
def command(deployed: Deployed) -> Command:
    return Command(deployed)


@pytest.fixture(scope="module")
def uploaded(command: Command, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A file with one rejected line among good ones."""
    path = tmp_path_factory.mktemp("orders") / "orders.csv"
    path.write_text(HEADING + GOOD + WRONG)
    [upload] = command.json("upload", "--wait", "--prefix", "rejected/", path)
    assert upload["run"]["counts"]["rejected"] == 1
    assert isinstance(upload["run"], dict)
    return upload["run"]


def test_a_corrected_line_counts_beside_the_others(
    command: Command, uploaded: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "corrected.csv"
    answer = command("rejects", uploaded["run_id"], "--csv", file)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == f"1 of 1 rejected lines written to {file}\n"
    assert f"merchant-sales --local upload {file} --prefix rejected/" in answer.stderr
    assert file.read_text() == HEADING + WRONG
    file.write_text(file.read_text().replace("1.23456", "1.2345").replace("x" * 2000, "x"))
    [upload] = command.json("upload", "--wait", "--prefix", "rejected/", file)
    assert upload["run"]["counts"]["counted"] == 1
    [total] = command.json("sales", "~rejected")["totals"]
    assert (total["lines"], total["net_sales"]) == (31, "46.2345")
    again = command.json("rejects", upload["run"]["run_id"], "--csv", tmp_path / "none.csv")
    assert (again["rejected"], again["written"], again["file"]) == (0, 0, None)
    assert not (tmp_path / "none.csv").exists()


def test_rejects_of_many_splits_are_numbered_and_written_as_of_one(command: Command, tmp_path: Path) -> None:
    lines = [
        f'~splits,{"x" if n % 30 == 0 else n},o{n},"{n}\nand more, {"y" * (n % 40)}",1,2024-01-31\n'
        for n in range(400)
    ]
    path, file = tmp_path / "splits.csv", tmp_path / "corrected.csv"
    path.write_text(HEADING + "".join(lines))
    upload = command("upload", "--wait", "--prefix", "rejected/", path)
    assert "386 lines counted, 14 rejected" in upload.stdout, upload.stdout[-800:]
    found = command.json("rejects", "rejected/splits.csv")["lines"]
    rejected = [n for n in range(400) if n % 30 == 0]
    assert [one["line"] for one in found] == [2 + 2 * n for n in rejected]
    assert command.json("rejects", "rejected/splits.csv", "--csv", file)["written"] == len(rejected)
    assert file.read_text() == HEADING + "".join(lines[n] for n in rejected)


def test_the_name_of_the_order_file_itself_is_refused(
    command: Command, uploaded: dict[str, Any], tmp_path: Path
) -> None:
    answer = command("rejects", uploaded["run_id"], "--csv", tmp_path / "orders.csv")
    assert answer.returncode == 2
    assert "would replace the order file itself" in answer.stderr


def test_of_a_version_that_is_gone_nothing_is_written(
    command: Command, uploaded: dict[str, Any], deployed: Deployed, tmp_path: Path
) -> None:
    bucket = deployed.outputs["OrdersBucketName"]
    s3 = deployed.session.client("s3")
    s3.delete_object(Bucket=bucket, Key=uploaded["key"], VersionId=uploaded["version_id"])
    answer = command("rejects", uploaded["run_id"], "--csv", tmp_path / "corrected.csv")
    assert answer.returncode == 2
    assert "is gone from the orders bucket" in answer.stderr.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []
