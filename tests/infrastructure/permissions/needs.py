"""What a need is, and which needs a template's policies don't meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from tests.infrastructure.permissions.evaluation import (
    Caller,
    Statement,
    allows,
    as_list,
    denies,
    statements_of_role,
)
from tests.infrastructure.permissions.requests import Request, arn
from tests.infrastructure.permissions.resolving import Resources, of_type

POLICIES = {
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::KMS::Key": "KeyPolicy",
}
"""What bears the policies of resources, and in which property."""
STRANGERS = {
    "aws:SourceAccount": "999999999999",
    "aws:SourceArn": "arn:aws:any:eu-central-1:999999999999:any",
}


@dataclass(frozen=True)
class Need:
    """Something that must be allowed, or must be denied, so that something works or stays safe."""

    why: str
    request: Request
    role: str = ""
    """The logical id of who asks, by its own policies; "": whoever, by the policy of what is asked about."""
    trusting: str = ""
    """The logical id of a role that must be taken, by its trust policy."""
    caller: Caller = field(default_factory=Caller)
    verdict: Literal["allowed", "refused", "denied", "not denied"] = "allowed"
    """What IAM must say; denied is a refusal that no other policy, here or elsewhere, changes."""

    def met_in(self, resources: Resources) -> bool:
        """Whether the policies do what is needed."""
        statements, asked = self._statements(resources), (self.request, self.caller)
        if self.verdict.endswith("denied"):
            return denies(statements, *asked) is (self.verdict == "denied")
        # of a bucket and so on, which may deny what a role's own policies allow
        denied = bool(self.role) and denies(resource_statements(resources), *asked)
        return (allows(statements, *asked) and not denied) is (self.verdict == "allowed")

    def _statements(self, resources: Resources) -> list[Statement]:
        if self.role:
            return statements_of_role(resources, self.role)
        if self.trusting:
            document = resources[self.trusting]["Properties"]["AssumeRolePolicyDocument"]
            return as_list(document["Statement"])
        return resource_statements(resources)

    def __str__(self) -> str:
        """As in a message."""
        who = self.role or self.trusting or str(self.caller)
        wrong = "may not" if self.verdict in ("allowed", "not denied") else "may"
        return f"{self.why}: {who} {wrong} {self.request}"


def resource_statements(resources: Resources) -> list[Statement]:
    """The statements of all resource policies and Lambda permissions."""
    found: list[Statement] = []
    for kind, document in POLICIES.items():
        for policy in of_type(resources, kind).values():
            found += as_list(policy[document]["Statement"])
    found += map(_as_statement, of_type(resources, "AWS::Lambda::Permission").values())
    return found


def _as_statement(permission: Mapping[str, Any]) -> Statement:
    condition = {"ArnLike": {"aws:SourceArn": permission["SourceArn"]}} if "SourceArn" in permission else {}
    return {
        "Effect": "Allow",
        "Action": permission["Action"],
        "Resource": permission["FunctionName"],
        "Principal": {"Service": permission["Principal"]},
        "Condition": condition,
    }


def needs_of_strangers(needs: Iterable[Need]) -> Iterator[Need]:
    """That what a service may do on behalf of this stack it may not do on behalf of somebody else."""
    for need in needs:
        context = {key: _of_another(key, value) for key, value in need.caller.context.items()}
        if context != need.caller.context and need.verdict == "allowed":
            why = f"only that ({need.why})"
            yield replace(need, why=why, caller=replace(need.caller, context=context), verdict="refused")


def _of_another(key: str, value: str) -> str:
    """What a context says of somebody else's stack, or of something else that a key encrypts."""
    return arn("any", "other") if key.startswith("kms:EncryptionContext:") else STRANGERS.get(key, value)


def unmet(resources: Resources, needs: Iterable[Need]) -> list[str]:
    """The needs that the policies don't meet, each as a sentence."""
    return sorted({str(need) for need in needs if not need.met_in(resources)})


def role_of(role_arn: str) -> str:
    """The logical id of a role of the template."""
    return role_arn.rsplit("/", 1)[-1]


def trusted_by(role: str, service: str, why: str, context: Mapping[str, str] | None = None) -> Need:
    """That a service may take a role."""
    request = Request("sts:AssumeRole", "*")
    return Need(why, request, trusting=role, caller=Caller(service, context or {}))
