"""Measure the deployed stack in the embedded engine, and count what runs of three sizes ask for.

    python -m benchmarks.engine [--workloads sf1 …] [--limit 600]

The results are kept in build/bench/results.json; `python -m benchmarks.comparison` writes them down.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.comparison.measuring import deviation
from benchmarks.comparison.programs.csv_and_decimal import sums_of
from benchmarks.comparison.workloads import WORKLOADS, lineitem
from benchmarks.engine.deployed import DeployedStack, deployed_stack

RESULTS = Path("build/bench/engine.json")
SIZES = {"1 KB": 1 << 10, "1 MB": 1 << 20, "100 MB": 100 << 20}


def main() -> int:
    """Measure, and keep the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workloads", nargs="*", choices=WORKLOADS, default=["sf1", "million_merchants"])
    parser.add_argument("--limit", type=float, default=600, help="seconds that a workload may take")
    parser.add_argument("--folder", type=Path, default=Path("build/tpch"), help="for the order files")
    options = parser.parse_args()
    folder = options.folder.resolve()
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    with deployed_stack(RESULTS.parent.resolve() / "deployed") as stack:
        for name, size in SIZES.items():
            kept[f"requests {name}"] = _requests(stack, _cut(folder, size))
            RESULTS.write_text(json.dumps(kept, indent=1))
    for name in options.workloads:
        with deployed_stack(RESULTS.parent.resolve() / "deployed") as stack:
            measured = _measured(stack, WORKLOADS[name].files(folder), options.limit)
            kept[name] = {"title": WORKLOADS[name].title} | measured
            RESULTS.write_text(json.dumps(kept, indent=1))
    return 0


def _cut(folder: Path, size: int) -> Path:
    """The first lines of TPC-H lineitem, up to a size."""
    [orders] = lineitem(folder, "1")
    with orders.open("rb") as file:
        text = file.read(size)
    cut = folder / f"first_{size}.csv"
    cut.write_bytes(text[: text.rindex(b"\n") + 1])
    return cut


def _requests(stack: DeployedStack, file: Path) -> dict[str, Any]:
    """What a run of one file asks for, in warm functions but for those that it is the first to call."""
    before = stack.counts()
    [told], wall = stack.upload([file], 600)
    found: dict[str, Any] = {"status": told["status"], "wall": wall, "bytes": file.stat().st_size}
    found["counts"] = dict(stack.counts() - before)
    found["states"] = stack.states_entered()
    sys.stdout.write(f"{file.name}: {json.dumps(found)}\n")
    sys.stdout.flush()
    return found


def _measured(stack: DeployedStack, files: list[Path], limit_seconds: float) -> dict[str, Any]:
    before = stack.processes()
    told, wall = stack.upload(files, limit_seconds)
    after = stack.processes()
    export = RESULTS.parent / "export.csv"
    stack.export(export)
    sums, expected = dict(_exported(export)), sums_of(files)
    found = {
        "settled": sum(bool(one["settled"]) for one in told),
        "succeeded": sum(one["status"] == "SUCCEEDED" for one in told),
        "files": len(files),
        "wall": wall,
        "cpu": after.cpu - before.cpu,
        "engine_peak_mb": after.engine_peak,
        "worker_peak_mb": after.worker_peak,
        "off": asdict(deviation(sums, expected)),
        "merchants": len(sums),
        "counts": dict(stack.counts()),
    }
    sys.stdout.write(f"{json.dumps(found)}\n")
    sys.stdout.flush()
    return found


def _exported(export: Path) -> Iterator[tuple[str, Decimal]]:
    with export.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield row["merchant_id"], Decimal(row["net_sales"])


if __name__ == "__main__":
    sys.exit(main())
