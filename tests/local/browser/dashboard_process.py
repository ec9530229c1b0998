"""The dashboard as people start it: a process of its own, until Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


class DashboardProcess:
    """Runs `merchant-sales --local dashboard` on a free port against one engine."""

    def __init__(self, state_dir: Path) -> None:
        """Start it for the engine of a state folder, and wait until it listens."""
        command = "from cli.main import run; run()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", command, "--local", "--json", "dashboard", "--port", "0"],
            env={**os.environ, "MERCHANT_SALES_LOCAL_DIR": str(state_dir), "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A shell starts what runs in its background deaf to Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        assert self._process.stdout is not None
        lines: list[str] = []
        while not lines or lines[-1] not in {"}\n", ""}:
            lines.append(self._process.stdout.readline())
        self.url: str = json.loads("".join(lines))["url"]

    def stop(self) -> tuple[int, str]:
        """Press Ctrl-C; the exit code, and what it said on stderr."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            _, told = self._process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        return self._process.returncode, told
