"""How well a heading names a field of an order line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from cli.format_tools.heading_words import heading_words

WHOLE, PART, INSIDE = 100, 60, 20
"""How well a heading fits that is one of the words, holds one of them, or has one inside of its own word."""
FIRST_WORDS = 30
"""So many of the words for a field come before the others, by their place in the table."""
ID_WORDS = {"id", "ids", "no", "nr", "num", "number", "key", "code", "nummer", "numero"}
BETTER_AS_ID = 5
LEAST_LETTERS_INSIDE = 5


@cache
def words_of(heading: str) -> tuple[str, ...]:
    """The words of a heading in small letters without accents: `sellerId`, `SELLER_ID` are (seller, id)."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", heading).casefold()
    decomposed = unicodedata.normalize("NFKD", spaced)
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return tuple(re.findall(r"[^\W_]+", unicodedata.normalize("NFC", plain)))


@cache
def fit(heading: str, role: str) -> int:
    """How well a heading names a field: 0 where it doesn't, else the more the better."""
    words, about = words_of(heading), heading_words()[role]
    if " ".join(words) in about.only_whole:
        return PART
    if speaks_against(heading, role):
        return 0
    scores = [_fit(words, place, word) for place, word in enumerate(about.fitting)]
    return max(scores, default=0)


def speaks_against(heading: str, role: str) -> bool:
    """Whether a heading says that its column is something else than a field."""
    words = words_of(heading)
    return any(_holds(words, _split(against)) for against in heading_words()[role].against)


def _fit(words: Sequence[str], place: int, word: str) -> int:
    wanted = _split(word)
    together, rank = "".join(wanted), max(0, FIRST_WORDS - place)
    if "".join(words) == together:
        return WHOLE + rank
    if words and words[-1] in ID_WORDS and "".join(words[:-1]) == together:
        return WHOLE + rank + BETTER_AS_ID
    if _holds(words, wanted) or (not together.isascii() and together in "".join(words)):
        return PART + rank
    if len(together) >= LEAST_LETTERS_INSIDE and any(together in one for one in words):
        return INSIDE
    return 0


@cache
def _split(words: str) -> tuple[str, ...]:
    return tuple(words.split())


def _holds(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the wanted words stand one after the other among the words."""
    width = len(wanted)
    return any(tuple(words[at : at + width]) == tuple(wanted) for at in range(len(words) - width + 1))
