"""An audit passes only what has been looked at; lock files name no registry, and every pin has its hash."""

import json
import re
from pathlib import Path

import pytest

from supply_chain.__main__ import PINS
from supply_chain.audit import FOUND, NOTHING_FOUND, UNCHECKED, npm_result, pip_result

ROOT = Path(__file__).parents[2]
FLAW = {"id": "PYSEC-1", "fix_versions": ["2.0"]}


@pytest.mark.parametrize(
    ("answer", "outcome", "told"),
    [
        ({"dependencies": [{"name": "a", "version": "1", "vulns": []}]}, NOTHING_FOUND, "of 1 packages"),
        (
            {"dependencies": [{"name": "a", "version": "1", "vulns": [FLAW]}]},
            FOUND,
            "a 1: PYSEC-1, mended in 2.0",
        ),
        (
            {"dependencies": [{"name": "a", "skip_reason": "not found"}]},
            UNCHECKED,
            "1 of 1 packages, such as a",
        ),
        ({"dependencies": []}, UNCHECKED, "NOT CHECKED"),
        ("", UNCHECKED, "reachable?"),
    ],
)
def test_a_package_that_could_not_be_asked_for_is_no_pass(answer: object, outcome: str, told: str) -> None:
    found = pip_result("x.txt", json.dumps(answer) if answer else "")
    assert (found.outcome, told in found.told) == (outcome, True), found.told


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"metadata": {"vulnerabilities": {"total": 0}, "dependencies": {"total": 9}}}, NOTHING_FOUND),
        ({"metadata": {"vulnerabilities": {"total": 2}, "dependencies": {"total": 9}}}, FOUND),
        ({"error": {"summary": ""}}, UNCHECKED),
    ],
)
def test_npm_without_a_registry_is_no_pass(answer: object, outcome: str) -> None:
    assert npm_result("package-lock.json", json.dumps(answer)).outcome == outcome


@pytest.mark.parametrize("path", PINS)
def test_every_pin_has_a_hash_and_no_file_names_a_registry(path: str) -> None:
    text = (ROOT / path).read_text()
    pins = re.findall(r"^([A-Za-z0-9_.\[\]-]+)==", text, re.MULTILINE)
    blocks = re.split(r"^(?=[A-Za-z0-9_.\[\]-]+==)", text, flags=re.MULTILINE)
    assert pins
    assert [block.split()[0] for block in blocks if "==" in block and "--hash=sha256:" not in block] == []
    assert not re.search("https?://|--index-url|--find-links", text)


def test_every_file_of_pins_is_audited() -> None:
    found = [path for pattern in ("*.in", "*/*.in", "lambdas/*/*.in") for path in ROOT.glob(pattern)]
    assert sorted(PINS) == sorted(str(path.with_suffix(".txt").relative_to(ROOT)) for path in found)


def test_the_lock_of_npm_names_no_registry() -> None:
    assert "resolved" not in (ROOT / "package-lock.json").read_text()


def test_make_installs_nothing_without_its_hash() -> None:
    installs = re.findall(r"pip install (.*)", (ROOT / "Makefile").read_text())
    pinned = [one for one in installs if "--require-hashes" in one]
    ourselves = [one for one in installs if {"--no-deps", "--no-build-isolation"} <= set(one.split())]
    assert pinned
    assert len(ourselves) == 1
    assert sorted(pinned + ourselves) == sorted(installs)


def test_what_builds_and_locks_is_pinned_too() -> None:
    pins = re.findall(r"^([a-z-]+)==", (ROOT / "requirements-dev.txt").read_text(), re.MULTILINE)
    assert {"setuptools", "uv"} <= set(pins)
