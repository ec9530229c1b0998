"""Currencies as files show them: codes, signs, and words in headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from cli.format_tools.heading_fit import words_of
from lambdas.domain.currencies import CODES

BY_SIGN = {
    "€": "EUR", "£": "GBP", "$": "USD", "¥": "JPY", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY",
    "₴": "UAH", "₪": "ILS", "฿": "THB", "₫": "VND", "₦": "NGN", "₱": "PHP",
}  # fmt: skip
OF_SEVERAL = {"$", "¥", "£"}
"""Signs that more than one currency has."""
IN_HEADINGS = {
    "usd": "USD", "dollar": "USD", "dollars": "USD", "eur": "EUR", "euro": "EUR", "euros": "EUR",
    "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "chf": "CHF", "jpy": "JPY", "yen": "JPY",
    "cad": "CAD", "aud": "AUD", "sek": "SEK", "nok": "NOK", "dkk": "DKK", "pln": "PLN", "czk": "CZK",
    "inr": "INR", "brl": "BRL",
    "mxn": "MXN", "cny": "CNY", "rub": "RUB",
}  # fmt: skip
BESIDE = re.compile(r"(?:([A-Z]{3})\s*)?([-+(]?[\d.,'\s]*\d[\d.,'\s)-]*?)(?:\s*([A-Z]{3}))?")


def signs(texts: Iterable[str]) -> list[str]:
    """The currency signs that stand in texts, the most frequent first."""
    found = Counter(character for text in texts for character in text if character in BY_SIGN)
    return [sign for sign, _ in found.most_common()]


def code_beside(text: str) -> str | None:
    """The code of the currency that stands before or behind a number, if one does."""
    found = BESIDE.fullmatch(text.strip())
    code = (found[1] or found[3]) if found and not (found[1] and found[3]) else None
    return code if code in CODES else None


def code_in_heading(heading: str) -> str | None:
    """The currency that a heading such as `Sale (Dollars)` or `total_eur` names."""
    return next((IN_HEADINGS[word] for word in words_of(heading) if word in IN_HEADINGS), None)
