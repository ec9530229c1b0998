"""Accepts alarms on metric math, for which the engine refuses the whole stack.

The alarm watches the first of its metrics only: enough to deploy the template, not to test the alarm.
"""

from typing import Any


def apply(provisioners: Any) -> None:
    """Turn the properties of such an alarm into those of one on a single metric."""
    original = provisioners._cw_metric_alarm_record

    def record(name: str, properties: dict[str, Any]) -> Any:
        return original(name, _single(properties) if properties.get("Metrics") else properties)

    provisioners._cw_metric_alarm_record = record


def _single(properties: dict[str, Any]) -> dict[str, Any]:
    first = next(metric["MetricStat"] for metric in properties["Metrics"] if "MetricStat" in metric)
    return {
        **{name: value for name, value in properties.items() if name != "Metrics"},
        "MetricName": first["Metric"]["MetricName"],
        "Namespace": first["Metric"]["Namespace"],
        "Dimensions": first["Metric"].get("Dimensions", []),
        "Period": first["Period"],
        "Statistic": first["Stat"],
    }
