"""Finds and ends the processes of one engine: those whose command line names its folder."""

import os
import signal
import subprocess
import time
from pathlib import Path


def naming(path: Path, program: str = "") -> list[int]:
    """The processes, other than this one, whose command line names the program and a path below this one."""
    mark = f"{path}{os.sep}"
    return [
        pid for pid, command in _commands() if mark in command and program in command and pid != os.getpid()
    ]


def kill(path: Path, program: str = "", limit_seconds: float = 5.0) -> None:
    """Kill those processes and wait until they are gone."""
    deadline = time.monotonic() + limit_seconds
    while (pids := naming(path, program)) and time.monotonic() < deadline:
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        time.sleep(0.05)


def _commands() -> list[tuple[int, str]]:
    """Every process's id and command line."""
    table = Path("/proc")
    if not (table / "self" / "cmdline").exists():
        lines = subprocess.run(
            ["ps", "-axwwo", "pid=,command="], capture_output=True, text=True, check=True, timeout=10
        ).stdout.splitlines()
        return [(int(pid), command) for pid, _, command in (line.strip().partition(" ") for line in lines)]
    commands = []
    for entry in table.iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            commands.append((int(entry.name), text))
    return commands
