"""What is too large for a function: AWS Batch shards such splits, and computes such partitions' sales."""

from pathlib import Path

from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.config import PipelineConfig
from stacks.execution_history import JOB_FAILURES
from stacks.job_queue import JOBS_AT_ONCE, JobQueue
from stacks.job_tasks import RunJob, run_job
from stacks.jobs import Jobs
from stacks.merchant_fan_out import allow_sales
from stacks.sales_store import SalesStore
from stacks.sharding import allow_sharding


class OversizeLane(Construct):
    """The queue and the jobs shard_orders and merchant_sales: the functions' code, roles of their own."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: PipelineConfig,
        root: Path,
        store: SalesStore,
        orders_bucket: s3.IBucket,
    ) -> None:
        super().__init__(scope, construct_id)
        self.queue = JobQueue(self, "Jobs", config=config).queue
        jobs = Jobs(self, "Code", config=config, encryption=store.encryption, root=root)
        work = {"WORK_BUCKET": store.work_bucket.bucket_name, "RUNS_TABLE": store.runs_table.table_name}
        self.shard_orders = jobs.job(
            self,
            "ShardOversizeOrders",
            description="reads a split of an order file and writes its shards and rejects",
            arguments=["shard", "Ref::run_id", "Ref::split"],
            parameters={"split": "0"},
            environment={**work, "ORDERS_BUCKET": orders_bucket.bucket_name},
        )
        self.merchant_sales = jobs.job(
            self,
            "OversizeMerchantSales",
            description="sums the sales of a partition's merchants and commits them",
            arguments=["sales", "Ref::run_id", "Ref::lo", "Ref::hi"],
            parameters={},
            environment={**work, "SALES_TABLE": store.sales_table.table_name},
        )
        allow_sharding(self.shard_orders, store=store, orders_bucket=orders_bucket)
        allow_sales(self.merchant_sales, store=store)
        failures = store.work_bucket.arn_for_objects(JOB_FAILURES)
        self.merchant_sales.allow("s3:PutObject", on=[failures])


def shard_oversize_orders_state(scope: Construct, *, lane: OversizeLane) -> RunJob:
    """Build ShardOversizeOrders: the whole file is one split, number 0."""
    return run_job(
        scope,
        "ShardOversizeOrders",
        job=lane.shard_orders,
        queue=lane.queue,
        comment="Read the whole order file as one split on AWS Batch; write its shards and rejects",
        parameters={"run_id": sfn.JsonPath.string_at("$.run_id"), "split": "0"},
    )


def shard_oversize_splits_state(scope: Construct, *, lane: OversizeLane) -> RunJob:
    """Build ShardOversizeSplits: an array job, in which a child's index is the number of its split."""
    return run_job(
        scope,
        "ShardOversizeSplits",
        job=lane.shard_orders,
        queue=lane.queue,
        comment="Read each split of the order file on AWS Batch; write their shards and rejects",
        parameters={"run_id": sfn.JsonPath.string_at("$.run_id")},
        array_size=sfn.JsonPath.number_at("$.splits"),
    )


def compute_oversize_sales_state(scope: Construct, *, lane: OversizeLane) -> sfn.Map:
    """Build ComputeOversizeSales: a job for each partition that has more shards than a function takes."""
    partition = {name: sfn.JsonPath.string_at(f"$$.Map.Item.Value.{name}") for name in ("lo", "hi")}
    jobs = sfn.Map(
        scope,
        "ComputeOversizeSales",
        comment="One job for each partition that is too large for a function",
        items_path="$.shards.oversize_partitions",
        max_concurrency=JOBS_AT_ONCE,
        item_selector={"run_id": sfn.JsonPath.string_at("$.run_id"), **partition},
        result_path=sfn.JsonPath.DISCARD,
    )
    return jobs.item_processor(
        run_job(
            scope,
            "OversizeMerchantSales",
            job=lane.merchant_sales,
            queue=lane.queue,
            comment="Sum the sales of the partition's merchants on AWS Batch and commit them",
            parameters={name: sfn.JsonPath.string_at(f"$.{name}") for name in ("run_id", "lo", "hi")},
        )
    )
