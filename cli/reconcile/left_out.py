"""Why keys and merchants are left out of a reconciliation, and what to do about each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """Kinds of what is left out, with what to do about them."""

    UNTAKEN = "of versions that no run has taken: `merchant-sales sweep` looks at them"
    BROKEN = "FAILED or partly counted: `merchant-sales run KEY` says why, then redrive or replay"
    MOVING = "changing while this was read: reconcile them again later"


@dataclass(frozen=True)
class LeftOut:
    """Why one was left out."""

    kind: Kind
    why: str


def told_of_left_out(left_out: Iterable[LeftOut]) -> str:
    """How many were left out, and what to do; nothing where none was."""
    counts = Counter(one.kind for one in left_out)
    kinds = "; ".join(f"{counts[kind]:,} {kind.value}" for kind in Kind if counts[kind])
    return f"{counts.total():,} left out, so not compared: {kinds}" if counts else ""
