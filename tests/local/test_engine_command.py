"""`merchant-sales local …` without the stack: what it prints and its exit codes."""

import json
from pathlib import Path

from typer.testing import CliRunner

from cli.local_engine import app
from local.engine import Engine

RUNNER = CliRunner()


def test_status_of_a_running_engine(engine: Engine) -> None:
    result = RUNNER.invoke(app, ["status", "--json", "--state-dir", str(engine.folder.path)])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["endpoint"] == engine.endpoint


def test_env_prints_what_a_shell_can_evaluate(engine: Engine) -> None:
    result = RUNNER.invoke(app, ["env", "--state-dir", str(engine.folder.path)])
    assert f"export AWS_ENDPOINT_URL={engine.endpoint}\n" in result.stdout
    assert "export AWS_DISABLE_HOST_PREFIX_INJECTION=true\n" in result.stdout


def test_without_an_engine_status_is_1_and_stop_is_0(tmp_path: Path) -> None:
    assert RUNNER.invoke(app, ["status", "--state-dir", str(tmp_path)]).exit_code == 1
    assert RUNNER.invoke(app, ["stop", "--state-dir", str(tmp_path)]).exit_code == 0


def test_the_state_folder_can_come_from_the_environment(engine: Engine) -> None:
    result = RUNNER.invoke(app, ["status"], env={"MERCHANT_SALES_LOCAL_DIR": str(engine.folder.path)})
    assert engine.endpoint in result.stdout
