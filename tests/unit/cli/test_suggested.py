"""Suggested commands can be pasted: they look where the command looked that suggests them."""

import json
import shlex
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import main
from cli.suggested import shell_word
from tests.unit.cli.dashboard_stack import Stack, put_run

KEY = "it's/a b.csv"
runner = CliRunner()


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Stack:
    made = Stack()
    for module in ("runs", "top"):
        monkeypatch.setattr(f"cli.{module}.connect", lambda _: made.deployment())
    return made


@pytest.mark.parametrize(
    ("arguments", "begin"),
    [
        (["run", KEY], "merchant-sales"),
        (["--local", "run", KEY], "merchant-sales --local"),
        (["run", KEY, "--local"], "merchant-sales --local"),
        (["--local", "run", KEY, "--stack", "Other"], "merchant-sales --local --stack Other"),
        (["--stack", "MerchantSales", "run", KEY], "merchant-sales"),
    ],
)
def test_hints_and_stored_reasons_have_the_options_of_the_call(
    arguments: list[str], begin: str, stack: Stack
) -> None:
    reason = "Broken. Go on with `merchant-sales redrive`, or `merchant-sales replay`."
    run_id = put_run(stack, KEY, status="FAILED", reason=reason)
    stack.bucket.objects[KEY] = b"merchant_id,amount\n"
    stack.bucket.version_id = "v2"
    answer = runner.invoke(main.app, arguments)
    assert f"The lines themselves: {begin} rejects {run_id}\n" in answer.stdout
    assert f"Go on with `{begin} redrive {run_id}`, or `{begin} replay {shlex.quote(KEY)}`." in answer.stdout
    assert f"`{begin} replay {shlex.quote(KEY)}` takes it, `{begin} sweep` all" in answer.stderr
    for_programs = runner.invoke(main.app, [*arguments, "--json"])
    assert json.loads(for_programs.stdout)["reason"] == reason


@pytest.mark.usefixtures("stack")
def test_what_is_told_of_an_error_has_them_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["merchant-sales", "--local", "run", "no.csv"])
    with pytest.raises(SystemExit):
        main.run()
    assert "`merchant-sales --local runs` lists them." in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["merchant-sales", "run", "no.csv"])
    with pytest.raises(SystemExit):
        main.run()
    assert "`merchant-sales runs` lists them." in capsys.readouterr().err


def test_commands_that_look_at_no_stack_stay_as_they_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n")
    monkeypatch.setattr(
        "sys.argv", ["merchant-sales", "--local", "formats", "check", "no", f"{tmp_path}/x.csv"]
    )
    with pytest.raises(SystemExit):
        main.run()
    assert "`merchant-sales formats infer FILE` drafts one" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["a.csv", "it's", "a b", "$(x)`y`", "a\nb", "\u202eabc\\'\x1b[1mé"])
def test_a_key_is_one_word_of_a_shell_and_printable(text: str) -> None:
    word = shell_word(text)
    assert word.isprintable()
    printed = subprocess.run(
        ["bash", "-c", f"printf %s {word}"], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"}
    )
    assert printed.stdout.decode() == text
