"""Who takes grants: functions and jobs do the same work, and get the same grants by the same code."""

from collections.abc import Sequence
from typing import Protocol


class Grantee(Protocol):
    """A function or a job with a role of its own."""

    def allow(self, *actions: str, on: Sequence[str]) -> None:
        """Grant actions on resources."""
