"""Shows uploads on their way: bars on a terminal, a line now and then anywhere else."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from cli.printing import console, printable, say
from cli.upload_progress import Stage, Upload, ended, summary

LINES_FOR_FILES = 8
NAME_CHARACTERS = 36
SECONDS_BETWEEN_LINES = 10.0


class Display(Protocol):
    """Something that shows how far uploads are."""

    def show(self, uploads: Sequence[Upload]) -> None:
        """Show them as they are now."""


@contextmanager
def display() -> Iterator[Display]:
    """What fits where stderr goes."""
    screen = console(stderr=True)
    if not screen.is_terminal:
        yield PlainLines()
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[words]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=screen, transient=True) as progress:
        yield Bars(progress)


class Bars:
    """One bar over all files, and one for each of some that are on their way."""

    def __init__(self, progress: Progress) -> None:
        """Take Rich's progress display."""
        self._progress = progress
        self._all: TaskID | None = None
        self._tasks: dict[str, TaskID] = {}

    def show(self, uploads: Sequence[Upload]) -> None:
        """Bring the bars up to date."""
        if self._all is None:
            self._all = self._progress.add_task("all files", total=len(uploads), words="")
        behind = sum(upload.part_done for upload in uploads)
        self._progress.update(self._all, completed=behind, words=ended(uploads))
        shown = {upload.key: upload for upload in _most_advanced(uploads)}
        for key in list(self._tasks):
            if key not in shown:
                self._progress.remove_task(self._tasks.pop(key))
        for key, upload in shown.items():
            if key not in self._tasks:
                name = printable(upload.path.name)[-NAME_CHARACTERS:]
                self._tasks[key] = self._progress.add_task(f"  {name}", total=1.0, words="")
            self._progress.update(self._tasks[key], completed=upload.part_done, words=upload.words)


class PlainLines:
    """A line when something has changed, at most one every few seconds."""

    def __init__(self) -> None:
        """Begin with nothing shown."""
        self._last = ""
        self._shown_at = float("-inf")

    def show(self, uploads: Sequence[Upload]) -> None:
        """Print a line if it is time for one."""
        line = summary(uploads) if len(uploads) > 1 else f"{uploads[0].key}: {uploads[0].words}"
        all_ended = all(upload.settled for upload in uploads)
        due = time.monotonic() - self._shown_at >= SECONDS_BETWEEN_LINES
        if line != self._last and (due or all_ended):
            say(line)
            self._last, self._shown_at = line, time.monotonic()


def _most_advanced(uploads: Sequence[Upload]) -> list[Upload]:
    """Some of the files that something is being done with right now."""
    active = [u for u in uploads if u.stage is not Stage.SETTLED and u.part_done > 0]
    return sorted(active, key=lambda upload: -upload.part_done)[:LINES_FOR_FILES]
