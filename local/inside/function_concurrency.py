"""Queues function calls at a small number instead of starting a process for each at once.

A hundred uploads together would start hundreds of processes on a small machine. The calls wait before
their own time limit begins. A call made by a function never waits, so no call waits for its own caller.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any


class FunctionQueue:
    """Lets so many calls run at once; closed for good when the engine ends."""

    def __init__(self, calls_at_once: int, *, stop_workers: Callable[[], None]) -> None:
        """`stop_workers` ends every function process, also those in the middle of a call."""
        self._slots = threading.Semaphore(calls_at_once)
        self._stop_workers = stop_workers
        self._closed = threading.Event()

    def apply(self, lambda_svc: Any) -> None:
        """Put the queue before the one point through which every call passes."""
        original = lambda_svc._execute_function_dispatch

        def dispatch(func: Any, config: Any, event: Any, request_id: str, started: float) -> Any:
            del started
            if lambda_svc._invoke_depth.get() > 1 or _on_event_loop():
                return self._unless_closed(original, func, config, event, request_id, time.time())
            with self._slots:
                return self._unless_closed(original, func, config, event, request_id, time.time())

        lambda_svc._execute_function_dispatch = dispatch

    def _unless_closed(self, call: Callable[..., Any], *args: Any) -> Any:
        """Call; once closed, end the thread instead, so that nothing goes on from an interrupted call."""
        if not self._closed.is_set():
            result = call(*args)
            if not self._closed.is_set():
                return result
        raise EngineEnds

    def close(self) -> None:
        """Break off what is running: no call starts or returns any more, and the processes end."""
        threading.excepthook = _without_engine_ends
        self._closed.set()
        self._stop_workers()


class EngineEnds(BaseException):
    """Unwinds the threads of interrupted calls; no `except Exception` takes it for a call's failure."""


def _without_engine_ends(args: threading.ExceptHookArgs) -> None:
    if args.exc_type is not EngineEnds:
        threading.__excepthook__(args)


def _on_event_loop() -> bool:
    """Whether this thread serves the requests: it must never wait for one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
