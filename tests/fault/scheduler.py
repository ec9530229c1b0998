"""Workers that take turns: one runs at a time, up to its next service call, and one seed says which."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

FOREVER = 10**9


class CrashedError(BaseException):
    """The process of a worker ends here: nothing of it may catch this."""


class Worker:
    """One invocation of a function, on a thread that runs only while it has the baton.

    Its name begins with the execution and the function.
    """

    def __init__(self, name: str, body: Callable[[], Any], scheduler: Scheduler) -> None:
        """Start the thread; it waits for its first turn."""
        self.name, self.scheduler = name, scheduler
        self.function = name.split()[1].partition("#")[0].rstrip("'")
        self.calls = 0
        self.sleeps_until = 0
        self.ended = self.crashed = self.stopped = False
        self.answer: Any = None
        self.error: BaseException | None = None
        self.before = ""
        self.calls_wanted: tuple[str, str] = ("", "")
        self._baton = threading.Lock()
        self._baton.acquire()
        threading.Thread(target=self._run, args=(body,), daemon=True).start()

    def turn(self) -> None:
        """Let the worker go on until it waits again or ends."""
        self._baton.release()
        self.scheduler.back.acquire()

    def wait(self) -> None:
        """Called by the worker itself: give the baton back, and wait for the next turn."""
        self.scheduler.back.release()
        self._baton.acquire()
        if self.stopped:
            raise CrashedError

    def _run(self, body: Callable[[], Any]) -> None:
        self._baton.acquire()
        try:
            if not self.stopped:
                self.answer = body()
        except CrashedError:
            self.crashed = True
        except BaseException as e:  # whatever it is, the scheduler's thread deals with it
            self.error = e
        self.ended = True
        self.scheduler.back.release()


class Scheduler:
    """All workers of a world, and whose turn it is."""

    def __init__(self) -> None:
        """No worker yet."""
        self.back = threading.Semaphore(0)
        self.workers: list[Worker] = []
        self.step = 0
        self.current: Worker | None = None

    def spawn(self, name: str, body: Callable[[], Any]) -> Worker:
        """A new worker, which hasn't begun."""
        worker = Worker(name, body, self)
        self.workers.append(worker)
        return worker

    def runnable(self) -> list[Worker]:
        """The workers that may go on now."""
        return [worker for worker in self.workers if worker.sleeps_until <= self.step]

    def go(self, worker: Worker) -> None:
        """Give a worker its turn; one that ended leaves the list."""
        self.step += 1
        self.current = worker
        worker.turn()
        self.current = None
        if worker.ended:
            self.workers.remove(worker)

    def stop(self) -> None:
        """End all workers where they stand."""
        for worker in list(self.workers):
            worker.stopped = True
            self.go(worker)
