"""The stack with the order format of the benchmark, deployed into an engine of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.comparison.order_format import LEAN
from benchmarks.comparison.sides import ROOT
from local import engine as engines
from local import launch
from local.deployment import Deployment
from local.engine import Engine
from local.processes import naming
from local.settings import EngineSettings

PROGRAM = "benchmarks.engine.counting"
APP_PARTS = ("app.py", "cdk.json", "package.json", "package-lock.json", "stacks", "lambdas", "formats")
PREFIX = "tpch/"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Processes:
    """What the processes of the engine and of its functions have used so far; peaks in MB."""

    cpu: float
    engine_peak: float
    worker_peak: float


@dataclass(frozen=True)
class DeployedStack:
    """The stack in a running engine that counts."""

    engine: Engine
    outputs: dict[str, str]

    def upload(self, files: list[Path], limit_seconds: float) -> tuple[list[dict[str, Any]], float]:
        """Upload with the command and wait until all have settled; what it says, and the wall seconds."""
        limit = ("--limit", str(limit_seconds))
        begun = time.perf_counter()
        told = self._command("--json", "upload", "--prefix", PREFIX, "--wait", *limit, *map(str, files))
        return json.loads(told), time.perf_counter() - begun

    def export(self, to: Path) -> None:
        """Every merchant's totals."""
        self._command("export", str(to))

    def counts(self) -> Counter[str]:
        """What the functions have asked for since the engine's start, by service and operation."""
        with urllib.request.urlopen(f"{self.engine.endpoint}/_benchmarks/counts") as answer:
            return Counter(json.load(answer))

    def states_entered(self) -> list[str]:
        """The names of the states that the newest execution has entered, in order."""
        states = self.engine.session().client("stepfunctions")
        machine = self.outputs["StateMachineArn"]
        newest = max(
            states.list_executions(stateMachineArn=machine)["executions"], key=lambda one: one["startDate"]
        )
        pages = states.get_paginator("get_execution_history").paginate(executionArn=newest["executionArn"])
        entered = (event.get("stateEnteredEventDetails") for page in pages for event in page["events"])
        return [details["name"] for details in entered if details]

    def processes(self) -> Processes:
        """CPU of all processes, those that have ended included, and their peaks."""
        cpu, peaks = 0.0, {True: 0.0, False: 0.0}
        for pid in naming(self.engine.folder.path):
            try:
                stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                status = Path(f"/proc/{pid}/status").read_text()
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                continue
            cpu += sum(map(int, stat[11:15])) / TICKS
            is_engine = PROGRAM.encode() in command
            peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
            peaks[is_engine] = max(peaks[is_engine], peak)
        return Processes(cpu=cpu, engine_peak=peaks[True], worker_peak=peaks[False])

    def _command(self, *words: str) -> str:
        done = subprocess.run(
            [str(Path(sys.executable).with_name("merchant-sales")), "--local", *words],
            cwd=ROOT,
            env={**os.environ, "MERCHANT_SALES_LOCAL_DIR": str(self.engine.settings.state_dir)},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        return done.stdout


@contextmanager
def deployed_stack(folder: Path) -> Iterator[DeployedStack]:
    """Start an engine in the folder, deploy into it, and remove both in the end."""
    app = folder / "app"
    shutil.rmtree(app, ignore_errors=True)
    for name in APP_PARTS:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        app.mkdir(parents=True, exist_ok=True)
        copy(source, app / name)
    (app / "formats" / "tpch.yaml").write_text(LEAN)
    # The program is named in two places, when it is started and when it is ended.
    for module in (launch, engines):
        vars(module)["PROGRAM"] = PROGRAM
    cores = len(os.sched_getaffinity(0))
    engine = Engine(EngineSettings(state_dir=folder / "engine", port=0, calls_at_once=cores))
    try:
        engine.start()
        deployment = Deployment(engine, app_folder=app)
        deployment.deploy()
        yield DeployedStack(engine, deployment.outputs())
    finally:
        engine.reset()
