"""Runs functions in the environment that holds boto3 only.

The engine runs them in its own, where they would find its packages and pass although they forgot a
dependency that AWS's runtime doesn't have.
"""

from pathlib import Path
from typing import Any


def apply(lambda_runtime: Any, function_python: Path) -> None:
    """Replace the interpreter of Python functions."""
    original = lambda_runtime._detect_runtime_binary

    def detect(runtime: str) -> tuple[str, str]:
        binary, script = original(runtime)
        return (str(function_python), script) if runtime.startswith("python") else (binary, script)

    lambda_runtime._detect_runtime_binary = detect
