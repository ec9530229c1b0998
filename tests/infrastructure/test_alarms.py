"""Alarms: one for each thing that needs a person; each says what to do and watches what is measured."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lambdas.adapters.metrics import Metrics
from lambdas.domain.measures import Measure
from tests.infrastructure.synthesis import Template, function_of, of_type, readable, synthesize

RUNBOOK = (Path(__file__).parents[2] / "docs/operations.md").read_text()
ALARMS = {
    "BrokenRuns",
    "FailedLooks",
    "ConservationFailed",
    "RejectedLines",
    "LateFile",
    "MissedFiles",
    "AbandonedRuns",
    "UnfinishedSweeps",
    "UndeliveredEvents",
    "ThrottledFunctions",
    "ThrottledTables",
    "MapRunBacklog",
}
OF_AWS = {
    ("AWS/DynamoDB", "ReadThrottleEvents", ("TableName",)),
    ("AWS/DynamoDB", "WriteThrottleEvents", ("TableName",)),
    ("AWS/Lambda", "Throttles", ("FunctionName",)),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", ("QueueName",)),
    ("AWS/States", "ApproximateMapRunBacklogSize", ()),
    ("AWS/States", "ExecutionsAborted", ("StateMachineArn",)),
    ("AWS/States", "ExecutionsFailed", ("StateMachineArn",)),
    ("AWS/States", "ExecutionsTimedOut", ("StateMachineArn",)),
}
"""As AWS documents them: namespace, metric, names of the dimensions."""
MEASURED_IN = {
    "ConservationFailures": "settle_run",
    "LooksFailed": "fail_run",
    "OldestRunningSeconds": "sweep",
    "RejectedPercent": "index_shards",
    "SweepAbandoned": "sweep",
    "SweepLooks": "sweep",
    "SweepsUnfinished": "sweep",
}
"""Of each metric of ours that has an alarm, the function that puts it: see test_measures.py."""


def alarms_of(template: Template) -> dict[str, dict[str, Any]]:
    """The properties of the alarms by name."""
    return {
        re.sub("^Observability|[0-9A-F]{8}$", "", name): alarm["Properties"]
        for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items()
    }


def metrics_of(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics that an alarm reads, by themselves or in its formula."""
    if "MetricName" in alarm:
        return [alarm]
    return [one["MetricStat"]["Metric"] for one in alarm["Metrics"] if "MetricStat" in one]


def test_there_is_an_alarm_for_each_thing_that_needs_a_person(template: Template) -> None:
    assert set(alarms_of(template)) == ALARMS


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_alarm_says_what_to_do_and_its_section_is_in_the_runbook(template: Template, name: str) -> None:
    alarm = alarms_of(template)[name]
    described = re.fullmatch(r'(.*) See "(.+)" in docs/operations.md[.]', alarm["AlarmDescription"])
    assert described
    assert "`merchant-sales" in described[1]
    section = RUNBOOK.partition(f"\n## {described[2]}\n")[2].partition("\n## ")[0]
    assert name in section
    assert [readable(action) for action in alarm["AlarmActions"]] == ["<NotificationsTopic>"]


def test_every_alarms_metric_is_one_of_aws_or_one_that_the_functions_put(
    template: Template, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = set()
    for alarm in alarms_of(template).values():
        for metric in metrics_of(alarm):
            dimensions = {one["Name"]: one["Value"] for one in metric.get("Dimensions", [])}
            if (metric["Namespace"], metric["MetricName"], tuple(dimensions)) not in OF_AWS:
                ours.add((metric["Namespace"], metric["MetricName"], tuple(sorted(dimensions.items()))))
    put = set()
    for name, folder in MEASURED_IN.items():
        variables = function_of(template, folder)[1]["Environment"]["Variables"]
        for variable in ("POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"):
            monkeypatch.setenv(variable, variables[variable])
        Metrics().put({Measure(name): 1})
        line = json.loads(capsys.readouterr().out)
        [described] = line["_aws"]["CloudWatchMetrics"]
        named = tuple((dimension, line[dimension]) for [dimension] in described["Dimensions"])
        put.add((described["Namespace"], described["Metrics"][0]["Name"], named))
    assert ours == put


def test_thresholds_follow_the_settings() -> None:
    alarms = alarms_of(synthesize({"alarmRejectPercent": "7", "alarmLateHours": "2"}))
    assert (alarms["RejectedLines"]["Threshold"], alarms["LateFile"]["Threshold"]) == (7, 7200)


@pytest.mark.parametrize(("hours", "sweeps"), [(6, 12), (1, 72), (22, 3), (0, 2)])
def test_sweeps_may_come_to_no_end_for_three_days(hours: int, sweeps: int) -> None:
    settings = {"sweepHours": str(hours), "alarmLateHours": "2"}
    assert alarms_of(synthesize(settings))["UnfinishedSweeps"]["Threshold"] == sweeps
