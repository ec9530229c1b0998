"""The command `merchant-sales`: every subcommand, and the one place where errors become sentences."""

from __future__ import annotations

import io
import sys

import typer

from cli import dead_letters, formats, local_engine
from cli.choices import AsJson, Choices, Local, StackName, choices
from cli.dashboard.command import dashboard
from cli.errors import sentence
from cli.estimate.command import estimate
from cli.export.command import export
from cli.format_tools.check import check
from cli.format_tools.infer import infer
from cli.manifest import manifest
from cli.printing import say
from cli.reconcile.command import reconcile
from cli.redrive import redrive
from cli.rejects import rejects
from cli.replay import replay
from cli.runs import run as show_run
from cli.runs import runs
from cli.sales import sales
from cli.sweep import sweep
from cli.top import top
from cli.upload import upload
from cli.watch import watch

USAGE_ERROR = 2

app = typer.Typer(
    help="Order files in, exact sales per merchant out. Talks to the stack deployed on AWS with the usual "
    "AWS credentials, or with --local to the one in the embedded engine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(local_engine.app, name="local")
app.add_typer(formats.app, name="formats")
app.add_typer(dead_letters.app, name="dead-letters")
formats.app.command()(infer)
formats.app.command()(check)
COMMANDS = (
    upload, runs, show_run, watch, sales, top, rejects, export, manifest, replay, redrive, sweep, reconcile,
    estimate, dashboard,
)  # fmt: skip
for command in COMMANDS:
    app.command("run" if command is show_run else None)(command)


@app.callback()
def before_command(
    ctx: typer.Context, as_json: AsJson = False, local: Local = False, stack: StackName = None
) -> None:
    """Keep the options that stand before the subcommand."""
    ctx.obj = Choices()
    ctx.obj = choices(ctx, as_json=as_json, local=local, stack=stack)


def run() -> None:
    """The entry point: exit code 2 and one sentence on stderr for what a person can act on."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except Exception as error:
        told = sentence(error)
        if told is None:
            raise
        say(f"error: {told}", style="red")
        sys.exit(USAGE_ERROR)
