"""The workflows of GitHub: actions pinned by commit, no stored keys, no more rights than they need."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))


def workflow(name: str) -> dict[Any, Any]:
    content: dict[Any, Any] = yaml.safe_load((FOLDER / name).read_text())
    return content


def commands(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit_and_no_key_is_stored(path: Path) -> None:
    text = path.read_text()
    actions = re.findall(r"uses: *(\S+)", text)
    assert actions
    assert [action for action in actions if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action)] == []
    assert not re.search("secrets[.]|aws_(access|secret)|access-key", text, re.IGNORECASE)


def test_flaws_are_asked_for_every_week_and_what_was_not_checked_fails() -> None:
    audit = workflow("audit.yml")
    [trigger] = audit[True]["schedule"]  # YAML reads the key `on` as true
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", trigger["cron"])
    job = audit["jobs"]["audit"]
    assert commands(job) == ["make audit"]  # as it is: nothing stands around it that could take 3 for a pass
    assert "continue-on-error" not in (FOLDER / "audit.yml").read_text()


def test_make_passes_on_that_something_was_not_checked() -> None:
    recipe = re.search(r"^audit:.*\n\t(.*)\n\n", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    assert recipe.group(1) == "@.audit-venv/bin/python -m supply_chain audit"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_reads_the_repository_and_nothing_else(path: Path) -> None:
    assert workflow(path.name)["permissions"] == {"contents": "read"}


def test_only_the_deploying_job_may_ask_for_an_identity() -> None:
    rights = {
        (path.name, name): job["permissions"]
        for path in WORKFLOWS
        for name, job in workflow(path.name)["jobs"].items()
        if "permissions" in job
    }
    assert rights == {("deploy.yml", "deploy"): {"contents": "read", "id-token": "write"}}


def test_only_main_is_deployed_and_the_environment_decides_who_approves() -> None:
    jobs = workflow("deploy.yml")["jobs"]
    assert {name: job["if"] for name, job in jobs.items()} == dict.fromkeys(
        ("build", "deploy"), "github.ref == 'refs/heads/main'"
    )
    assert jobs["deploy"]["environment"] == "${{ inputs.environment }}"


def test_what_is_deployed_was_made_and_tested_by_a_job_without_an_identity() -> None:
    jobs = workflow("deploy.yml")["jobs"]
    assert "make test synth" in commands(jobs["build"])
    assert jobs["deploy"]["needs"] == "build"
    assert commands(jobs["deploy"]) == [
        "npm ci --ignore-scripts",
        "tar -xf cdk.out.tar",
        "npx --no-install cdk deploy --app cdk.out --require-approval never",
    ]
