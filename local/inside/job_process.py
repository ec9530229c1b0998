"""Runs one attempt of a Batch job as a process group of this computer, instead of a container."""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

CANNOT_START = 127
GRACE_SECONDS = 5.0
"""Between SIGTERM and SIGKILL; Fargate gives 30."""


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code as a container's, and whether somebody else's signal ended it."""

    exit_code: int
    by_signal: bool = False
    timed_out: bool = False
    reason: str = ""


def run(
    command: Sequence[str],
    variables: Mapping[str, str],
    *,
    folder: Path,
    limit_seconds: float | None,
    stop: threading.Event,
    say: Callable[[str], None],
) -> Ended:
    """Run it in a folder that goes with it; `say` gets each line of its output."""
    folder.mkdir(parents=True)
    try:
        program = shutil.which(command[0], path=variables["PATH"]) if command else None
        if program is None:
            return Ended(
                CANNOT_START, reason=f"CannotStartContainerError: no such command: {list(command)[:1]}"
            )
        process = subprocess.Popen(
            [program, *command[1:]],
            cwd=folder,
            env={**variables, "TMPDIR": str(folder), "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            encoding="utf-8",
            errors="replace",
        )
        listener = threading.Thread(target=_listen, args=(process, say), daemon=True)
        listener.start()
        ended = _wait(process, limit_seconds, stop)
        listener.join(GRACE_SECONDS)
        return ended
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _listen(process: subprocess.Popen[str], say: Callable[[str], None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        say(line.rstrip("\n"))


def _wait(process: subprocess.Popen[str], limit_seconds: float | None, stop: threading.Event) -> Ended:
    """Wait for the end, or bring it about: the whole group ends with the process in any case."""
    deadline = time.monotonic() + limit_seconds if limit_seconds else None
    timed_out = False
    while process.poll() is None and not stop.is_set() and not timed_out:
        stop.wait(0.05)
        timed_out = deadline is not None and time.monotonic() > deadline
    stopped = process.poll() is None and stop.is_set()
    if process.poll() is None:
        _signal(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
    _signal(process, signal.SIGKILL)
    code = process.wait()
    by_signal = code < 0 and not stopped and not timed_out
    return Ended(128 - code if code < 0 else code, by_signal=by_signal, timed_out=timed_out)


def _signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
