"""The one way a function of the pipeline is built."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jsii
from aws_cdk import Duration, RemovalPolicy, Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.config import PipelineConfig
from stacks.encryption import Encryption
from stacks.log_groups import log_group_of
from stacks.packaging import code_bundle, layer
from stacks.platforms import platform_of

SERVICE = "merchant-sales"
CONTROL_LIMIT = Duration.minutes(5)
WORK_LIMIT = Duration.minutes(15)  # the most that Lambda allows


@jsii.implements(lambda_.IDestination)
class KeptIn:
    """A queue as destination; the CDK's own grants more than sending to it."""

    def __init__(self, queue: sqs.IQueue) -> None:
        """Take the queue."""
        self._queue = queue

    def bind(
        self, scope: Construct, fn: lambda_.IFunction, options: object = None, **_: object
    ) -> lambda_.DestinationConfig:
        """Name the queue; jsii gives the options as one argument, whatever the interface says."""
        del scope, fn, options
        return lambda_.DestinationConfig(destination=self._queue.queue_arn)


@dataclass(frozen=True, kw_only=True)
class PipelineFunction:
    """A function, the role that its grants go to, and its time limit."""

    function: lambda_.Function
    role: iam.Role
    limit: Duration

    @property
    def version(self) -> lambda_.Version:
        """Publish the version that runs of this deployment name."""
        return self.function.current_version

    def allow(self, *actions: str, on: Sequence[str]) -> None:
        """Grant actions on resources, as one statement of the function's own role."""
        self.role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=list(on)))

    def keep_failed_calls(self, queue: sqs.IQueue) -> None:
        """Try a call that nobody waits for twice more, and then keep it in a queue with what went wrong."""
        self.function.configure_async_invoke(
            retry_attempts=2, max_event_age=Duration.hours(6), on_failure=KeptIn(queue)
        )
        self.allow("sqs:SendMessage", on=[queue.queue_arn])


class Functions(Construct):
    """Code, layers and settings that all functions share."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: PipelineConfig,
        encryption: Encryption,
        root: Path,
    ) -> None:
        super().__init__(scope, construct_id)
        self._config = config
        self._encryption = encryption
        self._platform = platform_of(config)
        self._code = code_bundle(root=root).for_functions()
        requirements = root / "lambdas" / "requirements"
        self._tools = layer(self, "Tools", requirements=requirements / "tools.txt", target=self._platform)
        self._duckdb = layer(self, "DuckDb", requirements=requirements / "duckdb.txt", target=self._platform)

    def control(
        self,
        scope: Construct,
        construct_id: str,
        *,
        folder: str,
        description: str,
        environment: Mapping[str, str],
        limit: Duration = CONTROL_LIMIT,
    ) -> PipelineFunction:
        """Build a function that plans, checks or settles: small and short."""
        return self._build(
            scope,
            construct_id,
            folder=folder,
            description=description,
            environment=environment,
            layers=[self._tools],
            memory_mb=self._config.control_memory_mb,
            limit=limit,
            disk=Size.mebibytes(512),
        )

    def worker(
        self,
        scope: Construct,
        construct_id: str,
        *,
        folder: str,
        description: str,
        environment: Mapping[str, str],
        memory_mb: int,
        disk: Size,
        reserved_concurrency: int,
    ) -> PipelineFunction:
        """Build a function that works on order lines with DuckDB; 0 reserves no concurrency for it."""
        return self._build(
            scope,
            construct_id,
            folder=folder,
            description=description,
            environment=environment,
            layers=[self._tools, self._duckdb],
            memory_mb=memory_mb,
            limit=WORK_LIMIT,
            disk=disk,
            reserved_concurrency=reserved_concurrency or None,
        )

    def _build(
        self,
        scope: Construct,
        construct_id: str,
        *,
        folder: str,
        description: str,
        environment: Mapping[str, str],
        layers: Sequence[lambda_.ILayerVersion],
        memory_mb: int,
        limit: Duration,
        disk: Size,
        reserved_concurrency: int | None = None,
    ) -> PipelineFunction:
        log_group = log_group_of(
            scope, f"{construct_id}Log", config=self._config, encryption=self._encryption
        )
        role = iam.Role(
            scope,
            f"{construct_id}Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"What {folder} may do",
        )
        log_group.grant_write(role)
        function = lambda_.Function(
            scope,
            construct_id,
            description=description,
            code=self._code,
            handler=f"lambdas.{folder}.handler.handler",
            runtime=self._platform.runtime,
            architecture=self._platform.architecture,
            layers=list(layers),
            environment={**self._shared_environment(), **environment},
            environment_encryption=self._encryption.key,
            memory_size=memory_mb,
            timeout=limit,
            ephemeral_storage_size=disk,
            reserved_concurrent_executions=reserved_concurrency,
            role=role,
            log_group=log_group,
            tracing=lambda_.Tracing.ACTIVE,
            current_version_options=lambda_.VersionOptions(
                removal_policy=RemovalPolicy.RETAIN,  # runs that have started go on with it
            ),
        )
        return PipelineFunction(function=function, role=role, limit=limit)

    def _shared_environment(self) -> dict[str, str]:
        config = self._config
        return {
            "FAN_OUT": config.fan_out,
            "PARTITION_BYTES": str(config.partition_bytes),
            "MAX_PARTITIONS": str(config.max_partitions),
            "INLINE_PARTITIONS": str(config.inline_partitions),
            "ONE_SPLIT_BYTES": str(config.one_split_bytes),
            "SPLIT_BYTES": str(config.split_bytes),
            "MAX_FILE_BYTES": str(config.max_file_bytes),
            "LOG_LEVEL": config.log_level,
            "POWERTOOLS_SERVICE_NAME": SERVICE,
            "POWERTOOLS_METRICS_NAMESPACE": config.stack_name,
        }
