"""Runs one step of the set-up as a process group with a time limit, a log and readable errors."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from local.errors import LocalEngineError

Progress = Callable[[str], None]
"""Takes one line that tells a person what is happening."""


def silent(_line: str) -> None:
    """The progress of those who don't want any."""


def run_step(
    name: str,
    command: Sequence[str],
    *,
    log: Path,
    limit_seconds: float,
    advice: str,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    watch: Callable[[], None] | None = None,
) -> None:
    """Run a command, its output appended to the log, and end its whole process group at the limit.

    `watch` is called about five times a second meanwhile. Raises LocalEngineError when the command
    fails, is missing or takes too long, or passes on what interrupted it once the group has ended.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        output.write(f"\n--- {name}: {' '.join(command)}\n".encode())
        output.flush()
        try:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise LocalEngineError(f"{name}: cannot run {command[0]} ({error.strerror}). {advice}") from error
    try:
        _wait(name, process, limit_seconds, log, advice, watch)
    finally:
        _end_group(process)
    if process.returncode != 0:
        raise LocalEngineError(
            f"{name} failed (exit code {process.returncode}):\n{_last_lines(log)}\nWhole log: {log}. {advice}"
        )


def _wait(
    name: str,
    process: subprocess.Popen[bytes],
    limit_seconds: float,
    log: Path,
    advice: str,
    watch: Callable[[], None] | None,
) -> None:
    """Wait for the process's end, or raise at the limit."""
    deadline = time.monotonic() + limit_seconds
    while process.poll() is None:
        if time.monotonic() > deadline:
            raise LocalEngineError(
                f"{name} did not end within {limit_seconds:g} s and was stopped:\n{_last_lines(log)}\n"
                f"Whole log: {log}. {advice}"
            )
        if watch:
            watch()
        time.sleep(0.2 if watch else 0.05)
    if watch:
        watch()


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the command and whatever it left running: all are in its process group."""
    if process.poll() is None:
        _signal_group(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=3)
    _signal_group(process.pid, signal.SIGKILL)
    process.wait()


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _last_lines(log: Path, count: int = 15) -> str:
    """The end of the log, indented, for an error message."""
    lines = log.read_bytes()[-20_000:].decode(errors="replace").splitlines()
    return "\n".join(f"    {line}" for line in lines[-count:] if line.strip())
