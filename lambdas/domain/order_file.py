"""Names: what a key of the orders bucket and the runs of it are called everywhere."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from lambdas.domain.errors import RunError

DELETED = "deleted"
"""The version id of a key that holds nothing, with a delete marker or without."""


@dataclass(frozen=True, kw_only=True)
class OrderFile:
    """What a key holds now: one object version, or nothing once it is deleted."""

    bucket: str
    key: str
    version_id: str
    size_bytes: int = 0

    @property
    def deleted(self) -> bool:
        """Whether the key holds nothing."""
        return self.version_id == DELETED


def key_hash(bucket: str, key: str) -> str:
    """The name of a key in tables and run ids: first 32 hex digits of sha256(bucket + LF + key)."""
    return hashlib.sha256(f"{bucket}\n{key}".encode()).hexdigest()[:32]


@dataclass(frozen=True, order=True)
class RunId:
    """The processing of one order file: a key, and its own counter of runs."""

    keyhash: str
    revision: int

    def __str__(self) -> str:
        """`<keyhash>-<revision, 8 digits>`."""
        return f"{self.keyhash}-{self.revision:08d}"

    @classmethod
    def fits(cls, text: str) -> bool:
        """Whether a text is of the form of a run id."""
        return re.fullmatch("[0-9a-f]{32}-[0-9]{8}", text) is not None

    @classmethod
    def parse(cls, text: str) -> RunId:
        """The run id of a text; raises RunError where it isn't one."""
        if not cls.fits(text):
            raise RunError(f"{text!r} is no run id; a run id is 32 hex digits, a hyphen and 8 digits.")
        return cls(text[:32], int(text[33:]))
