"""Our evaluation of policies answers as the embedded engine's, which nobody here has written."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from local.install import engine_python
from local.settings import EngineSettings
from tests.infrastructure.permissions.audit import all_needs
from tests.infrastructure.permissions.deployments import DEPLOYMENTS
from tests.infrastructure.permissions.evaluation import (
    Caller,
    Statement,
    allows,
    denies,
    statements_of_role,
)
from tests.infrastructure.permissions.needs import Need, resource_statements
from tests.infrastructure.permissions.requests import Request
from tests.infrastructure.permissions.resolving import Resources, of_type, resolved
from tests.infrastructure.permissions.workers import Recorded
from tests.infrastructure.synthesis import ROOT, synthesize

PROGRAM = ROOT / "tests" / "infrastructure" / "permissions" / "engine_evaluator.py"
Case = tuple[list[Statement], Request, Caller]


def cases(resources: Resources, needs: list[Need]) -> Iterator[Case]:
    """Every request of anybody, by every role; and every resource policy, for whoever it means."""
    requests = sorted({need.request for need in needs})
    for role in of_type(resources, "AWS::IAM::Role"):
        for request in requests:
            yield statements_of_role(resources, role), request, Caller()
    for statement in resource_statements(resources):
        # the engine's evaluator leaves it to others whom a statement means
        for_all: dict[str, Any] = {key: value for key, value in statement.items() if key != "Principal"}
        for need in needs:
            if not (need.role or need.trusting):
                yield [for_all | {"Effect": "Allow"}], need.request, need.caller


@pytest.mark.parametrize("name", ["as it comes", "a key of its own"])
def test_it_answers_as_the_engine_does(name: str, recorded: Recorded) -> None:
    resources = resolved(synthesize(DEPLOYMENTS[name]))
    asked = list(cases(resources, all_needs(resources, recorded)))
    given = [
        {
            "statements": statements,
            "action": request.action,
            "resource": request.resource,
            "context": dict(caller.context),
        }
        for statements, request, caller in asked
    ]
    python = engine_python(EngineSettings().environment)
    done = subprocess.run(
        [python, PROGRAM], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    answers = json.loads(done.stdout)
    ours = [allows(*case) for case in asked]
    different = [str(case[1]) for case, own, other in zip(asked, ours, answers, strict=True) if own != other]
    assert different == []
    assert {True, False} == set(ours)
    assert len(ours) > 1000


READ = Request("s3:GetObject", "arn:aws:s3:::work/runs/1/plan.json")
GRANT: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::work/runs/*"}


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({}, True),
        ({"Action": ["s3:get*"]}, True),
        ({"Action": "s3:PutObject"}, False),
        ({"Resource": "arn:aws:s3:::work/sales/*"}, False),
        ({"Resource": "arn:aws:s3:::work/RUNS/*"}, False),
        ({"Resource": "arn:aws:s3:::work"}, False),
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, False),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}, False),
        ({"Principal": {"Service": "events.amazonaws.com"}}, False),
        ({"Principal": {"AWS": "*"}}, True),
    ],
)
def test_a_statement_is_about_what_it_says(changes: dict[str, Any], allowed: bool) -> None:
    assert allows([GRANT | changes], READ, Caller()) is allowed


def test_a_denial_is_stronger() -> None:
    both = [GRANT, GRANT | {"Effect": "Deny", "Action": "s3:*"}]
    assert denies(both, READ, Caller())
    assert not allows(both, READ, Caller())


@pytest.mark.parametrize(
    "part", [{"NotAction": "s3:PutObject"}, {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}]
)
def test_what_is_not_evaluated_is_an_error(part: dict[str, Any]) -> None:
    with pytest.raises(LookupError, match="not evaluated here yet"):
        allows([GRANT | part], READ, Caller())
