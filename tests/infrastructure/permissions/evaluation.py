"""What IAM answers: which requests the statements of a template allow, and to whom.

Only what this stack's policies use: Allow and Deny, wildcards in actions and resources, and some operators
of conditions. Anything else in a statement is an error, so that nothing is taken for evaluated that isn't. A
test asks the embedded engine's evaluator the same.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.infrastructure.permissions.requests import Request
from tests.infrastructure.permissions.resolving import Resources, of_type

Statement = Mapping[str, Any]
PARTS = {"Sid", "Effect", "Action", "Resource", "Principal", "Condition"}
OVER_TLS = {"aws:SecureTransport": "true"}


@dataclass(frozen=True)
class Caller:
    """Who asks, and how."""

    service: str = ""
    """A service of AWS, or the ARN of a role."""
    context: Mapping[str, str] = field(default_factory=lambda: OVER_TLS)

    def __str__(self) -> str:
        """As in a message."""
        about = {key: value for key, value in self.context.items() if (key, value) not in OVER_TLS.items()}
        return f"{self.service or 'anybody'}{f' with {about}' if about else ''}"


def as_list(value: Any) -> list[Any]:
    """IAM takes one for a list of one."""
    return value if isinstance(value, list) else [value]


def statements_of_role(resources: Resources, role: str) -> list[Statement]:
    """The statements of all policies that are attached to a role."""
    properties = resources[role]["Properties"]
    found = [one for policy in properties.get("Policies", []) for one in _in(policy)]
    for policy in of_type(resources, "AWS::IAM::Policy").values():
        if role in policy["Roles"]:
            found += _in(policy)
    return found


def _in(policy: Mapping[str, Any]) -> list[Statement]:
    return as_list(policy["PolicyDocument"]["Statement"])


def allows(statements: Sequence[Statement], request: Request, caller: Caller) -> bool:
    """Whether a policy allows a request: some statement does, and none denies it."""
    met = [one["Effect"] for one in statements if applies(one, request, caller)]
    return "Allow" in met and "Deny" not in met


def denies(statements: Sequence[Statement], request: Request, caller: Caller) -> bool:
    """Whether a policy denies a request, whatever else allows it."""
    return any(one["Effect"] == "Deny" and applies(one, request, caller) for one in statements)


def applies(statement: Statement, request: Request, caller: Caller) -> bool:
    """Whether a statement is about a request."""
    if surplus := set(statement) - PARTS:
        raise LookupError(f"statements with {sorted(surplus)} are not evaluated here yet")
    return (
        any(matches(action, request.action, ignore_case=True) for action in as_list(statement["Action"]))
        and any(matches(one, request.resource) for one in as_list(statement.get("Resource", "*")))
        and _is_meant(statement.get("Principal"), caller)
        and all(
            _met(operator, wanted, caller.context)
            for operator, wanted in statement.get("Condition", {}).items()
        )
    )


@functools.cache
def _pattern(text: str, ignore_case: bool) -> re.Pattern[str]:
    wild = re.escape(text).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(wild, re.IGNORECASE | re.DOTALL if ignore_case else re.DOTALL)


def matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Whether a text is what a pattern with * and ? stands for."""
    return _pattern(pattern, ignore_case).fullmatch(text) is not None


def _is_meant(principal: Any, caller: Caller) -> bool:
    if principal is None or principal == "*":
        return True
    services, others = as_list(principal.get("Service", [])), as_list(principal.get("AWS", []))
    return caller.service in (*services, *others) or "*" in others


def _met(operator: str, wanted: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    if operator not in OPERATORS:
        raise LookupError(f"the operator {operator} is not evaluated here yet")
    return all(
        OPERATORS[operator](list(map(str, as_list(values))), context.get(key))
        for key, values in wanted.items()
    )


def _is_one_of(values: Sequence[str], told: str | None) -> bool:
    return told in values


def _is_like(values: Sequence[str], told: str | None) -> bool:
    return told is not None and any(matches(one, told) for one in values)


OPERATORS: dict[str, Callable[[Sequence[str], str | None], bool]] = {
    "ArnEquals": _is_like,
    "ArnLike": _is_like,
    "Bool": _is_one_of,
    "Null": lambda values, told: str(told is None).lower() in values,
    "StringEquals": _is_one_of,
    "StringLike": _is_like,
    "StringNotEquals": lambda values, told: told not in values,
}
