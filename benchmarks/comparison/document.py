"""The tables of docs/benchmarks.md, written between its marks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.comparison.targets import reached
from benchmarks.rates.__main__ import processor
from cli.estimate.document.marks import markdown, written

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
HEADINGS = ("side", "cores", ">CPU s", ">wall s", ">peak MB", "exact")


def write_document(results: Mapping[str, Any]) -> None:
    """Replace what stands between the marks."""
    tables = {
        "machine": processor(),
        "targets": markdown(("figure", ">target", ">measured", ""), reached(results)),
        "comparison": "\n\n".join(_section(one) for one in results.values()),
    }
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8"), tables), encoding="utf-8")


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
