"""Draw docs/benchmarks.svg from the results of `python -m benchmarks.comparison`; needs .bench-venv."""

from __future__ import annotations

import json
from pathlib import Path

from matplotlib.figure import Figure

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "build" / "bench" / "results.json"
CHART = ROOT / "docs" / "benchmarks.svg"
WORKLOADS = ("sf1", "huge_merchant", "million_merchants", "small_files")


def main() -> None:
    """CPU seconds of every side, a panel per workload."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    shown = [results[name] for name in WORKLOADS if name in results]
    figure = Figure(figsize=(9, 3.2 * len(shown)), layout="constrained")
    for place, workload in enumerate(shown, start=1):
        sides = [side for side in workload["sides"].values() if "cpu" in side]
        names = [f"{side['title']}, {'one core' if side['one_core'] else 'all cores'}" for side in sides]
        axes = figure.add_subplot(len(shown), 1, place)
        colors = ["#1f6f8b" if side["title"].startswith("this system") else "#b8c4cc" for side in sides]
        bars = axes.barh(names[::-1], [side["cpu"] for side in sides][::-1], color=colors[::-1])
        axes.bar_label(bars, fmt="%.1f", padding=3)
        axes.set_title(f"{workload['title']}, {workload['megabytes']:,.0f} MB: CPU seconds", fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(CHART, metadata={"Date": None})


if __name__ == "__main__":
    main()
