"""Metrics: a line of the log in CloudWatch's embedded format."""

from __future__ import annotations

from collections.abc import Mapping

from aws_lambda_powertools.metrics import Metrics as PowertoolsMetrics
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from lambdas.domain.currencies import CODES
from lambdas.domain.measures import Measure
from lambdas.domain.money import Money


class Metrics:
    """Puts measures into the namespace of the environment, with the service as the one dimension."""

    def __init__(self) -> None:
        """Read namespace and service from the variables of Powertools."""
        self._powertools = PowertoolsMetrics()

    def put(self, measures: Mapping[Measure, float]) -> None:
        """Put them all in one line."""
        if not measures:
            return
        for measure, value in measures.items():
            self._powertools.add_metric(name=measure.value, unit=measure.unit, value=value)
        self._powertools.flush_metrics()

    def put_money(self, money: Money) -> None:
        """Put what a run counted, a line for each currency; metrics are doubles: to look at only.

        Files may have any three letters for a currency, and each value of a dimension is a metric that costs:
        so only the codes of ISO 4217 get one.
        """
        for currency, amount in money.items():
            if currency not in CODES:
                continue
            name, unit = Measure.MONEY_COUNTED.value, MetricUnit.NoUnit
            with single_metric(name=name, unit=unit, value=float(amount)) as metric:
                metric.add_dimension(name="service", value=self._powertools.service or "")
                metric.add_dimension(name="currency", value=currency)
