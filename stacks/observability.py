"""What tells a person that something needs them: alarms whose descriptions say what to do."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

WINDOW = Duration.minutes(5)


class Observability(Construct):
    """The alarms on undelivered events and on broken runs."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        dead_letter_queue: sqs.IQueue,
        state_machine: sfn.IStateMachine,
    ) -> None:
        super().__init__(scope, construct_id)
        _alarm(
            self,
            "UndeliveredEvents",
            metric=dead_letter_queue.metric_approximate_number_of_messages_visible(
                period=WINDOW, statistic="Maximum"
            ),
            description="Events could not be delivered, so changed keys may not have been looked at. "
            "Read the keys in the queue DeadLetterQueueUrl, mend the cause, run "
            "`merchant-sales replay KEY` for each, purge the queue.",
        )
        _alarm(
            self,
            "BrokenRuns",
            metric=cloudwatch.MathExpression(
                expression="FILL(failed, 0) + FILL(timed_out, 0) + FILL(aborted, 0)",
                using_metrics={
                    "failed": state_machine.metric_failed(period=WINDOW),
                    "timed_out": state_machine.metric_timed_out(period=WINDOW),
                    "aborted": state_machine.metric_aborted(period=WINDOW),
                },
                label="broken runs",
                period=WINDOW,
            ),
            description="A run of SalesRun broke. `merchant-sales runs` names it with its reason: correct "
            "the file and upload it again, or `merchant-sales redrive RUN_ID` if the cause has passed.",
        )


def _alarm(
    scope: Construct, construct_id: str, *, metric: cloudwatch.IMetric, description: str
) -> cloudwatch.Alarm:
    return cloudwatch.Alarm(
        scope,
        construct_id,
        metric=metric,
        alarm_description=description,
        threshold=1,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
