"""The table of words by which headings name the fields of an order line: heading_words.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

TABLE = Path(__file__).with_name("heading_words.yaml")


@dataclass(frozen=True)
class Words:
    """Words for a field, the best first; some that fit only alone; and some that speak against it."""

    fitting: tuple[str, ...]
    only_whole: frozenset[str] = frozenset()
    against: tuple[str, ...] = ()


@cache
def heading_words() -> Mapping[str, Words]:
    """The words by field; `unit_price` is what an amount is computed from where no column is one."""
    table = yaml.safe_load(TABLE.read_text("utf-8"))
    return {
        field: Words(
            fitting=tuple(words["fitting"]),
            only_whole=frozenset(words.get("only_whole", ())),
            against=tuple(words.get("against", ())),
        )
        for field, words in table.items()
    }
