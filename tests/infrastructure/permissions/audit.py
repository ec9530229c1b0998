"""Takes each statement, action, resource and condition out of policies, and says what notices it."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from tests.infrastructure.permissions.evaluation import Statement, as_list, matches
from tests.infrastructure.permissions.keys import needs_of_keys
from tests.infrastructure.permissions.needs import POLICIES, Need, needs_of_strangers, unmet
from tests.infrastructure.permissions.resolving import Resources, of_type
from tests.infrastructure.permissions.services import (
    needs_of_access_logs,
    needs_of_emptying,
    needs_of_safety,
    needs_of_services,
)
from tests.infrastructure.permissions.state_machine import needs_of_state_machine
from tests.infrastructure.permissions.workers import Recorded, needs_of_functions, needs_of_jobs

Path = tuple[str | int, ...]
NOTHING = "NOTHING NOTICED"


@dataclass(frozen=True)
class Finding:
    """One thing taken out, and what noticed it."""

    owner: str
    taken_out: str
    noticed: str

    @property
    def unnoticed(self) -> bool:
        """Whether it can be missing without anybody noticing."""
        return self.noticed == NOTHING


def all_needs(
    resources: Resources, recorded: Recorded, settings: Mapping[str, Any] = MappingProxyType({})
) -> list[Need]:
    """Everything that must be allowed or denied; keys of buckets that exist already are in the settings."""
    needs = [
        *needs_of_functions(resources, recorded),
        *needs_of_jobs(resources, recorded),
        *needs_of_state_machine(resources),
        *needs_of_services(resources),
        *needs_of_access_logs(resources),
        *needs_of_emptying(resources),
        *needs_of_safety(resources),
    ]
    needs += needs_of_keys(resources, needs.copy(), settings)
    return [*needs, *needs_of_strangers(needs)]


def audit(resources: Resources, needs: Sequence[Need]) -> list[Finding]:
    """Take out one thing after the other."""
    return [_finding(resources, needs, *one) for one in _cuts(resources)]


def never_used(resources: Resources, needs: Sequence[Need]) -> list[str]:
    """Actions on resources that a role may do and that nothing ever does: more than least privilege."""
    found = []
    for name, resource in of_type(resources, "AWS::IAM::Policy").items():
        [role] = resource["Roles"]
        asked = {need.request for need in needs if need.role == role}
        for statement in as_list(resource["PolicyDocument"]["Statement"]):
            for action in as_list(statement["Action"]):
                for place in as_list(statement["Resource"]):
                    if not any(one.action == action and matches(place, one.resource) for one in asked):
                        found.append(f"{plain(role)}: {action} on {readable(place)} (in {plain(name)})")
    return sorted(found)


def _cuts(resources: Resources) -> Iterator[tuple[str, Path, str]]:
    """The logical id of what a policy is of, the path of what is taken out, and its words."""
    for name, resource in resources.items():
        if resource["Type"] == "AWS::Lambda::Permission":
            yield name, (name,), "the permission"
            if "SourceArn" in resource["Properties"]:
                yield name, (name, "Properties", "SourceArn"), "Condition of the permission"
        for document in _documents(resource):
            statements = as_list(_at(resource, document)["Statement"])
            for number, statement in enumerate(statements):
                path = (name, *document, "Statement", number)
                owner = _owner(name, resource)
                yield owner, path, described(statement)
                yield from ((owner, *cut) for cut in _cuts_of(statement, path))


def _cuts_of(statement: Statement, path: Path) -> Iterator[tuple[Path, str]]:
    if "Condition" in statement:
        yield (*path, "Condition"), f"Condition of {described(statement)}"
    for part in ("Action", "Resource"):
        yield from _cuts_of_list(as_list(statement.get(part, [])), (*path, part), part)
    for operator, wanted in statement.get("Condition", {}).items():
        for key, values in wanted.items():
            yield from _cuts_of_list(as_list(values), (*path, "Condition", operator, key), f"in {key}")


def _cuts_of_list(values: Sequence[Any], path: Path, words: str) -> Iterator[tuple[Path, str]]:
    for place, value in enumerate(values if len(values) > 1 else []):
        yield (*path, place), f"{words} {readable(value)}"


def _documents(resource: dict[str, Any]) -> list[Path]:
    if resource["Type"] == "AWS::IAM::Role":
        inline = range(len(resource["Properties"].get("Policies", [])))
        return [
            ("Properties", "AssumeRolePolicyDocument"),
            *(("Properties", "Policies", number, "PolicyDocument") for number in inline),
        ]
    if resource["Type"] == "AWS::IAM::Policy":
        return [("Properties", "PolicyDocument")]
    return [("Properties", POLICIES[resource["Type"]])] if resource["Type"] in POLICIES else []


def _owner(name: str, resource: dict[str, Any]) -> str:
    if resource["Type"] == "AWS::IAM::Policy":
        return str(resource["Properties"]["Roles"][0])
    return name


def _finding(resources: Resources, needs: Sequence[Need], owner: str, path: Path, words: str) -> Finding:
    without = _without(resources, path)
    noticed = unmet(without, needs)
    if noticed:
        more = f" (and {len(noticed) - 1} more)" if len(noticed) > 1 else ""
        return Finding(plain(owner), words, readable(noticed[0]) + more)
    covering = _covering(without, path, _at(resources, path))
    return Finding(
        plain(owner), words, f"nothing is lost: {readable(covering)} covers it" if covering else NOTHING
    )


def _covering(without: Resources, path: Path, value: Any) -> str:
    """The other resource of the same statement that covers one that was taken out; empty if there is none."""
    if len(path) < 2 or path[-2] != "Resource":
        return ""
    rest = as_list(_at(without, path[:-1]))
    return next((str(one) for one in rest if matches(one, value)), "")


def _without(resources: Resources, path: Path) -> Resources:
    changed = {**resources, str(path[0]): copy.deepcopy(resources[str(path[0])])}
    if len(path) == 1:
        del changed[str(path[0])]
    else:
        del _at(changed, path[:-1])[path[-1]]
    return changed


def _at(place: Any, path: Path) -> Any:
    for step in path:
        place = place[step]
    return place


def plain(logical_id: str) -> str:
    """A logical id without its hash."""
    return re.sub(r"[0-9A-F]{8}$", "", logical_id)


def described(statement: Statement) -> str:
    """A statement in a line."""
    resources = ", ".join(readable(one) for one in as_list(statement.get("Resource", [])))
    actions = ", ".join(as_list(statement["Action"]))
    return f"{statement['Effect']} {actions}{f' on {resources}' if resources else ''}"


def readable(text: str) -> str:
    """ARNs of the made-up account without what they all begin with, logical ids without their hashes."""
    short = re.sub(r"arn:aws:[a-z0-9-]*:[a-z0-9-]*:[0-9]*:", "", text)
    return re.sub(r"(?<=[a-z])[0-9A-Fa-f]{8}(?![0-9A-Za-z])", "", short)
