"""Asks the real `cdk diff` what would change if the app were deployed again."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from local.install import ROOT
from local.session import environment
from tests.local.conftest import Deployed

NO_DIFFERENCES, DIFFERENCES = 0, 1
LIMIT_SECONDS = 300.0


def cdk_diff(deployed: Deployed, context: Mapping[str, str], *, stack: str, output: Path) -> tuple[int, str]:
    """Give the exit code of `cdk diff --fail`, and what it says."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    command = [str(ROOT / "node_modules" / ".bin" / "cdk"), "diff", stack, "--fail", "--no-notices"]
    for name, value in context.items():
        command += ["--context", f"{name}={value}"]
    ran = subprocess.run(
        [*command, "--output", str(output)],
        cwd=ROOT,
        env={
            **variables,
            **environment(deployed.engine.endpoint),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), variables.get("PATH", os.defpath)]),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
        },
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr
