"""What `upload --wait` says of files that have not settled in time."""

from pathlib import Path

import pytest
import typer

from cli.rejects import _unless_read
from cli.upload import _exit_code
from cli.upload_progress import Upload


def upload(*, taken: bool, settled: bool = False) -> Upload:
    run = {"status": "SUCCEEDED" if settled else "RUNNING"} if taken else None
    return Upload(
        path=Path("a.csv"), key="a.csv", keyhash="k", size_bytes=1, before={}, run=run, settled=settled
    )


def test_files_that_no_run_has_taken_are_told_apart_from_those_that_go_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit) as ended:
        _exit_code([upload(taken=True, settled=True), upload(taken=True), upload(taken=False)], 20)
    assert ended.value.exit_code == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "1 of 3 files have not settled within 20 s; they go on: `merchant-sales runs` shows how" in told
    assert "1 of 3 files have not settled within 20 s and no run has taken them yet" in told
    assert "`merchant-sales sweep` looks at them" in told


def test_files_that_have_settled_need_no_word(capsys: pytest.CaptureFixture[str]) -> None:
    _exit_code([upload(taken=True, settled=True)], 20)
    assert capsys.readouterr().err == ""


def test_a_run_that_failed_before_reading_has_no_rejected_lines_for_another_reason() -> None:
    assert "FAILED as a whole, `merchant-sales run k-00000001` tells why" in _unless_read(
        {"status": "FAILED", "run_id": "k-00000001"}
    )
    assert _unless_read({"status": "SUCCEEDED", "counts": {"lines": 1}}) == ""
    assert _unless_read({"status": "FAILED", "counts": {"lines": 1}}) == ""
