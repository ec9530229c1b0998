"""The sides: which program, of which environment, on how many processor cores."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
BENCH_PYTHON = ROOT / ".bench-venv" / "bin" / "python"
PROGRAMS = "benchmarks.comparison.programs"


@dataclass(frozen=True, kw_only=True)
class Side:
    """One way to get the sums; `one_core` binds it to one processor core."""

    name: str
    title: str
    program: str
    one_core: bool = False
    python: Path = Path(sys.executable)
    variables: Mapping[str, str] = field(default_factory=dict)

    def command(self, out: Path, files: list[Path]) -> list[str]:
        """The command line."""
        return [str(self.python), "-m", f"{PROGRAMS}.{self.program}", str(out), *map(str, files)]


OURS = Side(name="ours", title="this system, shard + sales", program="in_process", one_core=True)
OURS_FULL = Side(
    name="ours_full",
    title="this system, with units and months",
    program="in_process",
    one_core=True,
    variables={"FULL_FORMAT": "1"},
)
BARE = Side(name="duckdb", title="DuckDB, bare exact sum", program="duckdb_bare_sum", one_core=True)
SAME_JOB = Side(
    name="duckdb_job", title="DuckDB, one query, same job", program="duckdb_same_job", one_core=True
)
DECIMAL = Side(name="decimal", title="Python csv + Decimal", program="csv_and_decimal", one_core=True)
OURS_ALL = Side(name="ours_all", title="this system, shard + sales", program="in_process")
DUCKDB_ALL = Side(name="duckdb_all", title="DuckDB, bare exact sum", program="duckdb_bare_sum")
POLARS = Side(name="polars", title="Polars, floats", program="polars_floats", python=BENCH_PYTHON)
POLARS_EXACT = Side(
    name="polars_exact", title="Polars, decimals", program="polars_decimals", python=BENCH_PYTHON
)
PANDAS = Side(name="pandas", title="pandas, floats", program="pandas_floats", python=BENCH_PYTHON)
LITHOPS = Side(
    name="lithops",
    title="Lithops localhost, csv + Decimal",
    program="lithops_map_reduce",
    python=BENCH_PYTHON,
    variables={"PYTHONPATH": str(ROOT)},  # its workers start elsewhere
)

# The expected sums first. In this order, so that the two sides of a ratio run next to each other.
SIDES = (
    DECIMAL,
    OURS,
    BARE,
    OURS_FULL,
    SAME_JOB,
    OURS_ALL,
    DUCKDB_ALL,
    POLARS,
    POLARS_EXACT,
    PANDAS,
    LITHOPS,
)
LARGE = (DUCKDB_ALL, OURS_ALL)
"""Of scale factor 10, where the others take too long or too much memory."""
ODD = (DECIMAL, OURS, BARE, OURS_ALL, POLARS, PANDAS)
"""Of the other workloads, which are about what this system makes of them."""


def sides_of(workload: str) -> tuple[Side, ...]:
    """The sides that run over a workload; the others are compared with the first."""
    return {"sf1": SIDES, "sf10": LARGE}.get(workload, ODD)
