"""Imports go one way: handler to adapters to domain, and the command never into a handler."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = {
    "plan_run", "shard_orders", "index_shards", "merchant_sales", "settle_run", "fail_run", "sweep", "notify",
}  # fmt: skip
HANDLERS = FUNCTIONS | {"oversize_orders"}  # a job, which does the work of two functions
FORBIDDEN_IN = {
    "lambdas/domain": {
        "boto3", "botocore", "os", "time", "random", "aws_lambda_powertools", "lambdas.adapters", "aws_cdk",
        "stacks", "cli", "local", *(f"lambdas.{name}" for name in HANDLERS),
    },
    "lambdas/adapters": {"aws_cdk", "stacks", "cli", "local", *(f"lambdas.{name}" for name in HANDLERS)},
    "lambdas": {"aws_cdk", "stacks", "cli", "local", "typer", "rich", "pytest"},
    "stacks": {"cli", "local", "boto3", "duckdb", *(f"lambdas.{name}" for name in HANDLERS)},
    "cli": {"aws_cdk", "stacks", *(f"lambdas.{name}" for name in HANDLERS)},
    "local": {"aws_cdk", "cli", "lambdas"},
}  # fmt: skip


def imported(path: Path) -> set[str]:
    """Every module that a file imports, with what leads to it: a.b.c gives a, a.b and a.b.c."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {".".join(name.split(".")[:length]) for name in names for length in range(1, name.count(".") + 2)}


@pytest.mark.parametrize("folder", FORBIDDEN_IN)
def test_no_file_imports_against_the_direction(folder: str) -> None:
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    wrong = {str(path.relative_to(ROOT)): sorted(imported(path) & FORBIDDEN_IN[folder]) for path in files}
    assert {path: names for path, names in wrong.items() if names} == {}


def test_one_function_does_not_import_another() -> None:
    for name in FUNCTIONS:
        others = {f"lambdas.{other}" for other in HANDLERS - {name}}
        for path in (ROOT / "lambdas" / name).rglob("*.py"):
            assert not imported(path) & others, path


def test_nothing_is_named_utils_or_helpers_or_common() -> None:
    folders = ("lambdas", "stacks", "cli", "local", "benchmarks", "tests")
    names = {path.stem for folder in folders for path in (ROOT / folder).rglob("*")}
    assert not names & {"utils", "helpers", "common", "shared", "misc"}
