"""An estimate as people and programs read it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from rich.table import Table

from cli.estimate.alternatives import Alternative, alternatives
from cli.estimate.bill import Line, total
from cli.estimate.estimation import Estimate
from cli.estimate.rates import measured_figures
from cli.estimate.warnings import warnings
from cli.estimate.wording import count, dollars, duration, size
from cli.printing import table

PER_MONTH = "kept for a month"
NOT_TOLD = ("units", "order_format")
"""Of a load: what the bill tells, and a whole order format."""


def estimate_report(estimate: Estimate) -> list[Table | str]:
    """Cost line by line, time stage by stage, alternatives, and what to mind."""
    parts: list[Table | str] = [shape_sentence(estimate), _costs(estimate), _times(estimate)]
    rows = [(a.name, _cost(a), _time(a), a.lacks) for a in alternatives(estimate)]
    parts.append(table("instead", ">cost", ">time", "~but", rows=rows, title="What else one could use"))
    parts += [f"Mind: {warning}" for warning in warnings(estimate)]
    return [*parts, *remarks(estimate)]


def shape_sentence(estimate: Estimate) -> str:
    """What is processed, and how it is cut."""
    load, shape = estimate.load, estimate.shape
    files = "One file" if load.files == 1 else f"{count(load.files)} files, each"
    splits, partitions = _plural(shape.splits, "split"), _plural(shape.partitions, "partition")
    each = ", a sales worker for each merchant" if shape.by_merchant else ""
    held = f"{size(load.delivered_bytes)}, {count(load.lines)} lines, {count(load.merchants)} merchants"
    return f"{files} of {held}: lane {shape.lane.value}, {splits}, {partitions}{each}"


def remarks(estimate: Estimate) -> list[str]:
    """What the numbers rest on."""
    source = next(iter(measured_figures().values())).source
    factor = estimate.place.processor_factor
    return [
        f"Rates: measured on {source}, taken times {factor:g} (--processor-factor); latencies are assumed.",
        f"Times: {estimate.forecast.repeats} simulated runs.",
        "Prices: us-east-1, without free tiers. All numbers with their sources: docs/cost.md.",
    ]


def estimate_to_json(estimate: Estimate) -> dict[str, Any]:
    """Dollars are texts with 9 decimals, times are seconds."""
    load, forecast = estimate.load, estimate.forecast
    return {
        "load": {name: value for name, value in vars(load).items() if name not in NOT_TOLD},
        "shape": dataclasses.asdict(estimate.shape) | {"lane": estimate.shape.lane.value},
        "cost": {"total": _nine(estimate.cost), "lines": [_line_to_json(line) for line in estimate.lines]},
        "kept_per_month": [_line_to_json(line) for line in estimate.bill.kept()],
        "seconds": _spread(forecast.seconds),
        "stages": {name: _spread(ends) for name, ends in forecast.stages.items()},
        "simulated": {
            "repeats": forecast.repeats,
            "failed_share": forecast.failed_share,
            "retries": forecast.retries,
            "calls_at_once": forecast.most_at_once,
        },
        "alternatives": [
            dataclasses.asdict(one) | {"cost": _nine(one.cost)} for one in alternatives(estimate)
        ],
        "warnings": warnings(estimate),
        "settings": dataclasses.asdict(estimate.settings),
        "place": dataclasses.asdict(estimate.place),
    }


def quantity(line: Line) -> str:
    """A line's quantity with its unit."""
    return f"{count(float(line.quantity)) if line.quantity >= 1 else f'{line.quantity:.2g}'} {line.unit}"


def _costs(estimate: Estimate) -> Table:
    kept = estimate.bill.kept()
    rows = [
        *_rows(estimate.lines),
        ("", "in all", "", dollars(estimate.cost)),
        *_rows(kept),
        ("", PER_MONTH, "", dollars(total(kept))),
    ]
    return table("service", "what", ">quantity", ">cost", rows=rows, title="Cost")


def _rows(lines: Iterable[Line]) -> list[tuple[str, ...]]:
    return [(line.service, line.what, quantity(line), dollars(line.cost)) for line in lines]


def _times(estimate: Estimate) -> Table:
    forecast = estimate.forecast
    rows = [(name, duration(ends.median), duration(ends.p95)) for name, ends in forecast.stages.items()]
    return table("stage", ">median", ">95th percentile", rows=rows, title="Time until each stage has ended")


def _cost(alternative: Alternative) -> str:
    return ("at least " if alternative.least else "") + dollars(alternative.cost)


def _time(alternative: Alternative) -> str:
    if alternative.seconds is None:
        return "not modelled"
    return ("at least " if alternative.least else "") + duration(alternative.seconds)


def _line_to_json(line: Line) -> dict[str, str]:
    return {
        "service": line.service,
        "what": line.what,
        "quantity": f"{line.quantity.normalize():f}",
        "unit": line.unit,
        "cost": _nine(line.cost),
    }


def _spread(spread: Any) -> dict[str, float]:
    return {"median": round(spread.median, 3), "p95": round(spread.p95, 3)}


def _nine(cost: Decimal) -> str:
    return f"{cost:.9f}"


def _plural(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
