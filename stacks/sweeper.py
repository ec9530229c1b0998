"""The sweeper: compares what every key holds with its runs, on a schedule, and looks at what is missing."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.config import PipelineConfig
from stacks.execution_history import allow_reading_executions, allow_reading_job_failures
from stacks.functions import WORK_LIMIT, Functions
from stacks.order_intake import EVENT_MAX_AGE, EVENT_RETRIES, OrderIntake
from stacks.sales_store import TELL_MISSING, SalesStore


class Sweeper(Construct):
    """The function sweep, and its schedule unless that is switched off."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: PipelineConfig,
        functions: Functions,
        store: SalesStore,
        intake: OrderIntake,
        state_machine: sfn.IStateMachine,
        state_machine_name: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.sweep = functions.control(
            self,
            "Sweep",
            folder="sweep",
            description="Looks at every key whose newest run isn't of what it holds now",
            environment={
                "ORDERS_BUCKET": intake.orders_bucket.bucket_name,
                "WORK_BUCKET": store.work_bucket.bucket_name,
                "RUNS_TABLE": store.runs_table.table_name,
                "STATE_MACHINE": state_machine.state_machine_arn,
            },
            limit=WORK_LIMIT,
        )
        self._grant(store, intake, state_machine, state_machine_name)
        self.sweep.keep_failed_calls(intake.dead_letter_queue)
        if config.sweep_hours:
            self._every(Duration.hours(config.sweep_hours), intake)

    def _grant(
        self,
        store: SalesStore,
        intake: OrderIntake,
        state_machine: sfn.IStateMachine,
        state_machine_name: str,
    ) -> None:
        sweep, orders = self.sweep, intake.orders_bucket
        sweep.allow("s3:GetObject", on=[orders.arn_for_objects("*")])
        sweep.allow(*TELL_MISSING, "s3:GetBucketVersioning", "s3:ListBucketVersions", on=[orders.bucket_arn])
        sweep.allow(
            "dynamodb:BatchGetItem",
            "dynamodb:GetItem",
            "dynamodb:Scan",
            "dynamodb:UpdateItem",
            on=[store.runs_table.table_arn],
        )
        sweep.allow("states:StartExecution", "states:ListExecutions", on=[state_machine.state_machine_arn])
        allow_reading_executions(sweep, state_machine_name=state_machine_name, store=store)
        allow_reading_job_failures(sweep, store=store)
        store.encryption.allow_order_files(sweep, orders)
        store.encryption.allow_items(sweep, store.runs_table)
        store.encryption.allow_messages(sweep, intake.dead_letter_queue)
        # a policy of its own: the function waits for the role's, which can't name the function then
        iam.Policy(
            self,
            "GoOn",
            roles=[sweep.role],
            statements=[
                iam.PolicyStatement(
                    actions=["lambda:InvokeFunction"], resources=[sweep.function.function_arn]
                )
            ],
        )

    def _every(self, interval: Duration, intake: OrderIntake) -> None:
        rule = events.Rule(
            self,
            "SweepDue",
            description="From time to time sweep looks for keys that nobody looked at",
            schedule=events.Schedule.rate(interval),
        )
        rule.add_target(
            targets.LambdaFunction(
                self.sweep.function,
                event=events.RuleTargetInput.from_object({"cursor": None}),
                dead_letter_queue=intake.dead_letter_queue,
                retry_attempts=EVENT_RETRIES,
                max_event_age=EVENT_MAX_AGE,
            )
        )
