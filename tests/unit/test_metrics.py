"""Metrics are lines of the log in CloudWatch's embedded format."""

import json
from decimal import Decimal

import pytest

from lambdas.adapters.metrics import Metrics
from lambdas.domain.measures import Measure


@pytest.fixture
def metrics(monkeypatch: pytest.MonkeyPatch) -> Metrics:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "MerchantSales")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "merchant-sales")
    return Metrics()


def test_measures_have_the_service_as_their_one_dimension(
    metrics: Metrics, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics.put({})
    metrics.put({Measure.LINES_READ: 3, Measure.REJECTED_PERCENT: 0.5})
    [line] = map(json.loads, capsys.readouterr().out.splitlines())
    [described] = line["_aws"]["CloudWatchMetrics"]
    assert (described["Namespace"], described["Dimensions"]) == ("MerchantSales", [["service"]])
    assert {one["Name"]: one["Unit"] for one in described["Metrics"]} == {
        "LinesRead": "Count",
        "RejectedPercent": "Percent",
    }
    assert (line["LinesRead"], line["RejectedPercent"]) == ([3], [0.5])


def test_money_has_the_currency_as_a_dimension(metrics: Metrics, capsys: pytest.CaptureFixture[str]) -> None:
    made_up = {"ZZZ": Decimal(1), "QQQ": Decimal(2)}  # each would be a metric, and cost
    metrics.put_money({"USD": Decimal("12.5000"), "EUR": Decimal("-0.0100"), **made_up})
    lines = list(map(json.loads, capsys.readouterr().out.splitlines()))
    assert {line["currency"]: line["MoneyCounted"] for line in lines} == {"USD": [12.5], "EUR": [-0.01]}
    for line in lines:
        [described] = line["_aws"]["CloudWatchMetrics"]
        assert [sorted(names) for names in described["Dimensions"]] == [["currency", "service"]]
        assert described["Namespace"] == "MerchantSales"
