"""Tells whether what a deployment is made from has changed."""

import hashlib
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_SOURCES = ("app.py", "cdk.json", "package-lock.json", "stacks", "lambdas", "formats")


def fingerprint(folder: Path, context: Mapping[str, str]) -> str:
    """A hash of the CDK app's sources, its context, the interpreter and the CDK library."""
    digest = hashlib.sha256(f"{sys.version}\n{_library_version()}\n{sorted(context.items())}\n".encode())
    for path in _files(folder):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder)}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for name in _SOURCES:
        source = folder / name
        found = sorted(source.rglob("*")) if source.is_dir() else [source]
        yield from (path for path in found if path.is_file() and "__pycache__" not in path.parts)


def _library_version() -> str:
    try:
        return version("aws-cdk-lib")
    except PackageNotFoundError:
        return "not installed"
