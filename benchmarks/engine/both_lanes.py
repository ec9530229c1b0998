"""Send one large file through the Lambda lane and its gzip through the Batch lane: the sums must be equal.

    python -m benchmarks.engine.both_lanes [--scale 13.5] [--limit 7200]

Scale factor 13.5 of TPC-H lineitem is a file of 10 GB. Prints a line for each run; 1 where they differ.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.comparison.workloads import lineitem
from benchmarks.engine.deployed import DeployedStack, deployed_stack

FOLDER = Path("build/both_lanes")
Sums = dict[tuple[str, str], list[Decimal]]


def main() -> int:
    """Run both; the exit code says whether the sums are equal."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", default="13.5")
    parser.add_argument("--limit", type=float, default=7200, help="seconds that a run may take")
    options = parser.parse_args()
    [orders] = lineitem(Path("build/tpch").resolve(), options.scale)
    packed = orders.with_suffix(".csv.gz")
    if not packed.exists():
        with packed.with_suffix(".half").open("wb") as half:
            subprocess.run(["gzip", "-1", "-c", str(orders)], stdout=half, check=True)
        packed.with_suffix(".half").rename(packed)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with deployed_stack(FOLDER.resolve()) as stack:
        once = _sums_after(stack, orders, options.limit)
        twice = _sums_after(stack, packed, options.limit)
    equal = twice == {about: [2 * amount for amount in amounts] for about, amounts in once.items()}
    sys.stdout.write(f"{len(once):,} totals, {'equal' if equal else 'NOT EQUAL'}\n")
    return 0 if equal else 1


def _sums_after(stack: DeployedStack, file: Path, limit_seconds: float) -> Sums:
    """The totals once a file has settled, printing what its run took."""
    before = stack.processes()
    [told], wall = stack.upload([file], limit_seconds)
    after = stack.processes()
    found: dict[str, Any] = {"file": file.name, "gb": round(file.stat().st_size / 1e9, 2)}
    found |= {"run_id": (told["run"] or {}).get("run_id")}
    found |= {name: told[name] for name in ("status", "reason")}
    found |= {"wall_seconds": round(wall), "states": sorted(set(stack.states_entered()))}
    found |= {"cpu_seconds": round(after.cpu - before.cpu), "worker_peak_mb": round(after.worker_peak)}
    found |= {"engine_peak_mb": round(after.engine_peak)}
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    export = FOLDER / "totals.csv"
    stack.export(export)
    with export.open(encoding="utf-8", newline="") as lines:
        return {(row[0], row[1]): [Decimal(cell) for cell in row[2:]] for row in list(csv.reader(lines))[1:]}


if __name__ == "__main__":
    sys.exit(main())
