"""From an order file to shards: shard_orders reads and divides the lines, index_shards proves the cuts."""

from aws_cdk import Size
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from stacks.config import PipelineConfig
from stacks.distributed_map import distributed_map
from stacks.functions import Functions, PipelineFunction
from stacks.grantees import Grantee
from stacks.sales_store import GIVE_UP, TELL_MISSING, SalesStore
from stacks.tasks import call

PLACES = "rejects/*/places.json"
"""Where the lines of each split begin, by which rejects are numbered."""


class Sharding(Construct):
    """The functions shard_orders and index_shards."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: PipelineConfig,
        functions: Functions,
        store: SalesStore,
        orders_bucket: s3.IBucket,
    ) -> None:
        super().__init__(scope, construct_id)
        work = {"WORK_BUCKET": store.work_bucket.bucket_name, "RUNS_TABLE": store.runs_table.table_name}
        self.shard_orders = functions.worker(
            self,
            "ShardOrders",
            folder="shard_orders",
            description="Reads a split of an order file and writes its shards and rejects",
            environment={**work, "ORDERS_BUCKET": orders_bucket.bucket_name},
            memory_mb=config.shard_memory_mb,
            disk=Size.mebibytes(10240),
            reserved_concurrency=config.shard_reserved_concurrency,
        )
        self.index_shards = functions.control(
            self,
            "IndexShards",
            folder="index_shards",
            description="Proves the cuts, checks the reject ratio, sets the fence, lists the partitions",
            environment={**work, "OVERSIZE_PARTITION_BYTES": str(config.oversize_partition_bytes)},
        )
        self._grant(store, orders_bucket)

    def _grant(self, store: SalesStore, orders_bucket: s3.IBucket) -> None:
        work = store.work_bucket
        allow_sharding(self.shard_orders, store=store, orders_bucket=orders_bucket)
        index = self.index_shards
        index.allow("s3:GetObject", "s3:PutObject", on=[work.arn_for_objects("runs/*")])
        index.allow("s3:PutObject", on=[work.arn_for_objects(PLACES)])
        index.allow(
            "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", on=[store.runs_table.table_arn]
        )
        index.allow(*TELL_MISSING, on=[work.bucket_arn])
        store.encryption.allow_objects(index, work, written=True)
        store.encryption.allow_items(index, store.runs_table)


def allow_sharding(worker: Grantee, *, store: SalesStore, orders_bucket: s3.IBucket) -> None:
    """Grant what reading a split and writing its shards and rejects takes."""
    work = store.work_bucket
    worker.allow("s3:GetObjectVersion", on=[orders_bucket.arn_for_objects("*")])
    worker.allow(*TELL_MISSING, "s3:ListBucketVersions", on=[orders_bucket.bucket_arn])
    worker.allow("s3:GetObject", "s3:PutObject", on=[work.arn_for_objects("runs/*")])
    worker.allow(GIVE_UP, on=[work.arn_for_objects("runs/*/shards/*")])
    worker.allow("s3:PutObject", on=[work.arn_for_objects("rejects/*")])
    worker.allow(*TELL_MISSING, on=[work.bucket_arn])
    store.encryption.allow_order_files(worker, orders_bucket)
    store.encryption.allow_objects(worker, work, written=True)


def shard_orders_state(scope: Construct, *, shard_orders: PipelineFunction) -> tasks.LambdaInvoke:
    """Build ShardOrders: the whole file is one split, number 0."""
    return _shard_split(
        scope,
        "ShardOrders",
        shard_orders,
        comment="Read the whole order file as one split; write its shards and rejects",
        split=0,
        begins_inside=False,
    )


def shard_splits_state(
    scope: Construct, *, shard_orders: PipelineFunction, work_bucket: s3.IBucket, config: PipelineConfig
) -> sfn.DistributedMap:
    """Build ShardSplits: every split of the file, each in an execution of its own."""
    return _shard_listed(
        scope,
        "ShardSplits",
        shard_orders,
        comment="Read every split of the order file as if it began outside of quotes",
        list_key="$.splits_key",
        work_bucket=work_bucket,
        config=config,
    )


def reshard_splits_state(
    scope: Construct, *, shard_orders: PipelineFunction, work_bucket: s3.IBucket, config: PipelineConfig
) -> sfn.DistributedMap:
    """Build ReshardSplits: once more the splits of which IndexShards has found that they begin in quotes."""
    return _shard_listed(
        scope,
        "ReshardSplits",
        shard_orders,
        comment="Read once more the splits that begin inside quotes",
        list_key="$.shards.splits_key",
        work_bucket=work_bucket,
        config=config,
    )


def _shard_listed(
    scope: Construct,
    state_name: str,
    shard_orders: PipelineFunction,
    *,
    comment: str,
    list_key: str,
    work_bucket: s3.IBucket,
    config: PipelineConfig,
) -> sfn.DistributedMap:
    work = _shard_split(
        scope,
        state_name.removesuffix("s"),
        shard_orders,
        comment="Read the split; write its shards and rejects",
        split=sfn.JsonPath.number_at("$.split"),
        begins_inside=sfn.JsonPath.object_at("$.begins_inside"),
    )
    item = {
        "run_id": sfn.JsonPath.string_at("$.run_id"),
        "split": sfn.JsonPath.number_at("$$.Map.Item.Value.split"),
        "begins_inside": sfn.JsonPath.object_at("$$.Map.Item.Value.begins_inside"),
    }
    return distributed_map(
        scope,
        state_name,
        comment=comment,
        list_bucket=work_bucket,
        list_key=list_key,
        item=item,
        work=work,
        max_concurrency=config.map_concurrency,
    )


def _shard_split(
    scope: Construct,
    state_name: str,
    shard_orders: PipelineFunction,
    *,
    comment: str,
    split: object,
    begins_inside: object,
) -> tasks.LambdaInvoke:
    return call(
        scope,
        state_name,
        function=shard_orders,
        comment=comment,
        payload={
            "run_id": sfn.JsonPath.string_at("$.run_id"),
            "split": split,
            "begins_inside": begins_inside,
        },
        result_path=sfn.JsonPath.DISCARD,
    )


def index_shards_state(scope: Construct, *, index_shards: PipelineFunction) -> tasks.LambdaInvoke:
    """Build IndexShards; its answer becomes $.shards."""
    answer = ["cuts_proven", "splits_key", "few_partitions", "partitions", "partitions_key"]
    answer += ["oversize", "oversize_partitions"]
    return call(
        scope,
        "IndexShards",
        function=index_shards,
        comment="Prove the cuts, check the reject ratio, set the fence, list the partitions",
        payload={"run_id": sfn.JsonPath.string_at("$.run_id")},
        result_selector={name: sfn.JsonPath.object_at(f"$.Payload.{name}") for name in answer},
        result_path="$.shards",
    )
