"""`run KEY` where the bucket holds what no run has taken, and where runs have failed."""

import json

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from cli import main
from cli.errors import CommandError
from tests.unit.cli.dashboard_stack import Stack, put_run

KEY = "shop/a.csv"
runner = CliRunner()


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Stack:
    made = Stack()
    for module in ("runs", "sales", "rejects"):
        monkeypatch.setattr(f"cli.{module}.connect", lambda _: made.deployment())
    return made


def test_a_key_that_no_run_has_taken_is_said_to_be_in_the_bucket(stack: Stack) -> None:
    stack.bucket.objects[KEY] = b"merchant_id,amount\n"
    error = runner.invoke(main.app, ["run", KEY]).exception
    assert isinstance(error, CommandError)
    assert str(error) == (
        f"The bucket holds {KEY} since 2026-01-02 03:04:00 UTC, and no run has taken it: "
        "`merchant-sales sweep` looks at it."
    )


@pytest.mark.parametrize("name", ["nothing.csv", "folder/", f"{'0' * 32}-00000001"])
def test_what_the_bucket_does_not_hold_has_no_run(stack: Stack, name: str) -> None:
    stack.bucket.objects["folder/"] = b""
    error = runner.invoke(main.app, ["run", name]).exception
    assert isinstance(error, CommandError)
    assert "There is no run" in str(error)


def test_a_version_that_no_run_has_taken_is_remarked_upon(stack: Stack) -> None:
    put_run(stack, KEY)
    stack.bucket.objects[KEY] = b"merchant_id,amount\n"
    answer = runner.invoke(main.app, ["run", KEY])
    assert (answer.exit_code, answer.stderr) == (0, "")
    stack.bucket.version_id = "v2"
    answer = runner.invoke(main.app, ["run", KEY])
    assert answer.exit_code == 0
    assert "a newer version (v2, since 2026-01-02 03:04:00 UTC) that no run has taken yet" in answer.stderr
    assert f"`merchant-sales replay {KEY}` takes it" in answer.stderr
    assert json.loads(runner.invoke(main.app, ["run", KEY, "--json"]).stdout)["untaken_version_id"] == "v2"


def test_a_deletion_that_no_run_has_taken_is_remarked_upon(stack: Stack) -> None:
    put_run(stack, KEY)
    answer = runner.invoke(main.app, ["run", KEY])
    assert "nothing of this key any more, and no run has taken its sales back yet" in answer.stderr


def test_who_may_not_ask_the_bucket_sees_the_run_all_the_same(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_run(stack, KEY)

    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "403"}}, "HeadObject")

    monkeypatch.setattr(stack.bucket, "head_object", refuse)
    answer = runner.invoke(main.app, ["run", KEY])
    assert (answer.exit_code, "SUCCEEDED" in answer.stdout) == (0, True)
    assert "S3 refused to say (403)" in answer.stderr
