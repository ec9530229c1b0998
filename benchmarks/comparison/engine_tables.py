"""The tables about the deployed stack in the embedded engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from cli.estimate.document.marks import markdown

CALL = "call "
TASKS = {"PlanRun", "ShardOrders", "IndexShards", "SettleRun"}
"""The states that call a function themselves; every other call is that of a map's item."""


def requests_table(engine: Mapping[str, Any]) -> str:
    """What runs of three sizes ask for: a column per size."""
    runs = {
        name.removeprefix("requests "): run for name, run in engine.items() if name.startswith("requests ")
    }
    counted = {size: _counted(run) for size, run in runs.items()}
    names = list(dict.fromkeys(name for counts in counted.values() for name in counts))
    rows = [(name, *(f"{counts[name]:,}" for counts in counted.values())) for name in names]
    return markdown(("", *(f">{size}" for size in runs)), rows)


def transitions(run: Mapping[str, Any]) -> int:
    """States entered; the engine's history leaves those of a map's items out, one for each of their calls."""
    return len(run["states"]) + _calls(run) - sum(state in TASKS for state in run["states"])


def _calls(run: Mapping[str, Any]) -> int:
    return sum(number for name, number in run["counts"].items() if name.startswith(CALL))


def _counted(run: Mapping[str, Any]) -> Counter[str]:
    counts = Counter({"state transitions": transitions(run)})
    counts["Lambda calls"] = _calls(run)
    for name in sorted(run["counts"], reverse=True):
        if not name.startswith(CALL):
            service, operation = name.split(" ")
            counts[f"{ {'s3': 'S3', 'dynamodb': 'DynamoDB'}.get(service, service) } {operation}"] = run[
                "counts"
            ][name]
    return counts


def deployed_table(engine: Mapping[str, Any]) -> str:
    """Upload to settled."""
    headings = (
        "files",
        ">settled",
        ">wall s",
        ">CPU s",
        ">peak MB of a function",
        ">of the engine",
        "exact",
    )
    rows = []
    for name, run in engine.items():
        if "wall" not in run or "cpu" not in run:
            continue
        off = run["off"]["merchants"]
        exact = "exact" if not off else f"{off:,} merchants are not counted yet, or off"
        rows.append(
            (
                run.get("title", name),
                f"{run['settled']:,} of {run['files']:,}",
                f"{run['wall']:,.0f}",
                f"{run['cpu']:,.0f}",
                f"{run['worker_peak_mb']:,.0f}",
                f"{run['engine_peak_mb']:,.0f}",
                exact,
            )
        )
    return markdown(headings, rows)
