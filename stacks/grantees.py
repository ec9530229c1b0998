"""Who takes grants: functions and jobs do the same work, and get the same grants by the same code."""

from collections.abc import Sequence
from typing import Protocol

from aws_cdk import aws_iam as iam


class RoleOwner(Protocol):
    """A function, a job or a state machine with a role of its own."""

    @property
    def role(self) -> iam.IRole:
        """The role that it acts under."""


class Grantee(RoleOwner, Protocol):
    """A function or a job with a role of its own."""

    def allow(self, *actions: str, on: Sequence[str]) -> None:
        """Grant actions on resources."""
