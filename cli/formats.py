"""`merchant-sales formats`: the order formats of this repository, and the tools for them."""

from __future__ import annotations

from pathlib import Path

import typer

from cli.choices import AsJson, Local, StackName, choices
from cli.printing import show, show_json, table
from lambdas.domain.order_format import load_order_formats

FORMATS = Path(__file__).parents[1] / "formats"

app = typer.Typer()


@app.callback(invoke_without_command=True)
def formats(
    ctx: typer.Context, as_json: AsJson = False, local: Local = False, stack: StackName = None
) -> None:
    """List the order formats; `infer` drafts one from a file, `check` tries one on a file.

    A file takes the format whose prefix is the longest that starts its key. They are the files in formats/,
    and reach the functions with the next deployment.
    """
    ctx.obj = choices(ctx, as_json=as_json, local=local, stack=stack)
    if ctx.invoked_subcommand:
        return
    found = load_order_formats(FORMATS)
    if ctx.obj.as_json:
        show_json([{"name": one.name, "prefix": one.prefix, "currency": one.currency} for one in found])
        return
    rows = [(one.name, one.prefix or "(every other key)", one.currency) for one in found]
    show(table("format", "prefix", "currency", rows=rows))
