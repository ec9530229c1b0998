"""What data is encrypted with: keys that AWS owns, or with `encryption: kms` one key of the deployment's own.

Roles get the key by its encryption context, that is for single buckets, tables, queues and so on.
"""

from collections.abc import Sequence

from aws_cdk import ArnFormat, Duration, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.config import PipelineConfig
from stacks.grantees import RoleOwner
from stacks.key_policy import service_statements

DELETED_AFTER = Duration.days(7)  # the shortest that KMS offers; until then the deletion can be cancelled
OBJECTS, ITEMS, EXECUTIONS = "aws:s3:arn", "aws:dynamodb:tableName", "aws:states:stateMachineArn"
MESSAGES, NOTICES = "aws:sqs:arn", "aws:sns:topicArn"
READ, WRITE = "kms:Decrypt", "kms:GenerateDataKey"


class Encryption(Construct):
    """The deployment's key, if it is to have one; without it nothing here does anything."""

    def __init__(self, scope: Construct, construct_id: str, *, config: PipelineConfig) -> None:
        super().__init__(scope, construct_id)
        self._orders_key_arn = config.orders_bucket_key_arn
        self._bootstrap_key_arn = config.bootstrap_key_arn
        self._orders_are_ours = not config.orders_bucket_name
        self.key: kms.Key | None = self._own_key(config) if config.encryption == "kms" else None

    def _own_key(self, config: PipelineConfig) -> kms.Key:
        key = kms.Key(
            self,
            "Key",
            description=f"Data of the merchant-sales deployment {config.stack_name}",
            alias=f"alias/{config.stack_name}",
            enable_key_rotation=True,
            # what outlives the stack can't be read without it
            removal_policy=RemovalPolicy.RETAIN if config.keeps_data else RemovalPolicy.DESTROY,
            pending_window=DELETED_AFTER,
        )
        for statement in service_statements(Stack.of(self), config):
            key.add_to_resource_policy(statement)
        return key

    def encrypt_table(self, table: dynamodb.TableV2) -> None:
        """Encrypt a table; the CDK's own property is for stacks that are bound to a region."""
        resource = table.node.default_child
        assert isinstance(resource, dynamodb.CfnGlobalTable)
        if self.key:
            resource.sse_specification = dynamodb.CfnGlobalTable.SSESpecificationProperty(
                sse_enabled=True, sse_type="KMS"
            )
            replica = {"KMSMasterKeyId": self.key.key_arn}
            resource.add_property_override("Replicas.0.SSESpecification", replica)

    def encrypt_queue(self, queue: sqs.Queue) -> None:
        """Encrypt a queue; the CDK's own property would grant senders more than they need."""
        resource = queue.node.default_child
        assert isinstance(resource, sqs.CfnQueue)
        if self.key:
            resource.sqs_managed_sse_enabled = None
            resource.kms_master_key_id = self.key.key_arn

    def encrypt_state_machine(self, machine: sfn.StateMachine) -> None:
        """Encrypt its definition and the history of its executions, as its role."""
        resource = machine.node.default_child
        assert isinstance(resource, sfn.CfnStateMachine)
        if not self.key:
            return
        resource.encryption_configuration = sfn.CfnStateMachine.EncryptionConfigurationProperty(
            type="CUSTOMER_MANAGED_KMS_KEY",
            kms_key_id=self.key.key_arn,
            kms_data_key_reuse_period_seconds=900,  # the longest: each new data key is a call of KMS
        )
        assert resource.state_machine_name
        name = resource.state_machine_name
        self._allow(machine, READ, WRITE, context=EXECUTIONS, is_like=self._machines(name))
        logs = Stack.of(self).format_arn(service="logs", resource="*")
        self._allow(machine, WRITE, context="SourceArn", is_like=[logs])

    def allow_objects(self, who: RoleOwner, bucket: s3.IBucket, *, written: bool = False) -> None:
        """Let somebody read the objects of a bucket of ours, and write some."""
        actions = [READ, WRITE] if written else [READ]
        self._allow(who, *actions, context=OBJECTS, is_like=_objects(bucket))

    def allow_order_files(self, who: RoleOwner, bucket: s3.IBucket) -> None:
        """Let somebody read order files, whosever the bucket and its key are."""
        if self._orders_are_ours:
            self.allow_objects(who, bucket)
        else:
            _allow_reading(who, bucket, self._orders_key_arn)

    def allow_archives(self, who: RoleOwner, bucket: s3.IBucket) -> None:
        """Let somebody read what the CDK has uploaded, where its bucket has a key that leaves it to roles."""
        _allow_reading(who, bucket, self._bootstrap_key_arn)

    def allow_items(self, who: RoleOwner, *tables: dynamodb.ITableV2) -> None:
        """Let somebody use tables: DynamoDB decrypts a table's own key for readers and writers alike."""
        names = [table.table_name for table in tables]
        self._allow(who, READ, context=ITEMS, is_like=names)

    def allow_messages(self, who: RoleOwner, queue: sqs.IQueue) -> None:
        """Let somebody send messages to a queue."""
        self._allow(who, READ, WRITE, context=MESSAGES, is_like=[queue.queue_arn])

    def allow_notices(self, who: RoleOwner, topic: sns.ITopic) -> None:
        """Let somebody publish to a topic."""
        self._allow(who, READ, WRITE, context=NOTICES, is_like=[topic.topic_arn])

    def allow_executions(self, who: RoleOwner, state_machine_name: str) -> None:
        """Let somebody read how executions began and ended."""
        machines = self._machines(state_machine_name)
        self._allow(who, READ, context=EXECUTIONS, is_like=machines)

    def _machines(self, name: str) -> list[str]:
        """Name a state machine, and what its Distributed Maps start."""
        machine = Stack.of(self).format_arn(
            service="states",
            resource="stateMachine",
            resource_name=name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        return [machine, f"{machine}/*"]

    def _allow(self, who: RoleOwner, *actions: str, context: str, is_like: list[str]) -> None:
        if self.key:
            statement = _statement(self.key.key_arn, actions, context=context, is_like=is_like)
            who.role.add_to_principal_policy(statement)


def _allow_reading(who: RoleOwner, bucket: s3.IBucket, key_arn: str) -> None:
    """Let somebody read a bucket that isn't ours; without a key it takes no more than S3's leave."""
    if key_arn:
        statement = _statement(key_arn, [READ], context=OBJECTS, is_like=_objects(bucket))
        who.role.add_to_principal_policy(statement)


def _objects(bucket: s3.IBucket) -> list[str]:
    """Name the contexts of a bucket's objects: the bucket, or the object that refused a bucket key."""
    return [bucket.bucket_arn, bucket.arn_for_objects("*")]


def _statement(
    key_arn: str, actions: Sequence[str], *, context: str, is_like: Sequence[str]
) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=list(actions),
        resources=[key_arn],
        conditions={"StringLike": {f"kms:EncryptionContext:{context}": list(is_like)}},
    )
