"""The dashboard, from top to bottom: does anything need me, what has run, how fast, what holds it up."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch

from lambdas.domain.measures import Measure
from stacks.alarms import WINDOW, Watched

FULL, HALF = 24, 12


def dashboard_rows(watched: Watched, alarms: Sequence[cloudwatch.IAlarm]) -> list[list[cloudwatch.IWidget]]:
    """The widgets, row by row."""
    machine, functions = watched.state_machine, watched.functions.values()

    def counts(title: str, *measures: Measure, statistic: str = "Sum") -> cloudwatch.GraphWidget:
        return _graph(title, [watched.measure(measure, statistic) for measure in measures])

    return [
        [cloudwatch.AlarmStatusWidget(alarms=list(alarms), title="Alarms", width=FULL, height=4)],
        [
            counts("Runs", Measure.RUNS_SUCCEEDED, Measure.RUNS_FAILED, Measure.RUNS_SUPERSEDED),
            counts(
                "Order lines",
                Measure.LINES_COUNTED,
                Measure.LINES_REJECTED,
                Measure.LINES_DUPLICATE,
                Measure.LINES_IGNORED,
            ),
        ],
        [
            _graph(
                "Seconds from start to settled",
                [watched.measure(Measure.SECONDS_TO_SETTLE, s) for s in ("p50", "p99", "Maximum")],
            ),
            counts("Seconds that the oldest file waits", Measure.OLDEST_RUNNING_SECONDS, statistic="Maximum"),
        ],
        [
            counts("Rejected lines of a file, %", Measure.REJECTED_PERCENT, statistic="Maximum"),
            counts("Bytes of settled files", Measure.BYTES_READ),
        ],
        [
            _graph(
                "Executions", [machine.metric_started(period=WINDOW), machine.metric_failed(period=WINDOW)]
            ),
            _graph("Function errors", [f.metric_errors(period=WINDOW) for f in functions]),
        ],
        [
            _graph("Throttled calls", [f.metric_throttles(period=WINDOW) for f in functions]),
            _graph(
                "Dead letters",
                [watched.dead_letter_queue.metric_approximate_number_of_messages_visible(period=WINDOW)],
            ),
        ],
    ]


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=HALF, height=6, period=WINDOW)
