"""`make audit` and `make sbom`, of every file of pins.

python -m supply_chain audit      exit code 0: all checked, nothing known; 1: something is; 3: not all checked
python -m supply_chain sbom       CycloneDX bills of materials in build/sbom
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from supply_chain.audit import FOUND, NOTHING_FOUND, Audited, npm_result, pip_result

ROOT = Path(__file__).parents[1]
PINS = (
    "lambdas/requirements/tools.txt",
    "lambdas/requirements/duckdb.txt",
    "lambdas/requirements/sdk.txt",
    "requirements.txt",
    "requirements-dev.txt",
    "local/requirements.txt",
    "local/function_requirements.txt",
    "benchmarks/requirements.txt",
    "supply_chain/requirements.txt",
)
NOT_CHECKED = 3


def main() -> int:
    """Do what the one argument says."""
    if sys.argv[1:] == ["sbom"]:
        return _write_bills()
    if sys.argv[1:] != ["audit"]:
        sys.stderr.write(f"{__doc__}")
        return 2
    audited = [_pip(path) for path in PINS] + [_npm()]
    for one in audited:
        sys.stdout.write(f"{one.told}\n")
    if any(one.outcome == FOUND for one in audited):
        return 1
    return 0 if all(one.outcome == NOTHING_FOUND for one in audited) else NOT_CHECKED


def _pip(path: str) -> Audited:
    program = Path(sys.executable).with_name("pip-audit")
    command = [
        str(program),
        "-r",
        path,
        "--require-hashes",
        "--disable-pip",
        "-f",
        "json",
        "--progress-spinner=off",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return pip_result(path, done.stdout)


def _npm() -> Audited:
    done = subprocess.run(["npm", "audit", "--json"], cwd=ROOT, capture_output=True, text=True, check=False)
    return npm_result("package-lock.json", done.stdout)


def _write_bills() -> int:
    folder = ROOT / "build" / "sbom"
    folder.mkdir(parents=True, exist_ok=True)
    program = Path(sys.executable).with_name("cyclonedx-py")
    for path in PINS:
        bill = folder / f"{path.replace('/', '-').removesuffix('.txt')}.cdx.json"
        command = [str(program), "requirements", path, "--of", "JSON", "-o", str(bill)]
        subprocess.run(command, cwd=ROOT, check=True)
    with (folder / "command-line.cdx.json").open("wb") as bill_of_npm:
        command = ["npm", "sbom", "--sbom-format=cyclonedx", "--package-lock-only"]
        subprocess.run(command, cwd=ROOT, check=True, stdout=bill_of_npm)
    sys.stdout.write(f"{len(list(folder.glob('*.json')))} bills of materials in {folder.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
