"""Packaging: what goes in decides the hash, nothing else does; wheels are for the platform that runs them."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stacks.packaging import (
    PackagingError,
    code_files,
    code_hash,
    install_wheels,
    packaging_error_in,
    pip_arguments,
)
from stacks.platforms import lambda_platform
from tests.infrastructure.synthesis import ROOT, app_with, stack_in

REQUIREMENTS = ROOT / "lambdas" / "requirements"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Give a small repository with what belongs into the code asset and what doesn't."""
    for name in (
        "lambdas/plan_run/handler.py",
        "lambdas/domain/look.py",
        "lambdas/domain/__pycache__/look.cpython-314.pyc",
        "lambdas/requirements/tools.txt",
        "formats/default.yaml",
        "formats/README.md",
        "tests/test_look.py",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def test_the_code_asset_holds_python_files_and_order_formats_only(tree: Path) -> None:
    assert [path.as_posix() for path in code_files(tree)] == [
        "formats/default.yaml",
        "lambdas/domain/look.py",
        "lambdas/plan_run/handler.py",
    ]


def test_the_code_hash_is_the_same_on_another_computer(
    tree: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other") / "clone"
    shutil.copytree(tree, other)
    for path in code_files(other):
        os.utime(other / path, (0, 0))
        (other / path).chmod(0o600)
    (other / "lambdas/domain/__pycache__/more.pyc").write_text("x")
    assert code_hash(other, code_files(other)) == code_hash(tree, code_files(tree))


def test_the_code_hash_changes_with_a_name_or_a_content(tree: Path) -> None:
    before = code_hash(tree, code_files(tree))
    look = tree / "lambdas/domain/look.py"
    look.write_text("changed")
    changed = code_hash(tree, code_files(tree))
    look.rename(look.with_name("looks.py"))
    assert len({before, changed, code_hash(tree, code_files(tree))}) == 3


def test_pip_that_fails_says_which_wheels_and_what_to_do(tmp_path: Path) -> None:
    requirements = tmp_path / "tools.txt"
    requirements.write_text("merchant-sales-no-such-package==1 --hash=sha256:" + "0" * 64)
    with pytest.raises(PackagingError) as failed:
        install_wheels(requirements, ["--no-index"], tmp_path / "python")
    sentence = str(failed.value)
    assert sentence.startswith("Packaging failed: pip could not install tools.txt (--no-index): ERROR: ")
    assert sentence.endswith("Check the network and the pins, then synthesize again.")
    assert packaging_error_in(f"FailedToBundleAsset: {sentence}\n  at jsii") == sentence


def test_every_pin_has_a_hash_and_names_no_registry() -> None:
    for name in ("tools.txt", "duckdb.txt", "sdk.txt"):
        text = (REQUIREMENTS / name).read_text()
        pins = [line for line in text.splitlines() if line and not line.startswith(("#", " "))]
        assert pins
        assert all("==" in pin and pin.endswith("\\") for pin in pins)
        assert "://" not in text
        assert "--index" not in text


def test_the_functions_run_on_the_packages_that_the_tests_run_on() -> None:
    tested = _pins(ROOT / "requirements.txt")
    for name in ("tools.txt", "duckdb.txt", "sdk.txt"):
        for package, version in _pins(REQUIREMENTS / name).items():
            assert tested[package] == version, package


def _pins(requirements: Path) -> dict[str, str]:
    lines = requirements.read_text().splitlines()
    return dict(
        line.split()[0].split("==") for line in lines if "==" in line and not line.startswith((" ", "#"))
    )


@pytest.mark.packages
def test_the_wheels_for_aws_are_for_its_processor(tmp_path: Path) -> None:
    for name in ("tools.txt", "duckdb.txt"):
        install_wheels(REQUIREMENTS / name, pip_arguments(lambda_platform("arm64")), tmp_path / name)
    libraries = list(tmp_path.rglob("*.so"))
    assert {path.name.split(".")[0] for path in libraries} >= {"_duckdb", "_yaml"}
    assert {_elf_machine(path) for path in libraries} == {0xB7}  # AArch64
    assert list(tmp_path.rglob("*.pyc")) == []


def _elf_machine(library: Path) -> int:
    with library.open("rb") as file:
        return int.from_bytes(file.read(20)[18:], "little")


@pytest.fixture(scope="module")
def bundle() -> dict[str, Path]:
    """Give the folders of the assets for this computer: the code, and the wheels by package."""
    app = app_with({"target": "host"}, bundle=True)
    stack_in(app)
    assembly = Path(app.synth().directory)
    manifest = json.loads((assembly / "MerchantSales.assets.json").read_text())
    sources = [asset["source"] for asset in manifest["files"].values()]
    folders = [assembly / source["path"] for source in sources if source["packaging"] == "zip"]
    marks = {
        "code": "lambdas",
        "tools": "python/yaml",
        "duckdb": "python/duckdb",
        "sdk": "python/boto3",
    }
    return {name: next(f for f in folders if (f / mark).is_dir()) for name, mark in marks.items()}


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with what Lambda's own Python brings along: the AWS SDK, and nothing else."""
    folder = tmp_path_factory.mktemp("runtime")
    for package in ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"):
        spec = importlib.util.find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        source = Path(spec.origin)
        source = source.parent if source.name == "__init__.py" else source
        (folder / source.name).symlink_to(source)
    return folder


@pytest.mark.packages
@pytest.mark.parametrize(
    ("folder", "layers"),
    [
        ("plan_run", ["tools"]),
        ("shard_orders", ["tools", "duckdb"]),
        ("index_shards", ["tools"]),
        ("merchant_sales", ["tools", "duckdb"]),
        ("settle_run", ["tools"]),
        ("fail_run", ["tools"]),
    ],
)
def test_a_function_finds_all_it_imports_in_its_own_assets(
    bundle: dict[str, Path], runtime: Path, folder: str, layers: list[str]
) -> None:
    paths = [str(bundle["code"]), *(str(bundle[name] / "python") for name in layers), str(runtime)]
    program = f"import sys; sys.path[:0] = sys.argv[1:]; import lambdas.{folder}.handler as ours; " + (
        "print(ours.__file__, ours.handler.__name__)"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, *paths], capture_output=True, text=True, check=False
    )
    assert ran.stderr == ""
    assert ran.stdout.split() == [str(bundle["code"] / "lambdas" / folder / "handler.py"), "handler"]


@pytest.mark.packages
def test_a_job_finds_all_it_imports_in_its_archives_and_shares_them_with_the_functions(
    bundle: dict[str, Path],
) -> None:
    paths = [str(bundle["code"]), *(str(bundle[name] / "python") for name in ("tools", "duckdb", "sdk"))]
    program = (
        "import sys; sys.path[:0] = sys.argv[1:]; import lambdas.oversize_orders.job as job; import boto3; "
        + ("print(job.__file__, boto3.__file__)")
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, *paths], capture_output=True, text=True, check=False
    )
    assert ran.stderr == ""
    assert ran.stdout.split() == [
        str(bundle["code"] / "lambdas" / "oversize_orders" / "job.py"),
        str(bundle["sdk"] / "python" / "boto3" / "__init__.py"),
    ]
    assert len({folder.name for folder in bundle["code"].parent.glob("asset.*")}) == len(bundle)
