"""Starts and stops the embedded engine of one state folder."""

import json
import os
import shutil
import signal
import time
import urllib.error
import urllib.request
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass

from local import processes
from local.errors import LocalEngineError
from local.install import install
from local.launch import PROGRAM, launch, program_fingerprint
from local.locks import held, is_held
from local.session import EngineSession
from local.settings import EngineSettings
from local.state_folder import EngineProcess, StateFolder
from local.steps import Progress, silent

SAVE_LIMIT_SECONDS = 120.0


@dataclass(frozen=True)
class EngineStatus:
    """What is known of the engine now."""

    running: bool
    healthy: bool
    pid: int | None
    port: int | None
    started: str | None
    endpoint: str | None
    state_dir: str


class Engine:
    """The engine of one state folder. Every method may be called whatever happened before."""

    def __init__(self, settings: EngineSettings, progress: Progress = silent) -> None:
        """Nothing happens yet; `progress` gets lines that tell a person what is going on."""
        self.settings = settings
        self.folder = StateFolder(settings.state_dir.resolve())
        self._progress = progress

    def status(self) -> EngineStatus:
        """Whether it runs, and where."""
        process = self.folder.process() if is_held(self.folder.alive_lock) else None
        if process is None:
            return EngineStatus(False, False, None, None, None, None, str(self.folder.path))
        endpoint = f"http://127.0.0.1:{process.port}"
        healthy = _healthy(endpoint)
        folder = str(self.folder.path)
        return EngineStatus(True, healthy, process.pid, process.port, process.started, endpoint, folder)

    @property
    def endpoint(self) -> str:
        """The running engine's URL; raises LocalEngineError when it doesn't run."""
        status = self.status()
        if status.endpoint is None or not status.healthy:
            raise LocalEngineError(
                f"The embedded engine of {self.folder.path} doesn't run. Start it: merchant-sales local start"
            )
        return status.endpoint

    def session(self) -> EngineSession:
        """Makes boto3 clients of the running engine."""
        return EngineSession(self.endpoint)

    def start(self) -> bool:
        """Start it with its last state; False when it runs already."""
        with self._locked():
            if self._becomes_healthy():
                if self._is_of_this_program():
                    return False
                self._progress("the running engine is of an older program: starting it anew")
                self._end(save=True)
            self._end(save=False)
            install(self.settings.environment, self._progress)
            if not self.folder.prepare():
                self._progress(
                    "the last run ended without saving: going back to the state before it; "
                    "upload again what came after"
                )
            self._launch()
            return True

    def stop(self, *, save: bool = True) -> bool:
        """Save its state and end it with all its functions; False when it didn't run."""
        with self._locked():
            ran = is_held(self.folder.alive_lock)
            self._end(save=save)
            return ran

    def reset(self) -> None:
        """End it and remove its state: the next start begins with nothing."""
        with self._locked():
            self._end(save=False)
            self.folder.empty()

    def save(self) -> None:
        """Save now, so that an unclean end goes back to this moment; only while nothing is processed."""
        request = urllib.request.Request(f"{self.endpoint}/_merchant_sales/save", method="POST")
        try:
            urllib.request.urlopen(request, timeout=SAVE_LIMIT_SECONDS).close()
        except OSError as error:
            raise LocalEngineError(
                f"The engine could not save its state ({error}). Log: {self.folder.log}"
            ) from error

    def _locked(self) -> AbstractContextManager[None]:
        limit = self.settings.start_limit_seconds + self.settings.stop_limit_seconds
        return held(
            self.folder.start_lock,
            limit_seconds=limit,
            busy=f"Another start or stop of {self.folder.path} is still going on after {limit:g} s.",
        )

    def _launch(self) -> None:
        """Start the process and wait until it answers."""
        process = launch(self.settings, self.folder, self._progress)
        deadline = time.monotonic() + self.settings.start_limit_seconds
        while not self._answers(process.pid):
            if process.poll() is not None or time.monotonic() > deadline:
                self._end(save=False)
                limit = self.settings.start_limit_seconds
                raise LocalEngineError(
                    f"Starting the engine: it didn't answer within {limit:g} s or ended before. "
                    f"Log: {self.folder.log}. If its state is damaged: merchant-sales local reset"
                )
            time.sleep(0.05)

    def _answers(self, pid: int) -> bool:
        process = self.folder.process()
        return process is not None and process.pid == pid and self.status().healthy

    def _becomes_healthy(self, limit_seconds: float = 10.0) -> bool:
        """Whether it runs and answers; one that lives but doesn't may just be busy."""
        deadline = time.monotonic() + limit_seconds
        while is_held(self.folder.alive_lock) and time.monotonic() < deadline:
            if self.status().healthy:
                return True
            time.sleep(0.2)
        return False

    def _is_of_this_program(self) -> bool:
        process = self.folder.process()
        return process is not None and process.program == program_fingerprint()

    def _end(self, *, save: bool) -> None:
        """End the engine, by force when it must be, then what is left of its functions."""
        process = self.folder.process()
        deadline = time.monotonic() + (self.settings.stop_limit_seconds if save else 0)
        if save and process is not None and is_held(self.folder.alive_lock):
            self._progress("saving the engine's state")
            _signal(process, signal.SIGTERM)
        while is_held(self.folder.alive_lock) and time.monotonic() < deadline:
            time.sleep(0.05)
        if is_held(self.folder.alive_lock):
            if save:
                self._progress(f"it didn't end within {self.settings.stop_limit_seconds:g} s: killing it")
            processes.kill(self.folder.path, PROGRAM)
        processes.kill(self.folder.scratch)
        shutil.rmtree(self.folder.scratch, ignore_errors=True)


def _signal(process: EngineProcess, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(process.pid, number)


def _healthy(endpoint: str) -> bool:
    """Whether an engine with IAM enforced answers there."""
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=5) as answer:
            return bool(json.load(answer).get("auth") == "enabled")
    except (OSError, ValueError, urllib.error.URLError):
        return False
