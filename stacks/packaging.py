"""The code and wheels of functions and jobs as CDK assets, packaged without Docker.

An asset's hash comes from what goes in (our files, the pins, the platform), never from what pip wrote, so two
computers agree on it and a bundle that is already in cdk.out is used again.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from stacks.platforms import Platform

MARK = "Packaging failed: "


class PackagingError(Exception):
    """The functions can't be packaged: the sentence says which wheels, why, and what to do."""


@jsii.implements(cdk.ILocalBundling)
class _LocalBundling:
    """Runs a Python function where the CDK would start Docker."""

    def __init__(self, fill: Callable[[Path], None]) -> None:
        self._fill = fill

    def try_bundle(self, output_dir: str, *_: object, **__: object) -> bool:
        """Fill the folder that the CDK moves into place afterwards; False would make it look for Docker."""
        self._fill(Path(output_dir))
        for path in Path(output_dir).rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)  # whatever the umask: Lambda must read them
        return True


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A folder that is made at synth: what it is made from, and how.

    The same bundle taken for a function and for a job is packaged and uploaded once.
    """

    source: Path
    digest: str
    fill: Callable[[Path], None]

    def for_functions(self) -> lambda_.Code:
        """Give it as the code of functions or of a layer."""
        return lambda_.Code.from_asset(str(self.source), asset_hash=self.digest, bundling=self._bundling())

    def for_jobs(self, scope: Construct, construct_id: str) -> s3_assets.Asset:
        """Give it as a zip archive in S3, which a job fetches by itself."""
        return s3_assets.Asset(
            scope, construct_id, path=str(self.source), asset_hash=self.digest, bundling=self._bundling()
        )

    def _bundling(self) -> cdk.BundlingOptions:
        never = cdk.DockerImage.from_registry("never-used")
        return cdk.BundlingOptions(image=never, local=_LocalBundling(self.fill))


def code_bundle(*, root: Path) -> Bundle:
    """Package our own files: lambdas/**/*.py and formats/*.yaml."""
    files = code_files(root)
    return Bundle(
        source=root / "lambdas",
        digest=code_hash(root, files),
        fill=lambda out: _copy(root, files, out),
    )


def code_files(root: Path) -> list[Path]:
    """List the files of the code asset in a fixed order, relative to the root."""
    found = [*root.glob("lambdas/**/*.py"), *root.glob("formats/*.yaml")]
    return sorted((path.relative_to(root) for path in found), key=lambda path: path.as_posix())


def code_hash(root: Path, files: Sequence[Path]) -> str:
    """Hash names and contents; times and modes don't count."""
    parts = []
    for path in files:
        parts += [path.as_posix().encode(), (root / path).read_bytes()]
    return _hash(parts)


def _copy(root: Path, files: Sequence[Path], output: Path) -> None:
    for path in files:
        (output / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, output / path)


def wheels_bundle(*, requirements: Path, target: Platform) -> Bundle:
    """Package a file of pinned, hashed requirements into the folder `python`, as layers have it."""
    arguments = pip_arguments(target)
    inputs = [target.name, target.python_version, *arguments]
    return Bundle(
        source=requirements.parent,
        digest=_hash([requirements.read_bytes(), *(text.encode() for text in inputs)]),
        fill=lambda out: install_wheels(requirements, arguments, out / "python"),
    )


def layer(
    scope: Construct, construct_id: str, *, requirements: Path, target: Platform
) -> lambda_.LayerVersion:
    """Build a layer from a file of pinned, hashed requirements."""
    return lambda_.LayerVersion(
        scope,
        construct_id,
        code=wheels_bundle(requirements=requirements, target=target).for_functions(),
        compatible_runtimes=[target.runtime],
        compatible_architectures=[target.architecture],
        description=f"Python packages: {requirements.stem}",
    )


def pip_arguments(target: Platform) -> tuple[str, ...]:
    """Give the arguments of `pip install` that decide what lands in a layer."""
    return ("--require-hashes", "--only-binary=:all:", "--no-compile", *target.pip_arguments)


def install_wheels(requirements: Path, arguments: Sequence[str], folder: Path) -> None:
    """Install into a folder without what differs between computers; raises PackagingError."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-color", "--no-input"]
    command += [
        "--disable-pip-version-check",
        *arguments,
        "--target",
        str(folder),
        "--requirement",
        str(requirements),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        errors = [line for line in ran.stderr.splitlines() if line.startswith("ERROR")] or [ran.stderr]
        raise PackagingError(
            f"{MARK}pip could not install {requirements.name} ({' '.join(arguments)}): {errors[-1].strip()}. "
            "Check the network and the pins, then synthesize again."
        )
    shutil.rmtree(folder / "bin", ignore_errors=True)  # scripts name this computer's Python
    for record in folder.glob("*.dist-info/RECORD"):
        record.unlink()


def packaging_error_in(message: str) -> str | None:
    """Find our sentence in an error that came back through the CDK's process, or None."""
    found = re.search(f"{MARK}.*?synthesize again[.]", message, re.DOTALL)
    return found.group() if found else None


def _hash(parts: Sequence[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
