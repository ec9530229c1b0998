"""Where the next page of a list in parts begins, as a text in its address: a position for each part."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from cli.errors import CommandError

START, END = "start", "end"
"""The position of a part of which nothing, or everything, has been shown; else it is an item's key."""


def encode(positions: list[Any]) -> str:
    """Positions as a text for an address."""
    text = json.dumps(positions, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode()


def decode(cursor: str | None, *, parts: int) -> list[Any]:
    """The position of each part; raises CommandError where the text is none of `encode`."""
    if not cursor:
        return [START] * parts
    try:
        positions = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        positions = None
    if not isinstance(positions, list) or len(positions) != parts or not all(map(_fits, positions)):
        raise CommandError("The address of this page is damaged: begin with the first page.")
    return list(positions)


def _fits(position: Any) -> bool:
    if not isinstance(position, list):
        return position in (START, END)
    values = [value for one in position if isinstance(one, dict) for value in one.values()]
    return len(position) == len(values) == 3 and all(isinstance(value, str) for value in values)
