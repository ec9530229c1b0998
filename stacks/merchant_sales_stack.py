"""The stack: composes the constructs in the order of the flow."""

from pathlib import Path

from aws_cdk import CfnOutput, DefaultStackSynthesizer, Stack
from constructs import Construct

from stacks.alarms import Watched
from stacks.budget import Budget, tag_all
from stacks.config import PipelineConfig
from stacks.encryption import Encryption
from stacks.functions import Functions
from stacks.merchant_fan_out import MerchantFanOut
from stacks.notifications import Notifications, allow_telling
from stacks.observability import Observability
from stacks.order_intake import OrderIntake
from stacks.oversize_lane import OversizeLane
from stacks.run_settlement import RunSettlement
from stacks.sales_run import SalesRun
from stacks.sales_store import SalesStore
from stacks.sharding import Sharding
from stacks.sweeper import Sweeper


class MerchantSalesStack(Stack):
    """Order files in, exact sales per merchant out."""

    def __init__(self, scope: Construct, construct_id: str, *, config: PipelineConfig, root: Path) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Exact sales per merchant from order files",
            synthesizer=DefaultStackSynthesizer(bucket_prefix=config.assets_prefix),
        )
        state_machine_name = config.state_machine_name

        self.encryption = Encryption(self, "Encryption", config=config)
        self.functions = Functions(self, "Functions", config=config, encryption=self.encryption, root=root)
        self.store = SalesStore(self, "SalesStore", config=config, encryption=self.encryption)
        self.intake = OrderIntake(
            self,
            "OrderIntake",
            config=config,
            functions=self.functions,
            store=self.store,
            state_machine_name=state_machine_name,
        )
        self.sharding = Sharding(
            self,
            "Sharding",
            config=config,
            functions=self.functions,
            store=self.store,
            orders_bucket=self.intake.orders_bucket,
        )
        self.oversize = OversizeLane(
            self,
            "OversizeLane",
            config=config,
            root=root,
            store=self.store,
            orders_bucket=self.intake.orders_bucket,
        )
        self.fan_out = MerchantFanOut(
            self, "MerchantFanOut", config=config, functions=self.functions, store=self.store
        )
        self.settlement = RunSettlement(
            self,
            "RunSettlement",
            functions=self.functions,
            store=self.store,
            orders_bucket=self.intake.orders_bucket,
            state_machine_name=state_machine_name,
        )
        self.sales_run = SalesRun(
            self,
            "SalesRun",
            config=config,
            store=self.store,
            intake=self.intake,
            sharding=self.sharding,
            oversize=self.oversize,
            fan_out=self.fan_out,
            settlement=self.settlement,
            state_machine_name=state_machine_name,
        )
        self.intake.start_on_change(self.sales_run.state_machine)
        self.settlement.fail_broken_executions(
            state_machine=self.sales_run.state_machine, dead_letter_queue=self.intake.dead_letter_queue
        )
        self.sweeper = Sweeper(
            self,
            "Sweeper",
            config=config,
            functions=self.functions,
            store=self.store,
            intake=self.intake,
            state_machine=self.sales_run.state_machine,
            state_machine_name=state_machine_name,
        )
        self.notifications = Notifications(
            self,
            "Notifications",
            config=config,
            functions=self.functions,
            runs_table_name=self.store.runs_table.table_name,
            dead_letter_queue=self.intake.dead_letter_queue,
            encryption=self.encryption,
        )
        for function in (
            self.intake.plan_run,
            self.settlement.settle_run,
            self.settlement.fail_run,
            self.sweeper.sweep,
        ):
            allow_telling(function)
        self.observability = Observability(
            self, "Observability", watched=self._watched(config), topic=self.notifications.topic
        )
        if config.monthly_budget_usd:
            tag_all(self, config)
            Budget(self, "Budget", config=config)
        self._output()

    def _watched(self, config: PipelineConfig) -> Watched:
        """Name what alarms and dashboard look at."""
        return Watched(
            config=config,
            dead_letter_queue=self.intake.dead_letter_queue,
            state_machine=self.sales_run.state_machine,
            functions={
                "plan_run": self.intake.plan_run.function,
                "shard_orders": self.sharding.shard_orders.function,
                "index_shards": self.sharding.index_shards.function,
                "merchant_sales": self.fan_out.merchant_sales.function,
                "settle_run": self.settlement.settle_run.function,
            },
            table_names={
                "sales": self.store.sales_table.table_name,
                "runs": self.store.runs_table.table_name,
            },
        )

    def _output(self) -> None:
        """Name what the command and the tests look for."""
        outputs = {
            "OrdersBucketName": self.intake.orders_bucket.bucket_name,
            "WorkBucketName": self.store.work_bucket.bucket_name,
            "SalesTableName": self.store.sales_table.table_name,
            "RunsTableName": self.store.runs_table.table_name,
            "StateMachineArn": self.sales_run.state_machine.state_machine_arn,
            "NoticesTopicArn": self.notifications.topic.topic_arn,
            "DeadLetterQueueUrl": self.intake.dead_letter_queue.queue_url,
        }
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)
