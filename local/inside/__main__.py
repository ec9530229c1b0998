"""The engine's process; its arguments are what local/launch.py says."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from hypercorn.asyncio import serve  # type: ignore[import-not-found, unused-ignore]
from hypercorn.config import Config  # type: ignore[import-not-found, unused-ignore]
from ministack import app as engine  # type: ignore[import-not-found, unused-ignore]
from ministack.core import (  # type: ignore[import-not-found, unused-ignore]
    iam_actions,
    iam_evaluator,
    lambda_runtime,
    persistence,
)
from ministack.services import (  # type: ignore[import-not-found, unused-ignore]
    batch,
    cloudwatch_logs,
    dynamodb,
    lambda_svc,
    s3,
    stepfunctions,
    sts,
)
from ministack.services.cloudformation import (  # type: ignore[import-not-found, unused-ignore]
    provisioners,
)

from local.inside import (
    encrypted_status_events,
    function_environment,
    function_error_type,
    gateway,
    interrupted_executions,
    large_uploads,
    map_run_permissions,
    metric_math_alarms,
    ranged_reads,
    remembered_expressions,
    shared_layers,
    worker_lifetime,
)
from local.inside.batch_jobs import BatchJobs
from local.inside.function_concurrency import FunctionQueue
from local.inside.saving import Saving
from local.locks import hold_for_life
from local.state_folder import EngineProcess, StateFolder

PATCHED_VERSION = "1.5.33"
logger = logging.getLogger("merchant-sales")


def main(
    folder: StateFolder, port: int, descriptor: int, calls_at_once: int, function_python: Path, program: str
) -> None:
    """Serve until SIGTERM, then save; ends the process without waiting for abandoned threads."""
    if version("ministack") != PATCHED_VERSION:
        sys.exit(f"local/inside patches MiniStack {PATCHED_VERSION}; installed is {version('ministack')}")
    if not hold_for_life(folder.alive_lock):
        sys.exit(f"another engine runs in {folder.path}")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    folder.write_process(EngineProcess(os.getpid(), port, now, program))
    logger.setLevel(logging.INFO)
    logger.info("starting on port %s, process %s", port, os.getpid())
    queue = _add_what_is_missing(calls_at_once, function_python, folder)
    jobs = BatchJobs(
        batch=batch,
        logs=cloudwatch_logs,
        sts=sts,
        iam_evaluator=iam_evaluator,
        endpoint=f"http://127.0.0.1:{port}",
        folder=folder.scratch / "jobs",
    )
    jobs.apply(stepfunctions, provisioners)
    saving = Saving(engine, persistence, folder)

    async def ended() -> None:
        await _terminated()
        logger.info("stopping")
        await asyncio.to_thread(queue.close)
        await asyncio.to_thread(jobs.close)

    application = gateway.wrap(engine.app, save=saving.save_and_keep, job_credentials=jobs.credentials.answer)
    asyncio.run(_serve(application, descriptor, ended))
    saved = saving.saved_at_shutdown()
    if saved:
        folder.mark_clean()
    logger.info("stopped, state %s", "saved" if saved else "NOT saved")
    logging.shutdown()
    os._exit(0 if saved else 1)


def _add_what_is_missing(calls_at_once: int, function_python: Path, folder: StateFolder) -> FunctionQueue:
    function_environment.apply(lambda_runtime, function_python)
    function_error_type.apply(lambda_runtime, lambda_svc)
    worker_lifetime.apply(lambda_runtime)
    shared_layers.apply(lambda_runtime, lambda_svc, folder.scratch / "layers")
    interrupted_executions.apply(stepfunctions)
    encrypted_status_events.apply(stepfunctions)
    map_run_permissions.apply(iam_actions)
    metric_math_alarms.apply(provisioners)
    remembered_expressions.apply(dynamodb)
    large_uploads.apply(s3, folder.scratch / "uploads")
    ranged_reads.apply(s3)
    queue = FunctionQueue(calls_at_once, stop_workers=lambda_runtime.reset)
    queue.apply(lambda_svc)
    return queue


async def _serve(application: Any, descriptor: int, ended: Callable[[], Awaitable[None]]) -> None:
    config = Config()
    config.bind = [f"fd://{descriptor}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.shutdown_timeout = 300
    config.loglevel = "WARNING"
    await serve(application, config, shutdown_trigger=ended)


async def _terminated() -> None:
    """Return at the first SIGTERM or SIGINT."""
    event = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, event.set)
    await event.wait()


if __name__ == "__main__":
    os.environ.pop("LOG_LEVEL", None)  # the functions inherit the environment and have a level of their own
    path, port, descriptor, calls, python, program = sys.argv[1:]
    main(StateFolder(Path(path)), int(port), int(descriptor), int(calls), Path(python), program)
