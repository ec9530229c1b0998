"""Launches the engine's process: its command, its environment and its socket."""

import hashlib
import os
import subprocess

from local.install import ROOT, engine_python, function_python
from local.ports import listening_socket
from local.session import REGION
from local.settings import DEFAULT_PORT, EngineSettings
from local.state_folder import StateFolder
from local.steps import Progress

PROGRAM = "local.inside"
LOG_LIMIT_BYTES = 10_000_000


def launch(settings: EngineSettings, folder: StateFolder, progress: Progress) -> subprocess.Popen[bytes]:
    """Start the process on a socket that is already its own, so that nobody takes the port meanwhile."""
    last = folder.process()
    preferred = [last.port] if last else []
    with listening_socket(settings.port, [*preferred, DEFAULT_PORT]) as sock:
        port = sock.getsockname()[1]
        progress(f"starting the engine on port {port}")
        if folder.log.exists() and folder.log.stat().st_size > LOG_LIMIT_BYTES:
            folder.log.replace(folder.log.with_suffix(".log.1"))
        with folder.log.open("ab") as log:
            return subprocess.Popen(
                _command(settings, folder, port, sock.fileno()),
                cwd=ROOT,
                env=_variables(settings, folder, port),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[sock.fileno()],
            )


def program_fingerprint() -> str:
    """A hash of the program that runs in the engine's process and of the engine's version."""
    digest = hashlib.sha256((ROOT / "local" / "requirements.txt").read_bytes())
    for path in sorted((ROOT / "local").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _command(settings: EngineSettings, folder: StateFolder, port: int, descriptor: int) -> list[str]:
    return [
        str(engine_python(settings.environment)),
        "-m",
        PROGRAM,
        f"{folder.path}/",
        str(port),
        str(descriptor),
        str(settings.calls_at_once),
        str(function_python(settings.environment)),
        program_fingerprint(),
    ]


def _variables(settings: EngineSettings, folder: StateFolder, port: int) -> dict[str, str]:
    """The engine's whole environment: the caller's AWS settings must not reach the functions."""
    scratch = str(folder.scratch)
    return {
        "PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "TZ": "UTC", "HOME": scratch,
        "TMPDIR": scratch, "MALLOC_ARENA_MAX": "2", "PYTHONUNBUFFERED": "1", "LOG_LEVEL": "WARNING",
        "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "MINISTACK_HOST": "127.0.0.1",
        "AUTH": "true", "PERSIST_STATE": "1", "S3_PERSIST": "1",
        "STATE_DIR": str(folder.state), "S3_DATA_DIR": str(folder.objects),
        "MINISTACK_REGION": REGION, "SFN_WAIT_SCALE": str(settings.wait_scale),
        "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0", "DOCKER_HOST": f"unix://{scratch}/no-docker",
    }  # fmt: skip
