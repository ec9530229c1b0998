"""The way in: a change of the orders bucket starts SalesRun, which first asks what the key holds now."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from stacks.config import PipelineConfig
from stacks.execution_history import allow_reading_executions
from stacks.functions import Functions, PipelineFunction
from stacks.sales_store import TELL_MISSING, SalesStore
from stacks.tasks import call

EVENT_RETRIES = 185  # with the age below: all that EventBridge offers
EVENT_MAX_AGE = Duration.hours(24)


class OrderIntake(Construct):
    """The orders bucket, the rule on it, the queue of what could not be delivered, and plan_run."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: PipelineConfig,
        functions: Functions,
        store: SalesStore,
        state_machine_name: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.orders_bucket = _orders_bucket(self, store, existing=config.orders_bucket_name)
        self.dead_letter_queue = sqs.Queue(
            self,
            "DeadLetterQueue",
            retention_period=Duration.days(14),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            removal_policy=RemovalPolicy.DESTROY,
        )
        store.encryption.encrypt_queue(self.dead_letter_queue)
        self.plan_run = functions.control(
            self,
            "PlanRun",
            folder="plan_run",
            description="Looks at what the key holds now, registers the run, cuts the splits",
            environment={
                "ORDERS_BUCKET": self.orders_bucket.bucket_name,
                "WORK_BUCKET": store.work_bucket.bucket_name,
                "RUNS_TABLE": store.runs_table.table_name,
            },
        )
        self._grant(store, state_machine_name)

    def _grant(self, store: SalesStore, state_machine_name: str) -> None:
        plan_run = self.plan_run
        plan_run.allow("s3:GetObject", on=[self.orders_bucket.arn_for_objects("*")])
        plan_run.allow(*TELL_MISSING, "s3:GetBucketVersioning", on=[self.orders_bucket.bucket_arn])
        plan_run.allow("s3:GetObject", "s3:PutObject", on=[store.work_bucket.arn_for_objects("runs/*")])
        plan_run.allow(
            "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", on=[store.runs_table.table_arn]
        )
        store.encryption.allow_order_files(plan_run, self.orders_bucket)
        store.encryption.allow_objects(plan_run, store.work_bucket, written=True)
        store.encryption.allow_items(plan_run, store.runs_table)
        allow_reading_executions(plan_run, state_machine_name=state_machine_name, store=store)

    def start_on_change(self, state_machine: sfn.IStateMachine) -> None:
        """Start the state machine for every change of a key, whatever the change was."""
        rule = events.Rule(
            self,
            "OrderChanged",
            description="An order file came, changed or went: SalesRun looks at its key",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created", "Object Deleted"],
                detail={
                    "bucket": {"name": [self.orders_bucket.bucket_name]},
                    "object": {"key": events.Match.anything_but_suffix("/")},
                },
            ),
        )
        rule.add_target(
            targets.SfnStateMachine(
                state_machine,
                input=events.RuleTargetInput.from_object(
                    {"key": events.EventField.from_path("$.detail.object.key"), "replay": False}
                ),
                dead_letter_queue=self.dead_letter_queue,
                retry_attempts=EVENT_RETRIES,
                max_event_age=EVENT_MAX_AGE,
            )
        )


def plan_run_state(scope: Construct, *, plan_run: PipelineFunction) -> tasks.LambdaInvoke:
    """Build PlanRun; its answer {run_id, run_needed, lane} becomes the state."""
    return call(
        scope,
        "PlanRun",
        function=plan_run,
        comment="What does the key hold now? Register the run, choose the order format, cut the splits",
        payload={
            "key": sfn.JsonPath.string_at("$.key"),
            "replay": sfn.JsonPath.object_at("$.replay"),
            "execution": sfn.JsonPath.string_at("$$.Execution.Id"),
        },
        output_path="$.Payload",
    )


def _orders_bucket(scope: Construct, store: SalesStore, *, existing: str) -> s3.IBucket:
    """Build the orders bucket, or take one that has versions and sends its events to EventBridge already."""
    if existing:
        return s3.Bucket.from_bucket_name(scope, "OrdersBucket", existing)
    bucket = store.buckets.private(scope, "OrdersBucket", versioned=True)
    _send_events(bucket)
    return bucket


def _send_events(bucket: s3.Bucket) -> None:
    """Switch EventBridge on in the bucket itself: the CDK's own property brings a function along."""
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)
    setting = "NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled"
    resource.add_property_override(setting, True)
