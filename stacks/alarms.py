"""The alarms: what each watches, when it rings, and what the person on call does then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn

from lambdas.domain.measures import Measure
from stacks.config import PipelineConfig
from stacks.functions import SERVICE

WINDOW = Duration.minutes(5)
RUNBOOK = "docs/operations.md"
UNFINISHED_HOURS = 72
"""So long sweeps may go on where the one before had to end, or two of them where they are days apart."""


@dataclass(frozen=True, kw_only=True)
class AlarmRule:
    """One alarm: it rings when the metric reaches the threshold in so many windows, one after the other."""

    name: str
    metric: cloudwatch.IMetric
    says: str
    section: str
    threshold: float = 1
    windows: int = 1

    @property
    def description(self) -> str:
        """What the alarm says, and where the rest is to be read."""
        return f'{self.says} See "{self.section}" in {RUNBOOK}.'


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What the alarms and the dashboard look at."""

    config: PipelineConfig
    dead_letter_queue: sqs.IQueue
    state_machine: sfn.IStateMachine
    functions: Mapping[str, lambda_.IFunction]
    table_names: Mapping[str, str]

    def measure(self, measure: Measure, statistic: str = "Sum") -> cloudwatch.Metric:
        """A metric of our own."""
        return cloudwatch.Metric(
            namespace=self.config.stack_name,
            metric_name=measure.value,
            dimensions_map={"service": SERVICE},
            statistic=statistic,
            period=WINDOW,
        )


def alarm_rules(watched: Watched) -> list[AlarmRule]:
    """All alarms."""
    return [*_on_runs(watched), *_on_services(watched)]


def _on_runs(watched: Watched) -> list[AlarmRule]:
    machine, config = watched.state_machine, watched.config
    broken = {
        "failed": machine.metric_failed(period=WINDOW),
        "timed_out": machine.metric_timed_out(period=WINDOW),
        "aborted": machine.metric_aborted(period=WINDOW),
    }
    late_seconds = config.alarm_late_hours * 3600
    return [
        AlarmRule(
            name="BrokenRuns",
            metric=_sum_of(broken, "broken runs"),
            says="A run of SalesRun broke. `merchant-sales runs` names it, `merchant-sales run RUN_ID` says "
            "why: correct the file and upload it again, or `merchant-sales redrive RUN_ID`.",
            section="A run failed",
        ),
        AlarmRule(
            name="FailedLooks",
            metric=watched.measure(Measure.LOOKS_FAILED),
            says="A key could not be looked at, so its file has no run. When the cause has passed: "
            "`merchant-sales sweep`.",
            section="A key could not be looked at",
        ),
        AlarmRule(
            name="ConservationFailed",
            metric=watched.measure(Measure.CONSERVATION_FAILURES),
            says="Lines or money of a run are not accounted for; the run is FAILED. Do not redrive it before "
            "`merchant-sales run RUN_ID` and `merchant-sales reconcile KEY` have been looked at.",
            section="Conservation failed",
        ),
        AlarmRule(
            name="RejectedLines",
            metric=watched.measure(Measure.REJECTED_PERCENT, "Maximum"),
            threshold=config.alarm_reject_percent,
            says=f"{config.alarm_reject_percent}% or more of a file's lines were rejected. "
            "`merchant-sales runs` names the file, `merchant-sales rejects RUN_ID` lists lines and reasons.",
            section="Many lines are rejected",
        ),
        AlarmRule(
            name="LateFile",
            metric=watched.measure(Measure.OLDEST_RUNNING_SECONDS, "Maximum"),
            threshold=late_seconds,
            says=f"A file has waited {config.alarm_late_hours} hours for its sales. "
            "`merchant-sales watch RUN_ID` shows how far it is.",
            section="A file is late",
        ),
        AlarmRule(
            name="MissedFiles",
            metric=watched.measure(Measure.SWEEP_LOOKS),
            says="The sweep found keys that no event had told of, and looked at them. Nothing is lost; "
            "`merchant-sales sweep --dry-run` shows what is still missing.",
            section="The sweep found files",
        ),
        AlarmRule(
            name="AbandonedRuns",
            metric=watched.measure(Measure.SWEEP_ABANDONED),
            says="The sweep found runs whose execution had ended without a word, and marked them FAILED. "
            "`merchant-sales replay KEY` runs their files again.",
            section="The sweep found files",
        ),
        _unfinished_sweeps(watched),
    ]


def _unfinished_sweeps(watched: Watched) -> AlarmRule:
    hours = watched.config.sweep_hours
    most = max(2, UNFINISHED_HOURS // hours) if hours else 2
    return AlarmRule(
        name="UnfinishedSweeps",
        metric=watched.measure(Measure.SWEEPS_UNFINISHED, "Maximum"),
        threshold=most,
        says=f"{most} sweeps in turn have not got through all keys. What no event told of is found late: "
        "`merchant-sales sweep` gets through at once.",
        section="Sweeps come to no end",
    )


def _on_services(watched: Watched) -> list[AlarmRule]:
    throttles = {name: f.metric_throttles(period=WINDOW) for name, f in watched.functions.items()}
    tables = {
        f"{name}_{kind.lower()}": cloudwatch.Metric(
            namespace="AWS/DynamoDB",
            metric_name=f"{kind}ThrottleEvents",
            dimensions_map={"TableName": table},
            statistic="Sum",
            period=WINDOW,
        )
        for name, table in watched.table_names.items()
        for kind in ("Read", "Write")
    }
    return [
        AlarmRule(
            name="UndeliveredEvents",
            metric=watched.dead_letter_queue.metric_approximate_number_of_messages_visible(
                period=WINDOW, statistic="Maximum"
            ),
            says="Events could not be delivered, so changed keys may not have been looked at. "
            "`merchant-sales dead-letters` lists them, `merchant-sales dead-letters put-back` delivers them.",
            section="Dead letters",
        ),
        AlarmRule(
            name="ThrottledFunctions",
            metric=_sum_of(throttles, "throttled calls"),
            windows=3,
            says="Functions have been throttled for a quarter of an hour; runs wait and go on. "
            "`merchant-sales runs` shows them. Ask for more Lambda concurrency or lower mapConcurrency.",
            section="Throttles",
        ),
        AlarmRule(
            name="ThrottledTables",
            metric=_sum_of(tables, "throttled requests"),
            windows=3,
            says="Tables have throttled requests for a quarter of an hour; runs wait and go on. "
            "`merchant-sales runs` shows them. Lower mapConcurrency if it stays.",
            section="Throttles",
        ),
        AlarmRule(
            name="MapRunBacklog",
            metric=cloudwatch.Metric(
                namespace="AWS/States",
                metric_name="ApproximateMapRunBacklogSize",
                statistic="Maximum",
                period=WINDOW,
            ),
            windows=2,
            says="The account has its 1,000 open Map Runs, so runs of large files wait; they go on "
            "by themselves. `merchant-sales runs` shows them.",
            section="Map Runs wait",
        ),
    ]


def _sum_of(metrics: Mapping[str, cloudwatch.IMetric], label: str) -> cloudwatch.MathExpression:
    names: Sequence[str] = sorted(metrics)
    return cloudwatch.MathExpression(
        expression=" + ".join(f"FILL({name}, 0)" for name in names),
        using_metrics=dict(metrics),
        label=label,
        period=WINDOW,
    )
