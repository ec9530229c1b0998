"""Many seeds in several processes, and what is told of them."""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tests.fault.seeds import Report, runner

PROGRESS_SECONDS = 10.0
# Forked, so that a planted bug is in every process.
FORK = multiprocessing.get_context("fork")


def campaign(seeds: Sequence[int], *, processes: int, trace: bool, remember: bool, plant: str | None) -> int:
    """Run the seeds and tell how they went; the exit code. With a planted bug the first catch is enough."""
    begun = told = time.monotonic()
    faults: Counter[str] = Counter()
    done = executions = steps = violations = 0
    for report in reports(seeds, processes=processes, trace=trace, remember=remember):
        done, executions, steps = done + 1, executions + report.executions, steps + report.steps
        faults += report.faults
        if report.violation or trace:
            print("\n".join(report.trace))  # noqa: T201
        if report.violation:
            violations += 1
            print(f"\nSEED {report.seed} FAILED: {report.violation}\n{_command(report, plant)}\n", flush=True)  # noqa: T201
            if plant:
                break
        if time.monotonic() - told > PROGRESS_SECONDS:
            told = time.monotonic()
            print(f"{done} of {len(seeds)} seeds, {told - begun:.0f} s", file=sys.stderr, flush=True)  # noqa: T201
    for kind, count in faults.most_common():
        print(f"{count:9,}  {kind}")  # noqa: T201
    print(f"{executions:,} executions, {steps:,} steps, {time.monotonic() - begun:.0f} s")  # noqa: T201
    print(f"{done} seeds, {faults.total()} faults, {violations} violations")  # noqa: T201
    return 1 if violations else 0


def reports(seeds: Sequence[int], *, processes: int, trace: bool, remember: bool) -> Iterator[Report]:
    """Run the seeds, each process its share, and give the reports as they come."""
    if processes == 1:
        yield from _run(seeds, trace=trace, remember=remember)
        return
    queue, enough = FORK.Queue(), FORK.Event()
    shares = [seeds[i::processes] for i in range(processes)]
    workers = [
        FORK.Process(target=_work, args=(share, queue, enough, trace, remember), daemon=True)
        for share in shares
    ]
    for worker in workers:
        worker.start()
    try:
        working = len(workers)
        while working:
            report = queue.get()
            if isinstance(report, Report):
                yield report
            elif report is None:
                working -= 1
            else:
                raise RuntimeError(report)
    finally:
        enough.set()
        while working and queue.get() is not None:
            pass
        for worker in workers:
            worker.join(timeout=10)


def _work(seeds: Sequence[int], queue: Any, enough: Any, trace: bool, remember: bool) -> None:
    try:
        for report in _run(seeds, trace=trace, remember=remember):
            queue.put(report)
            if enough.is_set():
                break
    except Exception as e:
        queue.put(f"a process of the campaign ended: {e!r}")
        raise
    finally:
        queue.put(None)


def _run(seeds: Iterable[int], *, trace: bool, remember: bool) -> Iterator[Report]:
    with runner() as run:
        for seed in seeds:
            report = run.run(seed, trace=trace, remember=remember)
            if report.violation and not trace:
                report = run.run(seed, trace=True, remember=remember)
            yield report


def _command(report: Report, plant: str | None) -> str:
    planted = f" --plant {plant}" if plant else ""
    return f"again: python -m tests.fault --seeds 1 --start {report.seed} --trace{planted}"
