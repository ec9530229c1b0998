"""The data files: every number has its unit, source and date, and the code reads all of them."""

from decimal import Decimal
from pathlib import Path

import pytest

from cli.estimate.figures import FOLDER, Figure, FigureError, read_figures, typed
from cli.estimate.limits import AwsLimits, aws_limits, limit_figures
from cli.estimate.prices import price_figures, prices
from cli.estimate.rates import assumed, assumed_figures, measured, measured_figures

ALL = {**price_figures(), **limit_figures(), **measured_figures(), **assumed_figures()}


def test_every_file_is_read_whole_into_its_type() -> None:
    for values, figures in (
        (prices(), price_figures()),
        (aws_limits(), limit_figures()),
        (measured(), measured_figures()),
        (assumed(), assumed_figures()),
    ):
        assert {name: Decimal(str(value)) for name, value in vars(values).items()} == {
            name: figure.value for name, figure in figures.items()
        }


def test_every_figure_says_what_it_counts_where_it_is_from_and_of_when() -> None:
    for figure in ALL.values():
        assert figure.value > 0, figure
        assert figure.unit, figure
        assert figure.source, figure
        assert len(figure.date) == len("2026-11"), figure


def test_what_was_measured_says_how_and_on_which_processor_and_what_was_assumed_says_so() -> None:
    assert all(figure.how for figure in measured_figures().values())
    assert len({figure.source for figure in measured_figures().values()}) == 1
    assert all(figure.second_hand for figure in assumed_figures().values())


def test_prices_are_exact() -> None:
    assert prices().lambda_gb_second_arm64 == Decimal("0.0000133334")
    assert prices().step_functions_transition * 1000 == Decimal("0.025")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- 1", "expected figures by name"),
        ("a: {value: '1', unit: x, source: y}", "a needs value, unit, source and date"),
        ("a: {value: '1', unit: x, source: y, date: 2026-11, sorce: z}", "a needs value"),
        ("a: {value: 0.1, unit: x, source: y, date: 2026-11}", "the value of a has to be in quotes"),
    ],
)
def test_a_wrong_file_is_an_error_that_names_the_figure(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "figures.yaml").write_text(text)
    with pytest.raises(FigureError, match=told):
        read_figures(tmp_path / "figures.yaml")


def test_a_figure_too_many_too_few_or_of_the_wrong_kind_is_an_error() -> None:
    figures = limit_figures()
    one = Figure(name="lambda_seconds", value=Decimal("0.5"), unit="", source="", date="")
    with pytest.raises(FigureError, match="surplus"):
        typed(AwsLimits, figures | {"surplus": one})
    with pytest.raises(FigureError, match="map_items"):
        typed(AwsLimits, {name: figure for name, figure in figures.items() if name != "map_items"})
    with pytest.raises(FigureError, match=r"lambda_seconds is 0\.5: expected a whole number"):
        typed(AwsLimits, figures | {"lambda_seconds": one})


def test_the_files_are_where_the_code_is() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.yaml")) == [
        "assumed.yaml", "limits.yaml", "measured.yaml", "prices.yaml", "samples.yaml",
    ]  # fmt: skip
