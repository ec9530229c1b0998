"""The command as people run it: a process of its own, against one engine."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.local.conftest import Deployed

ROOT = Path(__file__).parents[2]


class Command:
    """Runs `merchant-sales --local …` against one engine."""

    def __init__(self, deployed: Deployed) -> None:
        state_dir = str(deployed.engine.settings.state_dir)
        self._variables = {**os.environ, "MERCHANT_SALES_LOCAL_DIR": state_dir, "PYTHONPATH": str(ROOT)}

    def __call__(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """What the process printed, and its exit code."""
        program = [sys.executable, "-c", "from cli.main import run; run()", "--local", *map(str, words)]
        return subprocess.run(
            program, env=self._variables, capture_output=True, text=True, timeout=300, check=False
        )

    def json(self, *words: str | Path) -> Any:
        """What a command that succeeds answers."""
        answer = self(*words, "--json")
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)
