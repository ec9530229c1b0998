"""Changes the program text with which the engine runs Python functions."""

from typing import Any


def replace(lambda_runtime: Any, old: str, new: str) -> None:
    """Replace a text that must occur exactly once, so that another engine version is noticed at start."""
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    if script.count(old) != 1:
        raise RuntimeError(f"the engine's worker script no longer contains {old!r} exactly once")
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(old, new)
