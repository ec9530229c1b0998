"""`make bench-kinds`: 5 million lines of every kind of file, next to DuckDB reading the same file.

    python -m benchmarks.kinds [--lines 5000000] [--runs 3] [--folder build/kinds]

Prints CPU seconds (the median of the runs, the sides taking turns, each in a process of its own on one core),
their ratio, and the peak memory; fails where sums differ, a ratio is above 4, or memory above 1.5 GB.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.comparison.measuring import Taken, measure, sums_in
from benchmarks.comparison.sides import Side
from benchmarks.kinds.orders import order_files

MOST_TIMES_DUCKDB, MOST_MEMORY_MB = 4, 1500


class Program(Side):
    """A program of this folder."""

    def command(self, out: Path, files: list[Path]) -> list[str]:
        """The command line; a word after the program's name is an option of it."""
        name, *options = self.program.split()
        return [str(self.python), "-m", f"benchmarks.kinds.{name}", str(out), *options, *map(str, files)]


OURS = Program(name="ours", title="read, check, sum", program="read_and_sum", one_core=True)
SHARD = Program(name="shard", title="shard", program="read_and_sum --shard", one_core=True)
DUCKDB = Program(name="duckdb", title="DuckDB", program="duckdb_sum", one_core=True)


def main() -> int:
    """Run the benchmark; the exit code says whether the targets are met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("build/kinds"))
    options = parser.parse_args()
    sys.stdout.write(f"{options.lines:,} lines; CPU seconds, median of {options.runs}; peak MB\n")
    sys.stdout.write(f"{'file':16}{'DuckDB':>9}{'ours':>9}{'ratio':>7}{'peak':>7}{'shard':>9}{'peak':>7}\n")
    reached = [row for file in order_files(options.folder, options.lines) for row in _row(file, options.runs)]
    return 0 if all(reached) else 1


def _row(file: Path, runs: int) -> Iterator[bool]:
    taken: dict[str, list[Taken]] = {side.name: [] for side in (DUCKDB, OURS, SHARD)}
    out = {
        side.name: file.with_name(f"{side.name}-{os.getpid()}.json").resolve()
        for side in (DUCKDB, OURS, SHARD)
    }
    for _ in range(runs):
        for side in (DUCKDB, OURS, SHARD):
            taken[side.name].append(measure(side, [file.resolve()], out[side.name]))
    same = sums_in(out["ours"]) == sums_in(out["duckdb"])
    for path in out.values():
        path.unlink(missing_ok=True)
    cpu = {name: median(one.cpu for one in times) for name, times in taken.items()}
    peak = {name: max(one.peak_mb for one in times) for name, times in taken.items()}
    ratio = cpu["ours"] / cpu["duckdb"]
    sys.stdout.write(
        f"{file.name:16}{cpu['duckdb']:9.2f}{cpu['ours']:9.2f}{ratio:7.1f}{peak['ours']:7.0f}"
        f"{cpu['shard']:9.2f}{peak['shard']:7.0f}{'' if same else '   SUMS DIFFER'}\n"
    )
    sys.stdout.flush()
    yield same and ratio <= MOST_TIMES_DUCKDB and max(peak["ours"], peak["shard"]) <= MOST_MEMORY_MB


if __name__ == "__main__":
    sys.exit(main())
