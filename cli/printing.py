"""How the command prints: tables for people, one JSON document for programs, remarks on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.suggested import pasteable
from lambdas.domain.money import EXACT

FOUR_DECIMALS, CENT = Decimal("0.0001"), Decimal("0.01")
FOLDED_WIDTH = 24
WIDTH_WITHOUT_TERMINAL = 250
"""Columns; a table in a file or a pipe is not folded to somebody's window."""


def console(*, stderr: bool = False, at_least: int = 0) -> Console:
    """A console that takes texts as they are; what is wider than the window goes on in its next line."""
    out = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    out.width = max(out.width if out.is_terminal else WIDTH_WITHOUT_TERMINAL, at_least)
    return out


def say(line: str, *, style: str = "") -> None:
    """A remark on stderr: which deployment, what goes on, what is missing."""
    console(stderr=True).print(Text(pasteable(line), style=style), soft_wrap=True)


def show(*parts: Table | str) -> None:
    """Tables and lines on stdout, one below the other."""
    for part in parts:
        if isinstance(part, str):
            console().print(Text(pasteable(part)), soft_wrap=True)
        else:
            console(at_least=part.min_width or 0).print(part)


def remark(*parts: Table | str) -> None:
    """Tables and lines on stderr, for what goes along with something on stdout."""
    for part in parts:
        if isinstance(part, str):
            say(part)
        else:
            console(stderr=True, at_least=part.min_width or 0).print(part)


def show_json(value: Any) -> None:
    """One JSON document on stdout."""
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    typer.echo(json.dumps(value, indent=2, ensure_ascii=plain))


def table(*headings: str, rows: Iterable[Sequence[str]], title: str = "") -> Table:
    """A table of texts: `>` before a heading aligns its column right, `~` lets its texts be folded."""
    made = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    texts = [[Text(printable(cell)) for cell in row] for row in rows]
    made.min_width = 1
    for position, heading in enumerate(headings):
        name, folds = heading.lstrip(">~"), heading.startswith("~")
        made.add_column(
            name, justify="right" if heading.startswith(">") else "left", overflow="fold", no_wrap=not folds
        )
        longest = max([len(name), *(row[position].cell_len for row in texts)])
        made.min_width += 3 + (min(longest, FOLDED_WIDTH) if folds else longest)
    for row in texts:
        made.add_row(*row)
    return made


def facts(pairs: Iterable[tuple[str, str]]) -> Table:
    """Names and values, one pair a line."""
    made = Table.grid(padding=(0, 3))
    made.add_column(style="dim")
    made.add_column(overflow="fold")
    for name, value in pairs:
        made.add_row(name, Text(pasteable(printable(value))))
    return made


def printable(text: str) -> str:
    """A text without anything that moves a cursor or hides itself: such characters are shown as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def exact(amount: Decimal | int) -> str:
    """An amount of money for programs: 4 decimals, nothing else."""
    return f"{EXACT.quantize(Decimal(amount), FOUR_DECIMALS):f}"


def money(amounts: Sequence[Decimal]) -> list[str]:
    """A column of amounts for people: thousands separators, and 4 decimals only where 2 don't hold them."""
    short = all(EXACT.remainder(amount, CENT) == 0 for amount in amounts)
    return [f"{amount:,.{2 if short else 4}f}" for amount in amounts]


def number(value: Decimal | int | None) -> str:
    """A whole number for people; nothing where it isn't known yet."""
    return "" if value is None else f"{int(value):,}"


def moment(iso: str | None) -> str:
    """A moment of an item for people: to the second, UTC."""
    return iso[:19].replace("T", " ") if iso else ""
