"""`merchant-sales local …`: the embedded engine with the stack deployed in it."""

import dataclasses
import os
import shlex
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.choices import Choices, choices
from cli.printing import show_json
from local.deployment import DEPLOY_LIMIT_SECONDS, Deployment
from local.engine import Engine
from local.errors import LocalEngineError
from local.session import environment
from local.settings import settings_from

app = typer.Typer(help="The embedded engine with the stack deployed in it.", no_args_is_help=True)

StateDir = Annotated[
    Path | None,
    typer.Option("--state-dir", help="Its state folder (default: .local, or MERCHANT_SALES_LOCAL_DIR)."),
]
Port = Annotated[
    int | None,
    typer.Option("--port", min=1, max=65535, help="Its port (default: 4566 or the next free one)."),
]
Context = Annotated[
    list[str] | None,
    typer.Option("--context", "-c", metavar="KEY=VALUE", help="CDK context, such as partitionBytes=65536."),
]
Limit = Annotated[float, typer.Option("--deploy-limit", min=1, help="Seconds the deployment may take.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.callback()
def local(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Keep the option that stands before the subcommand."""
    ctx.obj = _choices(ctx, as_json)


@app.command()
def start(
    ctx: typer.Context,
    state_dir: StateDir = None,
    port: Port = None,
    context: Context = None,
    deploy_limit: Limit = DEPLOY_LIMIT_SECONDS,
    as_json: AsJson = False,
) -> None:
    """Start it with its last state, and deploy the stack when its sources changed."""
    began = time.monotonic()
    engine = _engine(state_dir, port)
    pairs = _pairs(context or [])
    deployment = Deployment(engine, context=pairs, limit_seconds=deploy_limit, progress=_say)
    started = engine.start()
    deployed = deployment.deploy()
    _say(
        f"the engine {'runs' if started else 'was running already'} at {engine.endpoint}, "
        f"the stack {'is deployed' if deployed else 'was up to date'} ({time.monotonic() - began:.1f} s)"
    )
    if state_dir is not None:
        folder = shlex.quote(str(state_dir.resolve()))
        _say(f"for the other commands: export MERCHANT_SALES_LOCAL_DIR={folder}")
    _answer(ctx, as_json, engine)


@app.command()
def stop(ctx: typer.Context, state_dir: StateDir = None, as_json: AsJson = False) -> None:
    """Save its state and end it."""
    engine = _engine(state_dir)
    _say("the engine has stopped" if engine.stop() else "the engine wasn't running")
    _answer(ctx, as_json, engine)


@app.command()
def status(ctx: typer.Context, state_dir: StateDir = None, as_json: AsJson = False) -> None:
    """Say whether it runs, and where. Exit code 1 when it doesn't."""
    found = _engine(state_dir).status()
    if _choices(ctx, as_json).as_json:
        show_json(dataclasses.asdict(found))
    elif found.running:
        health = "runs" if found.healthy else "doesn't answer"
        typer.echo(f"the engine {health} at {found.endpoint}, process {found.pid}, since {found.started}")
    else:
        typer.echo(f"the engine of {found.state_dir} doesn't run")
    if not found.healthy:
        raise typer.Exit(1)


@app.command()
def env(ctx: typer.Context, state_dir: StateDir = None, as_json: AsJson = False) -> None:
    """Print the variables with which any AWS client talks to it: eval "$(merchant-sales local env)".

    Exit code 2 when it doesn't run.
    """
    variables = environment(_engine(state_dir).endpoint)
    if _choices(ctx, as_json).as_json:
        show_json(variables)
        return
    for name, value in variables.items():
        typer.echo(f"export {name}={shlex.quote(value)}")


@app.command()
def reset(ctx: typer.Context, state_dir: StateDir = None, as_json: AsJson = False) -> None:
    """End it and remove its state: the next start deploys into an empty one."""
    engine = _engine(state_dir)
    engine.reset()
    _say("the engine is empty; start it again with: merchant-sales local start")
    _answer(ctx, as_json, engine)


def _choices(ctx: typer.Context, as_json: bool) -> Choices:
    return choices(ctx, as_json=as_json, local=False, stack=None)


def _answer(ctx: typer.Context, as_json: bool, engine: Engine) -> None:
    """For programs, the status that it has now."""
    if _choices(ctx, as_json).as_json:
        show_json(dataclasses.asdict(engine.status()))


def _engine(state_dir: Path | None, port: int | None = None) -> Engine:
    return Engine(settings_from(os.environ, state_dir=state_dir, port=port), progress=_say)


def _say(line: str) -> None:
    """One line of progress on stderr."""
    Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(line)


def _pairs(words: list[str]) -> dict[str, str]:
    for word in words:
        if not word.partition("=")[0] or "=" not in word:
            raise LocalEngineError(f"--context {word!r}: it must be KEY=VALUE, such as partitionBytes=65536.")
    return {name: value for name, _, value in (word.partition("=") for word in words)}
