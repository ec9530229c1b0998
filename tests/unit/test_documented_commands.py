"""Commands in the documents are there for who follows them: targets of make, nothing of node_modules."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TARGETS = set(re.findall(r"^([a-z -]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_nobody_is_told_to_type_a_command_that_only_make_finds(path: Path) -> None:
    assert re.findall(r"(?:^|`|or: )cdk [a-z]+.*", path.read_text(), re.MULTILINE) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_command_is_a_target(path: Path) -> None:
    known = {target for line in TARGETS for target in line.split()}
    assert set(re.findall(r"(?:^|`|or: )make ([a-z-]+)", path.read_text(), re.MULTILINE)) <= known


def test_the_cdk_takes_what_its_targets_are_given() -> None:
    makefile = (ROOT / "Makefile").read_text()
    calls = re.findall(r"^\t@cdk ([a-z]+)(.*)$", makefile, re.MULTILINE)
    assert [name for name, _ in calls] == ["synth", "bootstrap", "deploy", "destroy"]
    assert [name for name, rest in calls if "$(ARGS)" not in rest] == []
