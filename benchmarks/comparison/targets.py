"""The figures to reach, from the results: each with what was measured, and whether it is reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MOST_PEAK_MB = 1000


def reached(results: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """One row per figure whose sides have been measured."""
    rows = []
    for figure, most, unit, measured in _figures(results):
        verdict = "reached" if measured <= most else "**missed**"
        rows.append((figure, f"{most:g}{unit}", f"{measured:.2f}{unit}", verdict))
    return rows


def _figures(results: Mapping[str, Any]) -> Iterator[tuple[str, float, str, float]]:
    sides = results.get("sf1", {}).get("sides", {})
    for figure, most, key, ours, other in (
        ("shard + sales CPU on one core to DuckDB's bare exact sum", 4.5, "cpu", "ours", "duckdb"),
        (
            "the same with units and months to one DuckDB query of the same job",
            2,
            "cpu",
            "ours_full",
            "duckdb_job",
        ),
        ("shard + sales CPU on one core to Python csv + Decimal", 0.5, "cpu", "ours", "decimal"),
        ("wall time on all cores to pandas", 1, "wall", "ours_all", "pandas"),
        ("wall time on all cores to Lithops", 1, "wall", "ours_all", "lithops"),
    ):
        if all("cpu" in sides.get(side, {}) for side in (ours, other)):
            yield figure, most, " times", sides[ours][key] / sides[other][key]
    for name in ("sf1", "sf10", "huge_merchant"):
        if "ours_all" in results.get(name, {}).get("sides", {}):
            peak = results[name]["sides"]["ours_all"]["peak_mb"]
            yield f"peak memory of any worker, {results[name]['title']}", MOST_PEAK_MB, " MB", peak
