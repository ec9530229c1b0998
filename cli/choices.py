"""The options that every data command takes, before and after its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from cli.suggested import keep_options

STACK = "MerchantSales"

PerSecond = Annotated[
    float, typer.Option("--per-second", min=0.1, help="Start at most so many executions a second.")
]
STARTS_PER_SECOND = 10.0
"""So that what is started doesn't crowd out the files that arrive now."""

AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON document; money is text with 4 decimals.")
]
Local = Annotated[
    bool, typer.Option("--local", help="Use the embedded engine (`merchant-sales local start`).")
]
StackName = Annotated[
    str | None, typer.Option("--stack", metavar="NAME", help=f"The deployed stack (default: {STACK}).")
]


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Where a command looks, and how it answers."""

    as_json: bool = False
    local: bool = False
    stack: str = STACK

    @property
    def where(self) -> list[str]:
        """The options with which another command looks at the same place."""
        return [
            *(["--local"] if self.local else []),
            *(["--stack", self.stack] if self.stack != STACK else []),
        ]


def choices(ctx: typer.Context, *, as_json: bool, local: bool, stack: str | None) -> Choices:
    """What was chosen before the command's name and after it, together."""
    before = ctx.find_object(Choices) or Choices()
    chosen = Choices(
        as_json=as_json or before.as_json, local=local or before.local, stack=stack or before.stack
    )
    keep_options(chosen.where)
    return chosen
