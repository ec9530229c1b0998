"""How people read the numbers: dollars, times, sizes, counts, with no more digits than they are good for."""

from __future__ import annotations

from decimal import Decimal

UNITS = (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("KB", 10**3))
CENT = Decimal("0.01")


def dollars(amount: Decimal) -> str:
    """Cents from ten dollars on, below that two digits."""
    if amount >= 10 or amount == 0:
        return f"${amount:,.2f}"
    digits = 1 - amount.adjusted()
    return f"${amount:.{max(2, digits)}f}"


def duration(seconds: float) -> str:
    """Seconds up to two minutes, minutes up to two hours, else hours."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 119.5:
        return f"{seconds:.0f} s"
    if seconds < 597:
        return f"{seconds / 60:.1f} min"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def size(size_bytes: float) -> str:
    """In the largest unit of 1,000 that leaves a digit before the point."""
    for unit, factor in UNITS:
        if size_bytes >= factor:
            return f"{_three_digits(size_bytes / factor)} {unit}"
    return f"{size_bytes:.0f} bytes"


def count(number: float) -> str:
    """Millions and billions in words, three digits at most."""
    for word, factor in (("billion", 10**9), ("million", 10**6)):
        if number >= factor:
            return f"{_three_digits(number / factor)} {word}"
    return _three_digits(number)


def _three_digits(number: float) -> str:
    rounded = float(f"{number:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:g}"
