"""The age watch: measures every quarter of an hour how long the oldest order file has been waiting."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.functions import Functions
from stacks.order_intake import EVENT_MAX_AGE, EVENT_RETRIES

INTERVAL = Duration.minutes(15)


class AgeWatch(Construct):
    """The function measure_age and its schedule; the metric costs nothing while no file is processed."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        functions: Functions,
        state_machine: sfn.IStateMachine,
        work_bucket_name: str,
        dead_letter_queue: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self.measure_age = functions.control(
            self,
            "MeasureAge",
            folder="measure_age",
            description="Measures how long the oldest order file has been waiting for its sales",
            environment={
                "STATE_MACHINE": state_machine.state_machine_arn,
                "WORK_BUCKET": work_bucket_name,
            },
        )
        self.measure_age.allow("states:ListExecutions", on=[state_machine.state_machine_arn])
        self.measure_age.function.configure_async_invoke(
            retry_attempts=0, on_failure=destinations.SqsDestination(dead_letter_queue)
        )
        rule = events.Rule(
            self,
            "AgeDue",
            description="Every quarter of an hour the age of the oldest file is measured",
            schedule=events.Schedule.rate(INTERVAL),
        )
        rule.add_target(
            targets.LambdaFunction(
                self.measure_age.function,
                dead_letter_queue=dead_letter_queue,
                retry_attempts=EVENT_RETRIES,
                max_event_age=EVENT_MAX_AGE,
            )
        )
