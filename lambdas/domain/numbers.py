"""Numbers as people wrote them, as SQL: read by the settings of the order format, never guessed."""

from __future__ import annotations

from lambdas.domain.database import quoted
from lambdas.domain.order_format import Numbers

SPACES = "\u00a0\u202f"
"""Besides the plain one, the spaces that stand between thousands in print."""


def plain_number(trimmed: str, numbers: Numbers) -> str:
    """The trimmed number with a decimal point and a leading minus, where it keeps the format's rules."""
    plain = _with_leading_minus(trimmed, numbers)
    if numbers.thousands != "none":
        mark = f"[{numbers.thousands}{SPACES if numbers.thousands == ' ' else ''}]"
        grouped = f"[+-]?[0-9]{{1,3}}({mark}[0-9]{{3}})+([{numbers.decimal}][0-9]*)?"
        without = f"regexp_replace({plain}, {quoted(mark)}, '', 'g')"
        plain = f"CASE WHEN regexp_full_match({plain}, {quoted(grouped)}) THEN {without} ELSE {plain} END"
    if numbers.decimal == ",":
        plain = f"CASE WHEN contains({plain}, '.') THEN NULL ELSE replace({plain}, ',', '.') END"
        plain = f"coalesce({plain}, 'a decimal point')"
    return f"({plain})"


def hints(field: str, trimmed: str, numbers: Numbers) -> list[tuple[str, str]]:
    """Checks for numbers that another setting would read: (SQL, reason that names the setting)."""
    found: list[tuple[str, str]] = []
    if numbers.currency_sign == "keep":
        found.append((r".*\p{Sc}.*", "has a currency sign (numbers.currency_sign: strip takes it away)"))
    if numbers.negative != "parentheses":
        found.append(
            (r"\(.*[0-9].*\)", "is in parentheses (numbers.negative: parentheses reads it as negative)")
        )
    if numbers.negative != "trailing_minus":
        found.append((r".*[0-9]-", "ends in a minus (numbers.negative: trailing_minus reads it as negative)"))
    other = f"[+-]?[0-9]+([ {SPACES}.,'][0-9]+)+"
    found.append(
        (
            other,
            "has marks that the format doesn't declare (numbers.decimal, numbers.thousands)",
        )
    )
    return [
        (f"regexp_full_match({trimmed}, {quoted(pattern)})", f"The {field} {said}.")
        for pattern, said in found
    ]


def _with_leading_minus(trimmed: str, numbers: Numbers) -> str:
    """The number without its currency sign and with its minus in front, however the format writes that."""
    if numbers.currency_sign == "keep":
        return _moved(trimmed, numbers) if numbers.negative != "minus" else trimmed
    stripped = _stripped(trimmed)
    if numbers.negative == "minus":
        return stripped
    moved = _moved(stripped, numbers)
    # The sign stands outside of the brackets, or inside.
    return f"CASE WHEN {stripped} = {trimmed} THEN {_stripped(_moved(trimmed, numbers))} ELSE {moved} END"


def _stripped(text: str) -> str:
    space = r"[\s\p{Z}]*"
    return rf"regexp_replace({text}, '^([+-]?){space}\p{{Sc}}{space}|{space}\p{{Sc}}$', '\1')"


def _moved(text: str, numbers: Numbers) -> str:
    pattern = {"parentheses": r"^\(([^()+-].*)\)$", "trailing_minus": r"^([^+-].*)-$"}[numbers.negative]
    return rf"regexp_replace({text}, '{pattern}', '-\1')"
