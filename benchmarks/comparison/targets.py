"""The figures to reach, from the results: each with what was measured, and whether it is reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.comparison.engine_tables import transitions

MOST_PEAK_MB = 1000
MOST_TRANSITIONS, MOST_PUTS = 10, 6
MOST_SECONDS = 600


def figures(results: Mapping[str, Any], engine: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """One row per figure that has been measured."""
    rows = []
    for figure, most, unit, measured in (*_compared(results), *_deployed(engine)):
        verdict = "reached" if measured <= most else "**missed**"
        told = f"{measured:.2f}" if unit == " times" else f"{measured:,.0f}"
        rows.append((figure, f"{most:,g}{unit}", f"{told}{unit}", verdict))
    return rows


def _compared(results: Mapping[str, Any]) -> Iterator[tuple[str, float, str, float]]:
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


def _deployed(engine: Mapping[str, Any]) -> Iterator[tuple[str, float, str, float]]:
    if smallest := engine.get("requests 1 KB"):
        yield "state transitions of a 1 KB file", MOST_TRANSITIONS, "", transitions(smallest)
        yield "S3 PUTs of a 1 KB file", MOST_PUTS, "", smallest["counts"].get("s3 PUT", 0)
    if merchants := engine.get("million_merchants"):
        settled = merchants["settled"] == merchants["files"]
        figure = "a million merchants settled in the engine" + ("" if settled else ", given up after")
        yield figure, MOST_SECONDS, " s", merchants["wall"]
