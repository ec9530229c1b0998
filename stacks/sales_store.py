"""Where the pipeline keeps what it computes: the sales table, the runs table and the work bucket."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from stacks.buckets import Buckets
from stacks.config import PipelineConfig
from stacks.encryption import Encryption

TOTALS_IN_LEADERBOARD = [
    "merchant_id",
    "currency",
    "files",
    "orders",
    "lines",
    "units",
    "gross_sales",
    "refunds",
]

TELL_MISSING = ("s3:ListBucket",)
"""Without it S3 answers 403 for an object that isn't there; with it, on the whole bucket, 404."""

GIVE_UP = "s3:AbortMultipartUpload"
"""Ends the upload of a large file that failed, or that another worker was faster with."""

OLD_VERSIONS_DAYS = 90


class SalesStore(Construct):
    """Two tables and a bucket; in the profile prod all three outlive the stack."""

    def __init__(
        self, scope: Construct, construct_id: str, *, config: PipelineConfig, encryption: Encryption
    ) -> None:
        super().__init__(scope, construct_id)
        self.encryption = encryption
        self.sales_table = _table(
            self,
            "SalesTable",
            config=config,
            encryption=encryption,
            max_write_units=config.max_write_units or None,
        )
        self.sales_table.add_global_secondary_index(
            index_name="leaderboard",
            partition_key=_text("leaderboard"),
            sort_key=dynamodb.Attribute(name="net_sales", type=dynamodb.AttributeType.NUMBER),
            projection_type=dynamodb.ProjectionType.INCLUDE,
            non_key_attributes=TOTALS_IN_LEADERBOARD,
        )
        self.runs_table = _table(
            self,
            "RunsTable",
            config=config,
            encryption=encryption,
            time_to_live_attribute="expires_at",
        )
        self.runs_table.add_global_secondary_index(
            index_name="runs_by_start", partition_key=_text("listing"), sort_key=_text("started_at")
        )
        self.buckets = Buckets(self, "Buckets", config=config, encryption=encryption)
        # what takes earlier sales back is there: versions bring back what was overwritten or deleted by hand
        self.work_bucket = self.buckets.private(self, "WorkBucket", versioned=True)
        self.work_bucket.add_lifecycle_rule(
            id="plans-and-shards", prefix="runs/", expiration=Duration.days(config.work_expiry_days)
        )
        self.work_bucket.add_lifecycle_rule(
            id="expired-plans-and-shards", prefix="runs/", noncurrent_version_expiration=Duration.days(1)
        )
        self.work_bucket.add_lifecycle_rule(
            id="old-versions",
            noncurrent_version_expiration=Duration.days(OLD_VERSIONS_DAYS),
            expired_object_delete_marker=True,
        )


def _table(
    scope: Construct,
    construct_id: str,
    *,
    config: PipelineConfig,
    encryption: Encryption,
    time_to_live_attribute: str | None = None,
    max_write_units: int | None = None,
) -> dynamodb.TableV2:
    table = dynamodb.TableV2(
        scope,
        construct_id,
        partition_key=_text("pk"),
        sort_key=_text("sk"),
        billing=dynamodb.Billing.on_demand(max_write_request_units=max_write_units),
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=config.keeps_data
        ),
        time_to_live_attribute=time_to_live_attribute,
        deletion_protection=config.keeps_data,
        removal_policy=RemovalPolicy.RETAIN if config.keeps_data else RemovalPolicy.DESTROY,
    )
    encryption.encrypt_table(table)
    return table


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
