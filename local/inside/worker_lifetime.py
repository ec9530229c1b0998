"""Ends a function's process soon after the engine, also when the engine was killed during a call."""

from typing import Any

from local.inside import worker_script

_WATCH = """
def _end_with_engine():
    import os, threading, time
    engine = os.getppid()
    def watch():
        while os.getppid() == engine:
            time.sleep(0.5)
        os._exit(1)
    threading.Thread(target=watch, daemon=True).start()

_end_with_engine()
run()
"""


def apply(lambda_runtime: Any) -> None:
    """Let each worker watch its parent process."""
    worker_script.replace(lambda_runtime, "\nrun()\n", _WATCH)
