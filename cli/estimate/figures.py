"""Figures: numbers that the estimate rests on, each with its unit, its source and its date."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import yaml

FOLDER = Path(__file__).parent
NEEDED, OPTIONAL = {"value", "unit", "source", "date"}, {"how", "second_hand"}

Typed = TypeVar("Typed")


class FigureError(Exception):
    """A data file of the estimate is wrong: the sentence names the file, the figure and what was expected."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number; `second_hand` says that it was remembered or told by others, not read from its source."""

    name: str
    value: Decimal
    unit: str
    source: str
    date: str
    how: str = ""
    second_hand: bool = False


def read_figures(path: Path) -> dict[str, Figure]:
    """The figures of a data file, by name; raises FigureError."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise FigureError(f"{path.name}: expected figures by name")
    return {name: _figure(path.name, name, values) for name, values in content.items()}


def typed(kind: type[Typed], figures: Mapping[str, Figure]) -> Typed:
    """The figures as a dataclass whose fields are exactly their names; raises FigureError."""
    hints = typing.get_type_hints(kind)
    wanted = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    if wanted != figures.keys():
        raise FigureError(
            f"{kind.__name__}: {', '.join(sorted(wanted ^ figures.keys()))} is on one side only"
        )
    return kind(**{name: _as(hints[name], figure) for name, figure in figures.items()})


def _as(kind: Any, figure: Figure) -> Any:
    if kind is int and figure.value != figure.value.to_integral_value():
        raise FigureError(f"{figure.name} is {figure.value}: expected a whole number")
    return kind(figure.value)


def _figure(file: str, name: str, values: Any) -> Figure:
    if not isinstance(values, dict) or not NEEDED <= values.keys() <= NEEDED | OPTIONAL:
        raise FigureError(f"{file}: {name} needs value, unit, source and date, and may have how, second_hand")
    if not isinstance(values["value"], str):  # YAML would make a float of it
        raise FigureError(f"{file}: the value of {name} has to be in quotes")
    return Figure(
        name=name,
        value=Decimal(values["value"].replace("_", "")),
        unit=str(values["unit"]),
        source=str(values["source"]),
        date=str(values["date"]),
        how=str(values.get("how", "")),
        second_hand=bool(values.get("second_hand", False)),
    )
