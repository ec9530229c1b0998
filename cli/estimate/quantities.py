"""Sizes and counts as people write them: 1GB, 128MiB, 10k, 1M, 1_000_000."""

from __future__ import annotations

import re
from decimal import Decimal

from cli.errors import CommandError

SIZES = {"": 1, "B": 1} | {
    f"{letter}{binary}": (1024 if "i" in binary else 1000) ** power
    for power, letter in enumerate("KMGT", start=1)
    for binary in ("", "B", "iB")
}
COUNTS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9}


def size_of(option: str, text: str, *, most: int | None = None) -> int:
    """A number of bytes; KB is 1,000 and KiB 1,024 of them."""
    return _number(option, text, SIZES, "a number of bytes such as 500MB, 1GB or 128MiB", most)


def count_of(option: str, text: str, *, most: int | None = None) -> int:
    """A whole number above 0."""
    return _number(option, text, COUNTS, "a whole number above 0 such as 10000, 10k or 1M", most)


def _number(option: str, text: str, factors: dict[str, int], expected: str, most: int | None) -> int:
    known = {name.lower(): factor for name, factor in factors.items()}
    found = re.fullmatch(r"([0-9][0-9_,]{0,30}(?:\.[0-9]{1,10})?)\s*([a-zA-Z]*)", text.strip())
    factor = known.get(found[2].lower()) if found else None
    if not found or factor is None:
        raise CommandError(f"{option} {text!r}: expected {expected}.")
    number = Decimal(found[1].replace("_", "").replace(",", "")) * factor
    if number != number.to_integral_value() or number < 1:
        raise CommandError(f"{option} {text!r}: expected {expected}.")
    if most is not None and number > most:
        raise CommandError(
            f"{option} {text!r}: at most {most:,} in one file; --files says how many there are."
        )
    return int(number)
