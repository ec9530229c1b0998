"""Lithops' localhost executor: a map over byte ranges, Python's csv and Decimal in it, and a reduce.

A range begins after the first line end at or past its first byte: right for these files, whose quotes hold
no line ends; nothing proves it.
"""

from __future__ import annotations

import csv
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import lithops

from benchmarks.comparison.programs.csv_and_decimal import add_rows
from benchmarks.comparison.programs.output import given, write_sums

RANGE_BYTES = 128 << 20


def main() -> None:
    """Run it with a worker per processor."""
    out, files = given()
    ranges = [
        {"path": str(file), "start": start, "end": min(start + RANGE_BYTES, file.stat().st_size)}
        for file in files
        for start in range(0, file.stat().st_size, RANGE_BYTES)
    ]
    config = {
        "lithops": {"backend": "localhost", "storage": "localhost", "monitoring_interval": 1},
        "localhost": {"worker_processes": len(os.sched_getaffinity(0))},
    }
    executor = lithops.FunctionExecutor(config=config, runtime=sys.executable, log_level="WARNING")
    executor.map_reduce(sums_of_range, ranges, added_up, spawn_reducer=100)
    write_sums(out, executor.get_result())


def sums_of_range(path: str, start: int, end: int) -> dict[str, Decimal]:
    """The sums of the lines that begin in a range."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    with Path(path).open("rb") as file:
        heading = file.readline()
        if start:
            file.seek(start - 1)
            file.readline()

        def lines() -> Iterator[str]:
            yield heading.decode()
            while file.tell() < end and (line := file.readline()):
                yield line.decode()

        add_rows(csv.reader(lines()), sums)
    return dict(sums)


def added_up(results: list[dict[str, Decimal]]) -> dict[str, Decimal]:
    """The sums of all ranges."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for part in results:
        for merchant, amount in part.items():
            sums[merchant] += amount
    return dict(sums)


if __name__ == "__main__":
    main()
