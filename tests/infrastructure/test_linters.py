"""What others say of the template and the state machine: cfn-lint, a validator of ASL, and quotas."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from tests.infrastructure.synthesis import ROOT, Template, of_type, readable, synthesize

MOST_TEMPLATE_BYTES, MOST_RESOURCES, MOST_DEFINITION_CHARACTERS = 1_000_000, 500, 1_048_576
"""CloudFormation's limits of a template, Step Functions' of a definition."""
ACCEPTED = {"W3005"}
"""The CDK writes DependsOn beside each GetAtt that would do: harmless, and none of our code."""
SETTINGS = [
    {},
    {"profile": "dev"},
    {"encryption": "kms"},
    {"accessLogs": "true", "monthlyBudgetUsd": "5", "notifyEmail": "a@example.com"},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=["default", "dev", "kms", "all"])
def test_cfn_lint_finds_nothing(settings: dict[str, str]) -> None:
    text = json.dumps(synthesize(settings))
    found = lint(text, config=ManualArgs(ignore_checks=sorted(ACCEPTED)))
    assert [f"{match.rule.id} {match.message}" for match in found] == []


def test_the_template_is_far_from_its_limits(template: Template) -> None:
    assert len(json.dumps(template)) < MOST_TEMPLATE_BYTES / 2
    assert len(template["Resources"]) < MOST_RESOURCES / 2


def test_an_independent_validator_takes_the_definition(template: Template, tmp_path: Path) -> None:
    [machine] = of_type(template, "AWS::StepFunctions::StateMachine").values()
    definition = readable(machine["Properties"]["DefinitionString"])
    assert len(definition) < MOST_DEFINITION_CHARACTERS / 2
    for placeholder, value in {"Partition": "aws", "Region": "eu-central-1", "AccountId": "1" * 12}.items():
        definition = definition.replace(f"<AWS::{placeholder}>", value)
    good, broken = tmp_path / "good.json", tmp_path / "broken.json"
    good.write_text(definition)
    states: dict[str, Any] = json.loads(definition)
    del states["States"]["PlanRun"]["Resource"]
    broken.write_text(json.dumps(states))
    said = validate(good)
    assert said.returncode == 0, said.stderr
    assert validate(broken).returncode != 0


def validate(path: Path) -> subprocess.CompletedProcess[str]:
    """What the validator says of a definition."""
    command = [str(ROOT / "node_modules" / ".bin" / "asl-validator"), "--json-path", str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
