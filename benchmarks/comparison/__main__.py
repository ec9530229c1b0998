"""Run every side over every workload, and write docs/benchmarks.md.

    python -m benchmarks.comparison [--workloads sf1 …] [--sides ours …] [--repeats 3] [--folder build/tpch]

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
from benchmarks.comparison.sides import Side, sides_of
from benchmarks.comparison.workloads import WORKLOADS, Workload

RESULTS = Path("build/bench/results.json")


def main() -> int:
    """Measure, keep, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workloads", nargs="*", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--sides", nargs="*", default=[], help="only these, of the last run's files")
    parser.add_argument("--repeats", type=int, default=3, help="of scale factor 1; the others run once")
    parser.add_argument("--folder", type=Path, default=Path("build/tpch"), help="for the order files")
    options = parser.parse_args()
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    for name in options.workloads:
        repeats = options.repeats if name == "sf1" else 1
        _keep(
            name,
            _compared(WORKLOADS[name], options.folder.resolve(), repeats, options.sides),
            only=options.sides,
        )
    write_document(RESULTS.parent)
    return 0


def _compared(workload: Workload, folder: Path, repeats: int, only: list[str]) -> dict[str, Any]:
    """Every side over the files of a workload, side after side, and that some times."""
    folder.mkdir(parents=True, exist_ok=True)
    files = workload.files(folder)
    taken: dict[str, list[Taken]] = {}
    found: dict[str, dict[str, Any]] = {}
    sides = sides_of(workload.name)
    expected: dict[str, Decimal] = sums_in(_sums(workload, sides[0])) if only else {}
    for repeat in range(repeats):
        for side in sides:
            if (repeat and side.name not in taken) or (only and side.name not in only):
                continue
            out = _sums(workload, side)
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
    return {
        "title": workload.title,
        "megabytes": megabytes,
        "files": len(files),
        "repeats": repeats,
        "reference": sides[0].title,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "sides": found,
    }


def _sums(workload: Workload, side: Side) -> Path:
    return RESULTS.parent.resolve() / f"{workload.name}-{side.name}.json"


def _told(workload: Workload, side: Side, taken: Taken, found: dict[str, Any]) -> None:
    cores = "1 core" if side.one_core else "all cores"
    sys.stdout.write(
        f"{workload.name:18} {side.title:36} {cores:10} {taken.cpu:7.2f} s CPU {taken.wall:7.2f} s wall "
        f"{taken.peak_mb:6.0f} MB  {found['off']['merchants']} sums off by up to {found['off']['worst']}\n"
    )
    sys.stdout.flush()


def _keep(name: str, results: dict[str, Any], *, only: list[str]) -> None:
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    earlier = kept.get(name, {}).get("sides", {})
    results["sides"] = earlier | results["sides"] if only else results["sides"]
    RESULTS.write_text(json.dumps(kept | {name: results}, indent=1))


if __name__ == "__main__":
    sys.exit(main())
