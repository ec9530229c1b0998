"""`merchant-sales watch`: follow a run until it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli.choices import AsJson, Local, StackName, choices
from cli.deployment import Deployment, connect
from cli.printing import console, printable, say, show, show_json
from cli.run_progress import Progress as RunProgress
from cli.run_progress import RunWatch
from cli.run_report import run_report, run_to_json
from cli.runs import RunIdArgument, existing_run, standing_of_run
from cli.standstill import Standstill, finished, stands_since
from cli.upload_progress import pause_seconds
from lambdas.adapters.dynamodb import Item
from lambdas.adapters.runs_table import FAILED, RUNNING
from lambdas.domain.order_file import RunId

SECONDS_BETWEEN_LINES = 10.0


def watch(
    ctx: typer.Context,
    run_id: RunIdArgument,
    limit_seconds: Annotated[
        float, typer.Option("--limit", min=1, metavar="SECONDS", help="How long to watch at most.")
    ] = 3600,
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """Show how far a run is until it ends: splits, partitions, lines and money so far, time left.

    Then shows it as `run` does. The exit code is 1 when it FAILED or the time is over.
    """
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    deployment = connect(chosen)
    try:
        item = _watched(deployment, existing_run(deployment, run_id), limit_seconds)
    except KeyboardInterrupt:
        say("stopped watching; the run goes on", style="yellow")
        raise typer.Exit(130) from None
    if chosen.as_json:
        show_json(run_to_json(item))
    else:
        standing = standing_of_run(deployment, RunId.parse(item["run_id"]))
        show(*run_report(item, standing, done=None, on_aws=not deployment.local))
    if item["status"] == RUNNING:
        say(f"the run has not ended within {limit_seconds:g} s; it goes on", style="yellow")
    if item["status"] in {RUNNING, FAILED}:
        raise typer.Exit(1)


def _watched(deployment: Deployment, item: Item, limit_seconds: float) -> Item:
    """The run's item once it has ended, or the time is over."""
    began = time.monotonic()
    watching = RunWatch(deployment=deployment, run_id=item["run_id"])
    standstill: Standstill | None = None
    with _display(printable(item["object_key"])) as shown:
        while item["status"] == RUNNING:
            progress = watching.look(item, datetime.now(UTC))
            shown(progress)
            waited = time.monotonic() - began
            standstill = standstill or Standstill(-stands_since(item, progress, datetime.now(UTC)))
            if told := standstill.told(finished(progress), waited):
                say(told, style="yellow")
            if waited > limit_seconds:
                break
            time.sleep(pause_seconds(waited, local=deployment.local))
            item = existing_run(deployment, item["run_id"])
    return item


@contextmanager
def _display(name: str) -> Iterator[Callable[[RunProgress], None]]:
    """A bar on a terminal, a line now and then anywhere else; on stderr."""
    screen = console(stderr=True)
    if not screen.is_terminal:
        yield _Lines(name)
        return
    columns = (
        TextColumn(name, markup=False),
        BarColumn(),
        TextColumn("{task.fields[words]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=screen, transient=True) as bars:
        task = bars.add_task(name, total=1.0, words="")
        yield lambda progress: bars.update(task, completed=progress.part_done, words=progress.words)


class _Lines:
    """A line when something has changed, at most one every few seconds."""

    def __init__(self, name: str) -> None:
        self._name, self._last, self._shown_at = name, "", float("-inf")

    def __call__(self, progress: RunProgress) -> None:
        line = f"{self._name}: {progress.words}"
        if line != self._last and time.monotonic() - self._shown_at >= SECONDS_BETWEEN_LINES:
            say(line)
            self._last, self._shown_at = line, time.monotonic()
