"""The order files: TPC-H lineitem as it is generated, and made of it small files and odd merchants."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

SMALL_FILES = 1000
MILLION = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Some order files, and what they are."""

    name: str
    title: str
    files: Callable[[Path], list[Path]]


def lineitem(folder: Path, scale: str) -> list[Path]:
    """TPC-H lineitem of a scale factor, generated if it isn't there."""
    orders = folder / f"sf{scale}" / "lineitem.csv"
    if not orders.exists():
        generator = Path(sys.executable).with_name("tpchgen-cli")
        command = [str(generator), "csv", "-s", scale, "--tables=lineitem", f"--output-dir={orders.parent}"]
        subprocess.run(command, check=True)
    return [orders]


def small_files(folder: Path) -> list[Path]:
    """The lines of scale factor 0.2 in 1,000 files, each with the heading."""
    [orders] = lineitem(folder, "0.2")
    files = [folder / "small_files" / f"{number:04d}.csv" for number in range(SMALL_FILES)]
    if not files[-1].exists():
        files[0].parent.mkdir(exist_ok=True)
        heading, *lines = orders.read_bytes().splitlines(keepends=True)
        for number, file in enumerate(files):
            first, end = (len(lines) * n // SMALL_FILES for n in (number, number + 1))
            file.write_bytes(heading + b"".join(lines[first:end]))
    return files


def huge_merchant(folder: Path) -> list[Path]:
    """A million lines of scale factor 1, nine of ten of them of one merchant."""
    return _rewritten(
        folder,
        "huge_merchant",
        "CASE WHEN (l_orderkey * 7 + l_linenumber) % 10 = 0 THEN l_suppkey ELSE 1 END",
    )


def million_merchants(folder: Path) -> list[Path]:
    """A million lines of scale factor 1, each of a merchant of its own."""
    return _rewritten(folder, "million_merchants", "row_number() OVER ()")


def _rewritten(folder: Path, name: str, merchant: str) -> list[Path]:
    [orders] = lineitem(folder, "1")
    file = folder / name / "lineitem.csv"
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        money = "types = {'l_extendedprice': 'DECIMAL(18,2)', 'l_discount': 'DECIMAL(18,2)'}"
        part = file.with_suffix(".part")
        with duckdb.connect() as connection:
            connection.execute(
                f"COPY (SELECT * REPLACE ({merchant} AS l_suppkey) FROM read_csv($orders, {money}) "
                f"LIMIT {MILLION}) TO $part (FORMAT csv, HEADER)",
                {"orders": str(orders), "part": str(part)},
            )
        part.rename(file)
    return [file]


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload(name="sf1", title="TPC-H lineitem, scale factor 1", files=lambda f: lineitem(f, "1")),
        Workload(name="small_files", title="1,000 small files", files=small_files),
        Workload(name="huge_merchant", title="One merchant with 90% of the lines", files=huge_merchant),
        Workload(
            name="million_merchants", title="A million merchants, one line each", files=million_merchants
        ),
        Workload(name="sf10", title="TPC-H lineitem, scale factor 10", files=lambda f: lineitem(f, "10")),
    )
}
