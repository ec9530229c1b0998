"""From shards to sales: one merchant_sales worker for each partition, few of them inline, many at scale."""

from typing import Any

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

INLINE_CONCURRENCY = 40  # all that an inline Map offers


class MerchantFanOut(Construct):
    """The function merchant_sales."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: PipelineConfig,
        functions: Functions,
        store: SalesStore,
    ) -> None:
        super().__init__(scope, construct_id)
        self.merchant_sales = functions.worker(
            self,
            "MerchantSales",
            folder="merchant_sales",
            description="Sums the sales of a partition's merchants and commits them to their totals",
            environment={
                "WORK_BUCKET": store.work_bucket.bucket_name,
                "SALES_TABLE": store.sales_table.table_name,
                "RUNS_TABLE": store.runs_table.table_name,
            },
            memory_mb=config.sales_memory_mb,
            disk=Size.mebibytes(4096),
            reserved_concurrency=config.sales_reserved_concurrency,
        )
        allow_sales(self.merchant_sales, store=store)


def allow_sales(worker: Grantee, *, store: SalesStore) -> None:
    """Grant what computing a partition's sales and committing them takes."""
    worker.allow(*TELL_MISSING, on=[store.work_bucket.bucket_arn])  # and list what earlier runs counted
    worker.allow("s3:GetObject", on=[store.work_bucket.arn_for_objects("runs/*")])
    worker.allow("s3:GetObject", "s3:PutObject", GIVE_UP, on=[store.work_bucket.arn_for_objects("sales/*")])
    worker.allow(
        "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", on=[store.sales_table.table_arn]
    )
    worker.allow("dynamodb:GetItem", "dynamodb:Query", on=[store.runs_table.table_arn])
    store.encryption.allow_objects(worker, store.work_bucket, written=True)
    store.encryption.allow_items(worker, store.sales_table, store.runs_table)


def compute_sales_states(
    scope: Construct,
    *,
    merchant_sales: PipelineFunction,
    oversize: sfn.Map,
    work_bucket: s3.IBucket,
    config: PipelineConfig,
) -> sfn.Chain:
    """Build FewPartitions? with ComputeSales and ComputeSalesAtScale; both lead on to what comes next.

    Partitions that are too large for a function come first, where there are any: `oversize` computes them.
    """
    few = sfn.Map(
        scope,
        "ComputeSales",
        comment="One worker for each partition, in this execution",
        items_path="$.shards.partitions",
        max_concurrency=min(INLINE_CONCURRENCY, config.map_concurrency),
        item_selector=_partition(),
        result_path=sfn.JsonPath.DISCARD,
    )
    few.item_processor(_merchant_sales_state(scope, "MerchantSales", merchant_sales))
    many = distributed_map(
        scope,
        "ComputeSalesAtScale",
        comment="One worker for each partition, each in an execution of its own",
        list_bucket=work_bucket,
        list_key="$.shards.partitions_key",
        item=_partition(),
        work=_merchant_sales_state(scope, "MerchantSalesAtScale", merchant_sales),
        max_concurrency=config.map_concurrency,
    )
    are_few = sfn.Condition.boolean_equals("$.shards.few_partitions", True)
    others = sfn.Choice(scope, "FewOtherPartitions?").when(are_few, few).otherwise(many)
    choice = sfn.Choice(scope, "FewPartitions?", comment=f"Up to {config.inline_partitions} are few")
    choice.when(sfn.Condition.boolean_equals("$.shards.oversize", True), oversize.next(others))
    return choice.when(are_few, few).otherwise(many).afterwards()


def _partition() -> dict[str, Any]:
    return {
        "run_id": sfn.JsonPath.string_at("$.run_id"),
        "lo": sfn.JsonPath.string_at("$$.Map.Item.Value.lo"),
        "hi": sfn.JsonPath.string_at("$$.Map.Item.Value.hi"),
    }


def _merchant_sales_state(
    scope: Construct, state_name: str, merchant_sales: PipelineFunction
) -> tasks.LambdaInvoke:
    return call(
        scope,
        state_name,
        function=merchant_sales,
        comment="Sum the sales of the partition's merchants and commit them",
        payload={name: sfn.JsonPath.string_at(f"$.{name}") for name in ("run_id", "lo", "hi")},
        # nothing comes back: the answers of all partitions together must fit into 256 KiB
        output_path=sfn.JsonPath.DISCARD,
    )
