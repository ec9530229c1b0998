"""The one way a job of the pipeline is built: a plain Python image that fetches our code by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Duration, Size, Stack
from aws_cdk import aws_batch as batch
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from stacks.config import PipelineConfig
from stacks.config_checks import BATCH_ATTEMPTS
from stacks.encryption import Encryption
from stacks.functions import SERVICE
from stacks.log_groups import log_group_of
from stacks.packaging import code_bundle, wheels_bundle
from stacks.platforms import Platform, platform_of

# Lambda's Python, so that jobs and functions share wheels. Behind the digest are both processors (2026-07).
IMAGE = (
    "public.ecr.aws/docker/library/python:3.14.6-slim-bookworm"
    "@sha256:86f975aca15cf04a40b399eebede9aea7c82eae084d1f1a0a6ef6bcaae871a30"
)
WHEELS = {"Tools": "tools.txt", "DuckDb": "duckdb.txt", "Sdk": "sdk.txt"}


@dataclass(frozen=True, kw_only=True)
class PipelineJob:
    """A job definition, the role that its grants go to, and the time limit of one attempt."""

    definition: batch.EcsJobDefinition
    role: iam.Role
    limit: Duration

    def allow(self, *actions: str, on: Sequence[str]) -> None:
        """Grant actions on resources, as one statement of the job's own role."""
        self.role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=list(on)))


class Jobs(Construct):
    """Archives, image, log group and execution role that all jobs share."""

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
        self._config, self._encryption = config, encryption
        self._platform = platform_of(config)
        self._bootstrap = (root / "lambdas" / "oversize_orders" / "bootstrap.py").read_text("utf-8")
        self._archives = self._packaged(root)
        self._log_group = log_group_of(self, "Log", config=config, encryption=encryption)
        self._execution_role = _role(self, "ExecutionRole", "What Fargate may do: write a job's log")

    def job(
        self,
        scope: Construct,
        construct_id: str,
        *,
        description: str,
        arguments: Sequence[str],
        parameters: Mapping[str, str],
        environment: Mapping[str, str],
    ) -> PipelineJob:
        """Build a job definition; its arguments name parameters as Ref::name, the parameters are defaults."""
        role = _role(scope, f"{construct_id}Role", f"What the job may do that {description}")
        archives = self._archives[0].bucket  # the CDK has one bucket for them all
        # of earlier deployments too: a job of a run that has started fetches what its revision names
        arn = archives.arn_for_objects(f"{self._config.assets_prefix}*.zip")
        role.add_to_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=[arn]))
        limit = Duration.hours(self._config.batch_limit_hours)
        definition = batch.EcsJobDefinition(
            scope,
            construct_id,
            container=self._container(scope, construct_id, role, arguments, environment),
            parameters=dict(parameters),
            timeout=limit,
            retry_attempts=BATCH_ATTEMPTS,
            retry_strategies=retry_strategies(),
            propagate_tags=True if self._config.monthly_budget_usd else None,  # or the budget misses them
            skip_deregister_on_update=True,  # runs that have started go on with their revision
        )
        job = PipelineJob(definition=definition, role=role, limit=limit)
        self._encryption.allow_archives(job, archives)
        return job

    def _container(
        self,
        scope: Construct,
        construct_id: str,
        role: iam.Role,
        arguments: Sequence[str],
        environment: Mapping[str, str],
    ) -> batch.EcsFargateContainerDefinition:
        config = self._config
        return batch.EcsFargateContainerDefinition(
            scope,
            f"{construct_id}Container",
            image=ecs.ContainerImage.from_registry(IMAGE),
            command=["python", "-c", self._bootstrap, *arguments],
            environment={**self._shared_environment(), **environment},
            cpu=config.batch_vcpus,
            memory=Size.mebibytes(config.batch_memory_mb),
            ephemeral_storage_size=Size.gibibytes(config.batch_disk_gib),
            fargate_cpu_architecture=_processor(self._platform),
            fargate_operating_system_family=ecs.OperatingSystemFamily.LINUX,
            assign_public_ip=True,
            user="nobody",
            job_role=role,
            execution_role=self._execution_role,
            logging=_logging(self._log_group, construct_id),
        )

    def _packaged(self, root: Path) -> list[s3_assets.Asset]:
        requirements = root / "lambdas" / "requirements"
        bundles = {
            construct_id: wheels_bundle(requirements=requirements / name, target=self._platform)
            for construct_id, name in WHEELS.items()
        }
        bundles["Code"] = code_bundle(root=root)
        return [bundle.for_jobs(self, construct_id) for construct_id, bundle in bundles.items()]

    def _shared_environment(self) -> dict[str, str]:
        return {
            "AWS_DEFAULT_REGION": Stack.of(self).region,
            "JOB_ARCHIVES": " ".join(archive.http_url for archive in self._archives),
            "JOB_MEMORY_MB": str(self._config.batch_memory_mb),
            "JOB_VCPUS": str(self._config.batch_vcpus),
            "LOG_LEVEL": self._config.log_level,
            "POWERTOOLS_SERVICE_NAME": SERVICE,
        }


def retry_strategies() -> list[batch.RetryStrategy]:
    """Try again what may pass; a job that failed by itself has tried, and tells why. Batch takes five."""
    again, end = batch.Action.RETRY, batch.Action.EXIT
    passing = [
        batch.Reason.custom(on_status_reason="Your Spot Task was interrupted*"),
        batch.Reason.custom(on_status_reason="CannotPullContainerError:*"),
        batch.Reason.CANNOT_PULL_CONTAINER,
        batch.Reason.custom(on_status_reason="Task failed to start*"),
    ]
    everything_else = batch.Reason.custom(on_reason="*")  # without it Batch would try again
    return [
        *(batch.RetryStrategy.of(again, reason) for reason in passing),
        batch.RetryStrategy.of(end, everything_else),
    ]


def _role(scope: Construct, construct_id: str, description: str) -> iam.Role:
    principal = iam.ServicePrincipal("ecs-tasks.amazonaws.com")
    return iam.Role(scope, construct_id, assumed_by=principal, description=description)


def _processor(platform: Platform) -> ecs.CpuArchitecture:
    arm = platform.architecture.name == lambda_.Architecture.ARM_64.name
    return ecs.CpuArchitecture.ARM64 if arm else ecs.CpuArchitecture.X86_64


def _logging(log_group: logs.LogGroup, prefix: str) -> ecs.LogDriver:
    return ecs.LogDriver.aws_logs(stream_prefix=prefix, log_group=log_group)
