"""Measure the rates that `merchant-sales estimate` reckons with, on one processor core of this computer.

    python -m benchmarks.rates [--write] [--folder build/tpch]

Prints them; with --write they replace cli/estimate/measured.yaml, and the items of the sample orders
cli/estimate/samples.yaml. Takes about two minutes.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import yaml

from benchmarks.rates import indexing, requests, sample_items, sharding
from benchmarks.rates.rate import Rate
from cli.estimate.figures import FOLDER

SCALE = "0.2"  # of TPC-H: 1.2 million lines, 151 MB
HEADING = """\
# Written by `python -m benchmarks.rates --write`; don't edit.
# Processor seconds (user and system) are those of one core of the processor that is named; another one
# needs another time. `merchant-sales estimate --processor-factor` multiplies them.
"""
ITEMS = "# Written by `python -m benchmarks.rates --write`; don't edit. Items of the sample orders.\n"


def main() -> int:
    """Measure and print, or write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="replace the files in cli/estimate")
    parser.add_argument("--folder", type=Path, default=Path("build/tpch"), help="for the data")
    options = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    orders = _lineitem(options.folder)
    measured = HEADING + _yaml(
        [*sharding.rates(orders), *indexing.rates(), *requests.rates()], source=f"{machine()}, {_load()}"
    )
    items = ITEMS + _yaml(sample_items.rates(), source="samples/, sharded and committed by the real code")
    if options.write:
        (FOLDER / "measured.yaml").write_text(measured, encoding="utf-8")
        (FOLDER / "samples.yaml").write_text(items, encoding="utf-8")
    sys.stdout.write(measured + items)
    return 0


def machine() -> str:
    """The processor, and what ran on it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    found = {line.split(":")[0].strip(): line.split(":", 1)[1].strip() for line in lines if ":" in line}
    family = f"family {found.get('cpu family', '?')} model {found.get('model', '?')}"
    return (
        f"{found.get('model name', platform.machine())} ({family}), "
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    )


def _load() -> str:
    """How busy the machine is: whatever else runs makes the rates larger."""
    return f"load {os.getloadavg()[1]:.0f} on {os.cpu_count()} cores"


def _lineitem(folder: Path) -> Path:
    orders = folder / f"sf{SCALE}" / "lineitem.csv"
    if not orders.exists():
        generator = Path(sys.executable).with_name("tpchgen-cli")
        command = [str(generator), "csv", "-s", SCALE, "--tables=lineitem", f"--output-dir={orders.parent}"]
        subprocess.run(command, check=True)
    return orders


def _yaml(rates: Iterable[Rate], *, source: str) -> str:
    date = datetime.now(UTC).strftime("%Y-%m")
    figures = {
        rate.name: {
            "value": f"{float(f'{rate.value:.3g}'):.7f}".rstrip("0").rstrip("."),
            "unit": rate.unit,
            "source": source,
            "date": date,
            "how": rate.how,
        }
        for rate in rates
    }
    return yaml.safe_dump(figures, sort_keys=False, allow_unicode=True, width=106)


if __name__ == "__main__":
    sys.exit(main())
