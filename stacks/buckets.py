"""The one way a bucket is built: private, encrypted, over TLS; and what the profile does with it."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.config import PipelineConfig
from stacks.encryption import Encryption


class Buckets(Construct):
    """The bucket of access logs, if they are wanted, and the way in which all others are built."""

    def __init__(
        self, scope: Construct, construct_id: str, *, config: PipelineConfig, encryption: Encryption
    ) -> None:
        super().__init__(scope, construct_id)
        self._config = config
        self._key = encryption.key
        self._access_logs: s3.Bucket | None = None
        if config.access_logs:
            # S3 can't deliver its access logs into a bucket whose default is a KMS key
            self._access_logs = self._private(self, "AccessLogs", versioned=False, key=None)
            expiration = Duration.days(config.log_retention_days)
            self._access_logs.add_lifecycle_rule(id="old-logs", expiration=expiration)

    def private(self, scope: Construct, construct_id: str, *, versioned: bool) -> s3.Bucket:
        """Build a bucket that only this account reaches; in the profile prod it outlives the stack."""
        bucket = self._private(scope, construct_id, versioned=versioned, key=self._key)
        if self._key:
            _refuse_other_keys(bucket, self._key)
        return bucket

    def _private(
        self, scope: Construct, construct_id: str, *, versioned: bool, key: kms.IKey | None
    ) -> s3.Bucket:
        config = self._config
        bucket = s3.Bucket(
            scope,
            construct_id,
            versioned=versioned,
            encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=key,
            bucket_key_enabled=True if key else None,  # one call of KMS for many objects
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            server_access_logs_bucket=self._access_logs,
            server_access_logs_prefix=f"{construct_id}/" if self._access_logs else None,
            removal_policy=RemovalPolicy.RETAIN if config.keeps_data else RemovalPolicy.DESTROY,
            # by a function that the CDK brings along; the embedded engine's buckets are emptied by local/
            auto_delete_objects=not config.keeps_data and config.target != "host",
        )
        lasting = Duration.days(7)
        bucket.add_lifecycle_rule(id="broken-uploads", abort_incomplete_multipart_upload_after=lasting)
        return bucket


def _refuse_other_keys(bucket: s3.Bucket, key: kms.IKey) -> None:
    """Refuse an upload that asks for another encryption than the bucket's: the functions couldn't read it."""
    header = "s3:x-amz-server-side-encryption"
    another_key = {
        "Null": {header: "false"},
        # true of no key as well: `aws:kms` without one means that of AWS
        "StringNotEquals": {f"{header}-aws-kms-key-id": key.key_arn},
    }
    uploaders_key = {"Null": {f"{header}-customer-algorithm": "false"}}
    for conditions in (another_key, uploaders_key):
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["s3:PutObject"],
                resources=[bucket.arn_for_objects("*")],
                conditions=conditions,
            )
        )
