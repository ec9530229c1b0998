"""Sharding plus sales of TPC-H lineitem in one process, against DuckDB's own exact sum over the same file.

    python -m benchmarks.shard_and_sales [--scale 1] [--partitions 12] [--threads 2] [--folder build/tpch]

Prints CPU seconds (user and system), wall seconds, their ratio and the peak memory, and fails where the
sums differ or a target is missed (7 times the CPU of the bare sum; 1.5 GB).
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import duckdb

from lambdas.domain.database import connect, quoted
from lambdas.domain.order_format import parse_order_format
from lambdas.domain.partitions import hash_ranges
from lambdas.domain.sales import compute_sales, read_results
from lambdas.domain.shards import ShardedOrders, shard_orders

FORMAT = """
prefix: tpch/
columns:
  merchant_id: l_suppkey
  order_id: l_orderkey
  line_id: l_linenumber
  amount: l_extendedprice * (1 - l_discount)
"""
MOST_TIMES_THE_SUM = 7
MOST_MEMORY_BYTES = 1_500_000_000

Result = TypeVar("Result")


@dataclass(frozen=True)
class Step:
    """What one step took, in seconds, and the peak memory of the process after it, in bytes."""

    name: str
    cpu: float
    wall: float
    peak_memory: int


def main() -> int:
    """Run the benchmark; the exit code says whether the targets are met."""
    options = _options()
    orders = _lineitem(options.folder, options.scale)
    steps: list[Step] = []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        scratch = Path(folder)
        # The pipeline first: the peak memory of the process only ever rises.
        with connect(scratch, memory_bytes=options.memory, threads=options.threads) as connection:
            sharded = _timed(
                steps, "sharding", lambda: _shard(orders, options.partitions, scratch, connection)
            )
            net_sales = _timed(steps, "sales", lambda: _sales(sharded, scratch, connection))
    bare = _timed(steps, "bare exact sum", lambda: _bare_sum(orders, options.threads))
    return _report(steps, orders, net_sales, bare)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", default="1", help="TPC-H scale factor: 1 is 6 million lines, 766 MB")
    parser.add_argument("--partitions", type=int, default=12)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", type=int, default=800_000_000, help="DuckDB's memory limit in bytes")
    parser.add_argument("--folder", type=Path, default=Path("build/tpch"), help="for the data and scratch")
    return parser.parse_args()


def _lineitem(folder: Path, scale: str) -> Path:
    orders = folder / f"sf{scale}" / "lineitem.csv"
    if not orders.exists():
        generator = Path(sys.executable).with_name("tpchgen-cli")
        command = [str(generator), "csv", "-s", scale, "--tables=lineitem", f"--output-dir={orders.parent}"]
        subprocess.run(command, check=True)
    return orders


def _shard(
    orders: Path, partitions: int, scratch: Path, connection: duckdb.DuckDBPyConnection
) -> ShardedOrders:
    with orders.open("rb") as file:
        return shard_orders(
            orders=file,
            key="tpch/lineitem.csv",
            order_format=parse_order_format(FORMAT, "tpch.yaml"),
            ranges=hash_ranges(partitions),
            scratch=scratch,
            connection=connection,
        )


def _sales(
    sharded: ShardedOrders, scratch: Path, connection: duckdb.DuckDBPyConnection
) -> dict[str, Decimal]:
    net_sales: dict[str, Decimal] = {}
    frame, results = scratch / "one.parquet", scratch / "results.parquet"
    with sharded.shard_object.open("rb") as file:
        for place in sharded.index.frames:
            if place:
                file.seek(place[0])
                frame.write_bytes(file.read(place[1]))
            compute_sales(frames=[frame] if place else [], results=results, connection=connection)
            _, contributions = read_results(results, connection)
            net_sales |= {c.about.merchant_id: c.amounts.net_sales for c in contributions}
    return net_sales


def _bare_sum(orders: Path, threads: int) -> dict[str, Decimal]:
    decimals = "{'l_extendedprice': 'DECIMAL(18,4)', 'l_discount': 'DECIMAL(18,4)', 'l_suppkey': 'INTEGER'}"
    with duckdb.connect(config={"threads": threads}) as connection:
        rows = connection.execute(
            "SELECT l_suppkey, sum(l_extendedprice * (1 - l_discount)) "
            f"FROM read_csv({quoted(str(orders))}, types={decimals}) GROUP BY 1"
        ).fetchall()
    return {str(merchant): amount for merchant, amount in rows}


def _timed(steps: list[Step], name: str, work: Callable[[], Result]) -> Result:
    cpu, wall = _cpu_seconds(), time.perf_counter()
    result = work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    steps.append(Step(name, _cpu_seconds() - cpu, time.perf_counter() - wall, peak))
    return result


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _report(steps: list[Step], orders: Path, net_sales: dict[str, Decimal], bare: dict[str, Decimal]) -> int:
    sharding, sales, bare_sum = steps
    ratio = (sharding.cpu + sales.cpu) / bare_sum.cpu
    lines = [
        f"{orders.name}: {orders.stat().st_size / 1e6:.0f} MB",
        "step              CPU s   wall s   peak MB",
    ]
    lines += [f"{s.name:16} {s.cpu:6.2f}   {s.wall:6.2f}   {s.peak_memory / 1e6:7.0f}" for s in steps]
    lines.append(
        f"sharding and sales take {ratio:.1f} times the CPU of the bare sum (at most {MOST_TIMES_THE_SUM})"
    )
    same = net_sales == bare
    lines.append(f"sums of {len(bare)} merchants {'agree exactly' if same else 'DIFFER'}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if same and ratio <= MOST_TIMES_THE_SUM and sales.peak_memory <= MOST_MEMORY_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
