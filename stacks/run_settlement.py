"""The end of a run: settle_run reconciles and publishes it, fail_run says why a broken one broke."""

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from stacks.execution_history import allow_reading_executions, allow_reading_job_failures
from stacks.functions import Functions, PipelineFunction
from stacks.order_intake import EVENT_MAX_AGE, EVENT_RETRIES
from stacks.sales_store import TELL_MISSING, SalesStore
from stacks.tasks import call


class RunSettlement(Construct):
    """The functions settle_run and fail_run."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        functions: Functions,
        store: SalesStore,
        orders_bucket: s3.IBucket,
        state_machine_name: str,
    ) -> None:
        super().__init__(scope, construct_id)
        environment = {
            "WORK_BUCKET": store.work_bucket.bucket_name,
            "RUNS_TABLE": store.runs_table.table_name,
        }
        self.settle_run = functions.control(
            self,
            "SettleRun",
            folder="settle_run",
            description="Reconciles the run's counts and money and publishes it",
            environment=environment,
        )
        self.fail_run = functions.control(
            self,
            "FailRun",
            folder="fail_run",
            description="Marks the run of a broken execution FAILED, with a readable reason",
            # only its name: a run is known by bucket and key
            environment={**environment, "ORDERS_BUCKET": orders_bucket.bucket_name},
        )
        self._encryption = store.encryption
        self._grant(store)
        allow_reading_executions(self.fail_run, state_machine_name=state_machine_name, store=store)
        allow_reading_job_failures(self.fail_run, store=store)

    def _grant(self, store: SalesStore) -> None:
        work = store.work_bucket
        self.settle_run.allow(*TELL_MISSING, on=[work.bucket_arn])
        self.settle_run.allow(
            "s3:GetObject", on=[work.arn_for_objects("runs/*"), work.arn_for_objects("sales/*")]
        )
        runs = [store.runs_table.table_arn]
        self.settle_run.allow("dynamodb:GetItem", "dynamodb:UpdateItem", on=runs)
        self.fail_run.allow("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", on=runs)
        store.encryption.allow_objects(self.settle_run, work)
        for function in (self.settle_run, self.fail_run):
            store.encryption.allow_items(function, store.runs_table)

    def fail_broken_executions(
        self, *, state_machine: sfn.IStateMachine, dead_letter_queue: sqs.IQueue
    ) -> None:
        """Call fail_run for every execution that broke; what it can't take in goes to the queue."""
        self.fail_run.keep_failed_calls(dead_letter_queue)
        self._encryption.allow_messages(self.fail_run, dead_letter_queue)
        rule = events.Rule(
            self,
            "ExecutionBroke",
            description="An execution of SalesRun failed, timed out or was stopped: fail_run marks its run",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={
                    "stateMachineArn": [state_machine.state_machine_arn],
                    "status": ["FAILED", "TIMED_OUT", "ABORTED"],
                },
            ),
        )
        rule.add_target(
            targets.LambdaFunction(
                self.fail_run.function,
                dead_letter_queue=dead_letter_queue,
                retry_attempts=EVENT_RETRIES,
                max_event_age=EVENT_MAX_AGE,
            )
        )


def settle_run_state(scope: Construct, *, settle_run: PipelineFunction) -> tasks.LambdaInvoke:
    """Build SettleRun, the last state."""
    return call(
        scope,
        "SettleRun",
        function=settle_run,
        comment="Reconcile counts and money, publish the run",
        payload={"run_id": sfn.JsonPath.string_at("$.run_id")},
        output_path="$.Payload",
    )
