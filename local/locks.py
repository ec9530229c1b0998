"""File locks that end with the process that holds them, however it ends."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.errors import LocalEngineError


@contextmanager
def held(path: Path, *, limit_seconds: float, busy: str) -> Iterator[None]:
    """Hold the lock; raises LocalEngineError(busy) when another process has it for too long."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        deadline = time.monotonic() + limit_seconds
        while not _try(file.fileno()):
            if time.monotonic() > deadline:
                raise LocalEngineError(busy)
            time.sleep(0.1)
        yield


def is_held(path: Path) -> bool:
    """Whether some process holds the lock now."""
    if not path.exists():
        return False
    with path.open("a") as file:
        return not _try(file.fileno())


def hold_for_life(path: Path) -> bool:
    """Take the lock until this process ends; False when another process has it."""
    file = path.open("a")
    if not _try(file.fileno()):
        file.close()
        return False
    _for_life.append(file)
    return True


_for_life: list[object] = []


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
