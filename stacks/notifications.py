"""Notifications: every run that ends is an event; people get a message about those that need them."""

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.config import PipelineConfig
from stacks.encryption import Encryption
from stacks.functions import Functions, PipelineFunction
from stacks.order_intake import EVENT_MAX_AGE, EVENT_RETRIES

SOURCE = "merchant-sales"
FAILURES = ["Run Failed", "Look Failed"]
ALL_ENDS = [*FAILURES, "Run Succeeded", "Run Superseded"]


class Notifications(Construct):
    """The topic, its e-mail subscriptions, and the function that writes the messages."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: PipelineConfig,
        functions: Functions,
        runs_table_name: str,
        dead_letter_queue: sqs.IQueue,
        encryption: Encryption,
    ) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(
            self, "Topic", display_name="merchant-sales", enforce_ssl=True, master_key=encryption.key
        )
        self._let_alarms_publish()
        for address in config.notify_addresses:
            self.topic.add_subscription(subscriptions.EmailSubscription(address))
        self.notify = functions.control(
            self,
            "Notify",
            folder="notify",
            description="Writes people a message about a run that has ended",
            environment={"NOTICES_TOPIC": self.topic.topic_arn},
        )
        self.notify.allow("sns:Publish", on=[self.topic.topic_arn])
        self.notify.keep_failed_calls(dead_letter_queue)
        encryption.allow_notices(self.notify, self.topic)
        encryption.allow_messages(self.notify, dead_letter_queue)
        self._on_end(config, runs_table_name, dead_letter_queue)

    def _let_alarms_publish(self) -> None:
        """A topic with a policy of its own has lost the one by which the account's alarms may publish."""
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Alarms",
                actions=["sns:Publish"],
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )

    def _on_end(self, config: PipelineConfig, runs_table_name: str, dead_letter_queue: sqs.IQueue) -> None:
        rule = events.Rule(
            self,
            "RunEnded",
            description="A run ended in a way that people are told of",
            event_pattern=events.EventPattern(
                source=[SOURCE],
                detail_type=ALL_ENDS if config.notify_on == "all" else FAILURES,
                detail={"runs_table": [runs_table_name]},
            ),
        )
        rule.add_target(
            targets.LambdaFunction(
                self.notify.function,
                dead_letter_queue=dead_letter_queue,
                retry_attempts=EVENT_RETRIES,
                max_event_age=EVENT_MAX_AGE,
            )
        )


def allow_telling(function: PipelineFunction) -> None:
    """Let a function tell the account's default event bus of runs."""
    stack = Stack.of(function.function)
    bus = f"arn:{stack.partition}:events:{stack.region}:{stack.account}:event-bus/default"
    function.allow("events:PutEvents", on=[bus])
