"""A program run in a process of its own: what it took, and how far its sums are off."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from benchmarks.comparison.sides import ROOT, Side

CHILD_SUBREAPER = 36  # of Linux' prctl: what a side leaves behind becomes our child, and is counted


@dataclass(frozen=True, kw_only=True)
class Taken:
    """CPU (user and system, of all processes) and wall seconds; peak memory of the largest process."""

    cpu: float
    wall: float
    peak_mb: float


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """How far sums are off: how many merchants' are, and by how much the worst is and all together are."""

    merchants: int
    worst: str
    total: str


def measure(side: Side, files: list[Path], out: Path) -> Taken:
    """Run a side; raises CalledProcessError where it fails."""
    ctypes.CDLL(None, use_errno=True).prctl(CHILD_SUBREAPER, 1, 0, 0, 0)
    cores = sorted(os.sched_getaffinity(0))
    chosen = {cores[-1]} if side.one_core else set(cores)
    command = side.command(out, files)
    begun = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **side.variables},
        preexec_fn=lambda: os.sched_setaffinity(0, chosen),
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command[:3])
    cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss
    for left in _left_behind():
        cpu, peak = cpu + left.ru_utime + left.ru_stime, max(peak, left.ru_maxrss)
    return Taken(cpu=cpu, wall=wall, peak_mb=peak * 1024 / 1e6)


def _left_behind() -> list[os.struct_rusage]:  # type: ignore[name-defined]
    """What processes used that the side's own process didn't wait for; they end within seconds."""
    found = []
    while True:
        try:
            found.append(os.wait4(-1, 0)[2])
        except ChildProcessError:
            return found


def sums_in(out: Path) -> dict[str, Decimal]:
    """The sums that a side has written."""
    return {merchant: Decimal(amount) for merchant, amount in json.loads(out.read_text()).items()}


def deviation(sums: Mapping[str, Decimal], expected: Mapping[str, Decimal]) -> Deviation:
    """How far sums are from the exact ones."""
    off = [
        abs(sums.get(merchant, Decimal(0)) - expected.get(merchant, Decimal(0)))
        for merchant in sums.keys() | expected.keys()
    ]
    return Deviation(
        merchants=sum(amount != 0 for amount in off),
        worst=f"{max(off, default=Decimal(0)):.2g}",
        total=f"{sum(off):.2g}",
    )
