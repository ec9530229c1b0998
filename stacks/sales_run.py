"""SalesRun, the state machine: from a changed key of the orders bucket to settled sales."""

from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.config import PipelineConfig
from stacks.encryption import Encryption
from stacks.functions import PipelineFunction
from stacks.log_groups import log_group_of
from stacks.merchant_fan_out import MerchantFanOut, compute_sales_states
from stacks.order_intake import OrderIntake, plan_run_state
from stacks.oversize_lane import (
    OversizeLane,
    compute_oversize_sales_state,
    shard_oversize_orders_state,
    shard_oversize_splits_state,
)
from stacks.run_settlement import RunSettlement, settle_run_state
from stacks.sales_store import SalesStore
from stacks.sharding import (
    Sharding,
    index_shards_state,
    reshard_splits_state,
    shard_orders_state,
    shard_splits_state,
)


class SalesRun(Construct):
    """Chains the states that the other constructs bring."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: PipelineConfig,
        store: SalesStore,
        intake: OrderIntake,
        sharding: Sharding,
        oversize: OversizeLane,
        fan_out: MerchantFanOut,
        settlement: RunSettlement,
        state_machine_name: str,
    ) -> None:
        super().__init__(scope, construct_id)
        states = Construct(self, "States")
        plan_run = plan_run_state(states, plan_run=intake.plan_run)
        shard_orders = shard_orders_state(states, shard_orders=sharding.shard_orders)
        at_scale: Any = {
            "shard_orders": sharding.shard_orders,
            "work_bucket": store.work_bucket,
            "config": config,
        }
        shard_splits = shard_splits_state(states, **at_scale)
        reshard_splits = reshard_splits_state(states, **at_scale)
        shard_oversize_orders = shard_oversize_orders_state(states, lane=oversize)
        shard_oversize_splits = shard_oversize_splits_state(states, lane=oversize)
        index_shards = index_shards_state(states, index_shards=sharding.index_shards)
        compute_sales = compute_sales_states(
            states,
            merchant_sales=fan_out.merchant_sales,
            oversize=compute_oversize_sales_state(states, lane=oversize),
            work_bucket=store.work_bucket,
            config=config,
        )
        settle_run = settle_run_state(states, settle_run=settlement.settle_run)

        plan_run.next(
            sfn.Choice(states, "RunNeeded?")
            .when(sfn.Condition.boolean_equals("$.run_needed", False), nothing_to_do_state(states))
            .otherwise(
                sfn.Choice(states, "Lane?")
                .when(sfn.Condition.string_equals("$.lane", "none"), index_shards)
                .when(sfn.Condition.string_equals("$.lane", "one_split"), shard_orders)
                .when(sfn.Condition.string_equals("$.lane", "many_splits"), shard_splits)
                .when(sfn.Condition.string_equals("$.lane", "oversize"), shard_oversize_orders)
                .when(sfn.Condition.string_equals("$.lane", "oversize_splits"), shard_oversize_splits)
                .otherwise(unknown_lane_state(states))
            )
        )
        for sharded in (shard_orders, shard_splits, shard_oversize_orders, shard_oversize_splits):
            sharded.next(index_shards)
        index_shards.next(
            sfn.Choice(states, "CutsProven?")
            .when(sfn.Condition.boolean_equals("$.shards.cuts_proven", True), compute_sales.next(settle_run))
            .otherwise(reshard_splits.next(index_shards))
        )
        self.state_machine = self._machine(
            config, encryption=store.encryption, start=plan_run, name=state_machine_name
        )
        store.encryption.encrypt_state_machine(self.state_machine)
        store.encryption.allow_objects(self.state_machine, store.work_bucket)  # the lists of the Maps
        for function in (
            intake.plan_run,
            sharding.shard_orders,
            sharding.index_shards,
            fan_out.merchant_sales,
            settlement.settle_run,
        ):
            self._let_old_versions_run(function)
        self._let_jobs_be_watched()

    def _machine(
        self, config: PipelineConfig, *, encryption: Encryption, start: sfn.IChainable, name: str
    ) -> sfn.StateMachine:
        log_group = log_group_of(
            self, "Log", config=config, encryption=encryption, name=config.state_machine_log_group
        )
        return sfn.StateMachine(
            self,
            "StateMachine",
            state_machine_name=name,
            comment="From a changed key of the orders bucket to settled sales",
            definition_body=sfn.DefinitionBody.from_chainable(start),
            timeout=Duration.hours(config.run_limit_hours),
            tracing_enabled=True,
            logs=sfn.LogOptions(destination=log_group, level=sfn.LogLevel.ALL, include_execution_data=False),
        )

    def _let_old_versions_run(self, function: PipelineFunction) -> None:
        """Let a run call the versions it started with, for retries and redrives after a deployment."""
        self.state_machine.add_to_role_policy(
            iam.PolicyStatement(
                actions=["lambda:InvokeFunction"], resources=[f"{function.function.function_arn}:*"]
            )
        )

    def _let_jobs_be_watched(self) -> None:
        """Let the machine ask how a job stands, and end it where the run is stopped or takes too long."""
        jobs = f"arn:{Stack.of(self).partition}:batch:{Stack.of(self).region}:{Stack.of(self).account}:job/*"
        for action, resource in (("batch:DescribeJobs", "*"), ("batch:TerminateJob", jobs)):
            self.state_machine.add_to_role_policy(iam.PolicyStatement(actions=[action], resources=[resource]))


def nothing_to_do_state(scope: Construct) -> sfn.Succeed:
    """Build the end of a look that found nothing new."""
    return sfn.Succeed(scope, "NothingToDo", comment="The key's newest run is of what the key holds now")


def unknown_lane_state(scope: Construct) -> sfn.Fail:
    """Build the end of a run whose lane the machine doesn't know."""
    return sfn.Fail(
        scope,
        "UnknownLane",
        error="UnknownLane",
        cause="PlanRun named a lane that this machine doesn't have: deploy functions and machine together.",
    )
