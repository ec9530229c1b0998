"""Publishes the status event of executions that a stop of the engine interrupted.

The engine marks them FAILED (States.ServiceRestart) when it comes back but tells nobody, so nobody would
settle what they left.
"""

import threading
import time
from typing import Any

_DELAY_SECONDS = 1.0  # rules and functions may be restored after the executions


def apply(stepfunctions: Any) -> None:
    """Publish after the restored state has been loaded."""
    original = stepfunctions._restore_state

    def restore(data: Any) -> None:
        running = [arn for arn, item in _executions(data) if item.get("status") == "RUNNING"]
        original(data)
        if running:
            threading.Thread(target=_publish, args=(stepfunctions, running), daemon=True).start()

    stepfunctions._restore_state = restore


def _executions(data: Any) -> list[tuple[Any, dict[str, Any]]]:
    scoped = (data or {}).get("executions")
    return list(scoped._data.items()) if scoped is not None else []


def _publish(stepfunctions: Any, keys: list[Any]) -> None:
    time.sleep(_DELAY_SECONDS)
    for key in keys:
        execution = stepfunctions._executions._data.get(key)
        if execution is not None:
            stepfunctions._emit_execution_status_event(execution)
