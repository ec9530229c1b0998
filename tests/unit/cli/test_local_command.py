"""`merchant-sales local …` while no engine runs: one sentence, exit code 2, `--json` on either side."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import main

runner = CliRunner()


def ended(words: list[str], monkeypatch: pytest.MonkeyPatch) -> object:
    """The exit code of the command as a shell sees it."""
    monkeypatch.setattr("sys.argv", ["merchant-sales", *words])
    with pytest.raises(SystemExit) as end:
        main.run()
    return end.value.code


def test_env_without_an_engine_is_one_sentence_and_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(["local", "env", "--state-dir", str(tmp_path)], monkeypatch) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        f"error: The embedded engine of {tmp_path} doesn't run. Start it: merchant-sales local start\n"
    )


def test_a_wrong_setting_or_context_is_exit_code_2_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state = ["--state-dir", str(tmp_path)]
    assert ended(["local", "start", *state, "--context", "partitionBytes"], monkeypatch) == 2
    assert "it must be KEY=VALUE" in capsys.readouterr().err
    monkeypatch.setenv("MERCHANT_SALES_LOCAL_PORT", "many")
    assert ended(["local", "status", *state], monkeypatch) == 2
    assert "MERCHANT_SALES_LOCAL_PORT is 'many'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words", [["--json", "local", "status"], ["local", "--json", "status"], ["local", "status", "--json"]]
)
def test_status_is_json_wherever_the_option_stands(words: list[str], tmp_path: Path) -> None:
    answer = runner.invoke(main.app, [*words, "--state-dir", str(tmp_path)])
    assert answer.exit_code == 1
    found = json.loads(answer.stdout)
    assert (found["running"], found["endpoint"], found["state_dir"]) == (False, None, str(tmp_path))


@pytest.mark.parametrize("name", ["stop", "reset"])
def test_what_ends_the_engine_answers_with_its_status(name: str, tmp_path: Path) -> None:
    for words in (["--json", "local", name], ["local", name, "--json"]):
        answer = runner.invoke(main.app, [*words, "--state-dir", str(tmp_path)])
        assert answer.exit_code == 0
        assert json.loads(answer.stdout)["running"] is False
    assert runner.invoke(main.app, ["local", name, "--state-dir", str(tmp_path)]).stdout == ""
