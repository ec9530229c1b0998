"""YAML as people write it: one entry a line, doubts in comments above it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import yaml

WIDTH = 100
ENDLESS = 1_000_000
LONGEST_EXAMPLE = 40


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A key with its value as YAML, or, where it isn't `active`, the same in a comment.

    Doubts stand in comments above it, a note behind it.
    """

    key: str
    value: str
    doubts: Sequence[str] = ()
    note: str = ""
    active: bool = True

    def lines(self, indent: str = "") -> list[str]:
        """The entry and its comments."""
        note = f"    # {self.note}" if self.note else ""
        written = f"{self.key}: {self.value}{note}"
        return [
            *(line for doubt in self.doubts for line in comment(doubt, indent)),
            f"{indent}{'' if self.active else '# '}{written}",
        ]


def comment(text: str, indent: str = "") -> list[str]:
    """A text as comment lines."""
    begin = f"{indent}# "
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=begin,
        subsequent_indent=begin,
        break_long_words=False,
        break_on_hyphens=False,
    )


def scalar(text: str) -> str:
    """A text as a YAML value on one line, in quotes where it needs them."""
    if not text.isprintable():
        return json.dumps(text)
    written: str = yaml.safe_dump([text], default_flow_style=True, allow_unicode=True, width=ENDLESS)
    written = written.strip()[1:-1]
    return json.dumps(text, ensure_ascii=False) if "''" in written and text else written


def texts(values: Iterable[str]) -> str:
    """A list of texts on one line."""
    return f"[{', '.join(map(scalar, values))}]"


def mapping(values: Mapping[str, str]) -> str:
    """Keys with values, given as YAML, on one line."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in values.items()) + "}"


def short(text: str) -> str:
    """A text in quotes for a comment, on one line, not too long."""
    return repr(text if len(text) <= LONGEST_EXAMPLE else f"{text[:LONGEST_EXAMPLE]}…")
