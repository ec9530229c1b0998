"""The tables of docs/cost.md that show the data files: every figure with its unit, source and date."""

from __future__ import annotations

from collections.abc import Mapping

from cli.estimate.document.marks import markdown
from cli.estimate.figures import FOLDER, Figure, read_figures
from cli.estimate.limits import limit_figures
from cli.estimate.prices import price_figures
from cli.estimate.rates import assumed_figures, measured_figures


def figure_tables() -> dict[str, str]:
    """One table for each data file."""
    return {
        "processor": _processor(),
        "measured": _measured(measured_figures()),
        "samples": _measured(read_figures(FOLDER / "samples.yaml")),
        "assumed": _sourced(assumed_figures()),
        "prices": _sourced(price_figures()),
        "limits": _sourced(limit_figures()),
    }


def _processor() -> str:
    [source] = {figure.source for figure in measured_figures().values()}
    [date] = {figure.date for figure in measured_figures().values()}
    return f"Measured {date} on {source}."


def _measured(figures: Mapping[str, Figure]) -> str:
    rows = [(f"{figure.value:f}", figure.unit, figure.how) for figure in figures.values()]
    return markdown((">value", "unit", "how"), rows)


def _sourced(figures: Mapping[str, Figure]) -> str:
    rows = [
        (f"{figure.value:f}", figure.unit, figure.source, figure.date, "yes" if figure.second_hand else "")
        for figure in figures.values()
    ]
    return markdown((">value", "unit", "source", "date", "second-hand"), rows)
