"""Run every side over every workload, and write docs/benchmarks.md.

    python -m benchmarks.comparison [--workloads sf1 …] [--repeats 3] [--folder build/tpch]

The results are kept in build/bench/results.json: a run of some workloads leaves the others as they are.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.comparison.document import write_document
from benchmarks.comparison.measuring import Taken, deviation, measure, sums_in
from benchmarks.comparison.sides import DECIMAL, LARGE, SIDES, Side
from benchmarks.comparison.workloads import WORKLOADS, Workload

RESULTS = Path("build/bench/results.json")


def main() -> int:
    """Measure, keep, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workloads", nargs="*", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--repeats", type=int, default=3, help="of scale factor 1; the others run once")
    parser.add_argument("--folder", type=Path, default=Path("build/tpch"), help="for the order files")
    options = parser.parse_args()
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    for name in options.workloads:
        repeats = options.repeats if name == "sf1" else 1
        _keep(name, _compared(WORKLOADS[name], options.folder.resolve(), repeats))
    write_document(json.loads(RESULTS.read_text()))
    return 0


def _compared(workload: Workload, folder: Path, repeats: int) -> dict[str, Any]:
    """Every side over the files of a workload, side after side, and that some times."""
    folder.mkdir(parents=True, exist_ok=True)
    files = workload.files(folder)
    taken: dict[str, list[Taken]] = {}
    found: dict[str, dict[str, Any]] = {}
    expected: dict[str, Decimal] = {}
    sides = LARGE if workload.name == "sf10" else SIDES
    for repeat in range(repeats):
        for side in sides:
            if repeat and side.name not in taken:
                continue
            out = RESULTS.parent.resolve() / f"{side.name}.json"
            try:
                taken.setdefault(side.name, []).append(measure(side, files, out))
            except subprocess.CalledProcessError as e:
                taken.pop(side.name)
                found[side.name] = {"title": side.title, "failed": str(e)}
                continue
            sums = sums_in(out)
            expected = expected or sums
            found[side.name] = {"title": side.title, "one_core": side.one_core} | {
                "off": asdict(deviation(sums, expected)),
                "merchants": len(sums),
            }
            _told(workload, side, taken[side.name][-1], found[side.name])
    for name, runs in taken.items():
        found[name] |= {key: median(getattr(one, key) for one in runs) for key in ("cpu", "wall", "peak_mb")}
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    reference = (DECIMAL if DECIMAL in sides else sides[0]).title
    return {
        "title": workload.title,
        "megabytes": megabytes,
        "files": len(files),
        "repeats": repeats,
        "reference": reference,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "sides": found,
    }


def _told(workload: Workload, side: Side, taken: Taken, found: dict[str, Any]) -> None:
    cores = "1 core" if side.one_core else "all cores"
    sys.stdout.write(
        f"{workload.name:18} {side.title:36} {cores:10} {taken.cpu:7.2f} s CPU {taken.wall:7.2f} s wall "
        f"{taken.peak_mb:6.0f} MB  {found['off']['merchants']} sums off by up to {found['off']['worst']}\n"
    )
    sys.stdout.flush()


def _keep(name: str, results: dict[str, Any]) -> None:
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps(kept | {name: results}, indent=1))


if __name__ == "__main__":
    sys.exit(main())
