"""The Python that jobs run on: the standard library and nothing else, as in the image that they name.

What is in a job's own archives is all that it finds, so a job that forgot a dependency fails here as well.
Its processes end soon after the engine, also when the engine was killed.
"""

import venv
from pathlib import Path

_END_WITH_ENGINE = """
import os, threading, time

def _watch(engine):
    while os.getppid() == engine:
        time.sleep(0.5)
    os.killpg(0, 9)

threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()
"""


def make(folder: Path) -> Path:
    """Make it in a folder of the engine; the folder of its commands."""
    venv.create(folder, symlinks=True, with_pip=False)
    packages = next(folder.glob("lib/python3*/site-packages"))
    (packages / "sitecustomize.py").write_text(_END_WITH_ENGINE)
    return folder / "bin"
