"""Text between marks: `<!-- written: NAME -->` to `<!-- end -->` holds the table of that name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

MARKED = re.compile(r"(<!-- written: ([a-z_]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def written(text: str, tables: Mapping[str, str]) -> str:
    """The text with every table in its place; raises KeyError where one has no place or a place no table."""
    named = [name for _, name, _ in MARKED.findall(text)]
    if odd := set(named) ^ set(tables):
        raise KeyError(f"tables and marks differ in {', '.join(sorted(odd))}")
    return MARKED.sub(lambda found: f"{found[1]}{tables[found[2]]}\n{found[3]}", text)


def markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; `>` before a heading aligns its column right."""
    names = [heading.removeprefix(">") for heading in headings]
    rule = ["---:" if heading.startswith(">") else "---" for heading in headings]
    lines = [names, rule, *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines)
