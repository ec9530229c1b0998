"""A span of months, as commands take it: --from and --to, each YYYY-MM."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from cli.errors import CommandError

Months = tuple[str, str]
"""The first and the last month."""
ALL_MONTHS: Months = ("0000-00", "9999-99")
From = Annotated[str | None, typer.Option("--from", metavar="YYYY-MM", help="The first month.")]
To = Annotated[str | None, typer.Option("--to", metavar="YYYY-MM", help="The last month.")]


def months_between(first: str | None, last: str | None) -> Months | None:
    """The span, or None where neither is given; raises CommandError where one is no month."""
    for option, value in (("--from", first), ("--to", last)):
        if value is not None and not re.fullmatch("[0-9]{4}-(0[1-9]|1[0-2])", value):
            raise CommandError(f"{option} {value!r}: expected a month as YYYY-MM, such as 2017-03.")
    if first and last and first > last:
        raise CommandError(f"--from {first} is after --to {last}: exchange the two.")
    return (first or ALL_MONTHS[0], last or ALL_MONTHS[1]) if first or last else None
