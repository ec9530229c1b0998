"""Makes the engine's virtual environment, and inside it the one its functions run in.

Two environments, because the engine needs packages (PyYAML among them) that a function on AWS would
not find: a function that forgot a dependency has to fail here too.
"""

import fcntl
import hashlib
import shutil
import sys
import venv
from pathlib import Path

from local.errors import LocalEngineError
from local.steps import Progress, run_step, silent

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".engine-venv"
INSTALL_LIMIT_SECONDS = 600.0


def engine_python(environment: Path = ENVIRONMENT) -> Path:
    """The interpreter that runs the engine."""
    return environment / "bin" / "python"


def function_python(environment: Path = ENVIRONMENT) -> Path:
    """The interpreter that runs the functions' code."""
    return environment / "functions" / "bin" / "python"


def install(environment: Path = ENVIRONMENT, progress: Progress = silent) -> bool:
    """Make or re-make the environments when they aren't what the requirements say; True when it did."""
    environment.mkdir(parents=True, exist_ok=True)
    with (environment / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = environment / "made-from.txt"
        wanted = _fingerprint()
        if stamp.exists() and stamp.read_text() == wanted and function_python(environment).exists():
            return False
        progress("installing the embedded engine into its own environment")
        stamp.unlink(missing_ok=True)
        for entry in [entry for entry in environment.iterdir() if entry.is_dir() and not entry.is_symlink()]:
            shutil.rmtree(entry)
        _make(environment, ROOT / "local" / "requirements.txt", "Installing the engine")
        _make(environment / "functions", ROOT / "local" / "function_requirements.txt", "Installing boto3")
        stamp.write_text(wanted)
        return True


def _make(folder: Path, requirements: Path, step: str) -> None:
    """One environment without pip of its own, filled by the pip that runs this program."""
    venv.create(folder, symlinks=True, with_pip=False)
    run_step(
        step,
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(folder / "bin" / "python"),
            "install",
            "--disable-pip-version-check",
            "--require-hashes",
            "--no-deps",
            "--requirement",
            str(requirements),
        ],
        log=folder / "install.log",
        limit_seconds=INSTALL_LIMIT_SECONDS,
        advice="Check that PyPI can be reached, then run it again.",
    )


def _fingerprint() -> str:
    """What the environments are made from: both lists of packages and the interpreter."""
    digest = hashlib.sha256(f"{sys.version}\n{sys.base_prefix}\n{ROOT}\n".encode())
    for name in ("requirements.txt", "function_requirements.txt"):
        digest.update((ROOT / "local" / name).read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        made = install(progress=lambda line: print(line, file=sys.stderr))  # noqa: T201
    except LocalEngineError as error:
        sys.exit(str(error))
