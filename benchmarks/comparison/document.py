"""The tables of docs/benchmarks.md, written between its marks."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.comparison.engine_tables import deployed_table, requests_table
from benchmarks.comparison.targets import figures
from benchmarks.rates.__main__ import machine
from cli.estimate.document.marks import markdown, written

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
HEADINGS = ("side", "cores", ">CPU s", ">wall s", ">peak MB", "exact")


def write_document(folder: Path) -> None:
    """Replace what stands between the marks, by the results that are kept in a folder."""
    results, engine = _read(folder / "results.json"), _read(folder / "engine.json")
    cores = len(os.sched_getaffinity(0))
    tables = {
        "machine": f"{machine()}, {cores} cores.",
        "figures": markdown(("figure", ">at most", ">measured", ""), figures(results, engine)),
        "requests": requests_table(engine),
        "deployed": deployed_table(engine),
        "comparison": "\n\n".join(_section(one) for one in results.values()),
    }
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8"), tables), encoding="utf-8")


def _read(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text()) if file.exists() else {}


def _section(workload: Mapping[str, Any]) -> str:
    files = f"{workload['files']:,} file{'s' if workload['files'] > 1 else ''}"
    runs = f"medians of {workload['repeats']} runs" if workload["repeats"] > 1 else "one run"
    told = f"{files}, {workload['megabytes']:,.0f} MB; {runs}, {workload['date']}."
    rows = [_row(side, workload) for side in workload["sides"].values()]
    return f"### {workload['title']}\n\n{told}\n\n{markdown(HEADINGS, rows)}"


def _row(side: Mapping[str, Any], workload: Mapping[str, Any]) -> tuple[str, ...]:
    if "failed" in side:
        return side["title"], "", "", "", "", f"failed: {side['failed']}"
    cores = "one" if side["one_core"] else "all"
    peak = f"{side['peak_mb']:,.0f}"
    return side["title"], cores, f"{side['cpu']:.1f}", f"{side['wall']:.1f}", peak, _exact(side, workload)


def _exact(side: Mapping[str, Any], workload: Mapping[str, Any]) -> str:
    if side["title"] == workload["reference"]:
        return "the others are compared with it"
    off = side["off"]
    if not off["merchants"]:
        return "exact"
    return (
        f"no: {off['merchants']:,} of {side['merchants']:,} merchants are off, "
        f"by up to {off['worst']}, together by {off['total']}"
    )
