"""Text encodings: which of them write a line end as ASCII does."""

from __future__ import annotations

AS_IT_IS = ("utf-8", "utf-8-sig", "ascii")
"""Encodings whose bytes are UTF-8 already."""


def has_ascii_line_ends(encoding: str) -> bool:
    """Whether a byte LF is always a line end, where a text can be cut: in UTF-8 and what extends ASCII."""
    if encoding in AS_IT_IS:
        return True
    each_byte = bytes(range(256)).decode(encoding, "replace")
    return len(each_byte) == 256 and each_byte[:128] == bytes(range(128)).decode("ascii")
