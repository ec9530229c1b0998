"""What functions and jobs run on: AWS, or this computer for the local engine."""

import platform
import sys
from dataclasses import dataclass

from aws_cdk import aws_lambda as lambda_

from stacks.config import PipelineConfig

LAMBDA_PYTHON = "3.14"


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A processor and a Python version, and the pip arguments that select wheels for them."""

    architecture: lambda_.Architecture
    python_version: str
    pip_arguments: tuple[str, ...]
    name: str

    @property
    def runtime(self) -> lambda_.Runtime:
        """Give the Lambda runtime of this Python."""
        return lambda_.Runtime(f"python{self.python_version}", lambda_.RuntimeFamily.PYTHON)


def platform_of(config: PipelineConfig) -> Platform:
    """Describe what this deployment runs on."""
    return host_platform() if config.target == "host" else lambda_platform(config.architecture)


def lambda_platform(architecture: str) -> Platform:
    """Describe AWS Lambda on arm64 or x86_64; jobs on Fargate take the same Python and wheels."""
    machine = {"arm64": "aarch64", "x86_64": "x86_64"}[architecture]
    tags = [f"manylinux_2_28_{machine}", f"manylinux_2_17_{machine}", f"manylinux2014_{machine}"]
    return Platform(
        architecture=_architecture(machine),
        python_version=LAMBDA_PYTHON,
        pip_arguments=(
            *(f"--platform={tag}" for tag in tags),
            f"--python-version={LAMBDA_PYTHON}",
            "--implementation=cp",
        ),
        name=f"lambda {machine}",
    )


def host_platform() -> Platform:
    """Describe this computer and the Python that runs this code."""
    return Platform(
        architecture=_architecture(platform.machine()),
        python_version=f"{sys.version_info.major}.{sys.version_info.minor}",
        pip_arguments=(),
        name=f"{platform.system()} {platform.machine()}",
    )


def _architecture(machine: str) -> lambda_.Architecture:
    return lambda_.Architecture.ARM_64 if machine in ("aarch64", "arm64") else lambda_.Architecture.X86_64
