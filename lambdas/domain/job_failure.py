"""Why a Batch job failed: written by the job, because Batch knows an exit code only."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class JobFailure:
    """The error's type and message, and in an array job the split whose job it was."""

    kind: str
    message: str
    split: int | None = None

    def to_json(self) -> str:
        """The failure as it is stored."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> JobFailure:
        """The stored failure."""
        return cls(**json.loads(text))
