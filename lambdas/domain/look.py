"""A look at a key: is there anything to do, and as which revision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lambdas.domain.order_file import OrderFile
from lambdas.domain.order_format import OrderFormat, choose_order_format


@dataclass(frozen=True, kw_only=True)
class KeyState:
    """What the runs table knows of a key. `looks` counts the looks; revision 0 is a key without a run."""

    looks: int = 0
    revision: int = 0
    version_id: str | None = None
    size_bytes: int = 0
    fence: int = 0
    status: str | None = None


def next_revision(
    known: KeyState, present: OrderFile, *, replay: bool, formats: Iterable[OrderFormat] = ()
) -> int | None:
    """The revision that the present order file needs, or None when there is nothing to do.

    Nothing to do: the newest revision is of what the key holds now, whatever its status, and nobody asked
    for a replay; or the key never had a run and holds nothing; or it holds nothing now and its format says
    `deletions: keep`.
    """
    order_format = choose_order_format(formats, present.key)
    if present.deleted and order_format is not None and order_format.deletions == "keep":
        return None
    never_ran_and_empty = known.revision == 0 and present.deleted
    already_known = known.version_id == present.version_id and not replay
    if never_ran_and_empty or already_known:
        return None
    return known.revision + 1
