"""The CDK app: a mistake ends as one sentence, not as a trace."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import app
from tests.infrastructure.synthesis import ROOT


def test_a_wrong_setting_ends_as_one_sentence(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "CDK_CONTEXT_JSON": json.dumps({"mapConcurrency": "many"}),
        "CDK_OUTDIR": str(tmp_path),
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    }
    ran = subprocess.run(
        [sys.executable, str(ROOT / "app.py")], env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] == "mapConcurrency is 'many': expected a whole number from 1 to 1000"
    assert "Traceback" not in ran.stderr


def test_a_wrong_order_format_ends_as_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "formats").mkdir()
    (tmp_path / "formats" / "shop.yaml").write_text("prefix: shop/\n")
    monkeypatch.setattr(app, "ROOT", tmp_path)
    assert app.main() == 1
    [sentence] = capsys.readouterr().err.splitlines()
    assert "shop.yaml" in sentence
    assert "columns" in sentence


def test_the_command_line_runs_the_python_of_the_path() -> None:
    assert json.loads((ROOT / "cdk.json").read_text())["app"] == "python3 app.py"
