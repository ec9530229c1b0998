"""`merchant-sales replay`: process what keys hold now once more."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.choices import AsJson, Local, StackName, choices
from cli.deployment import Deployment, connect
from cli.errors import CommandError
from cli.printing import show, show_json
from lambdas.domain.order_file import key_hash


def replay(
    ctx: typer.Context,
    keys: Annotated[list[str], typer.Argument(metavar="KEY", help="Keys of the orders bucket.")],
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """Process keys again: with a changed order format, or after a failure. Never counts anything twice.

    A deleted key is retracted again.
    """
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    deployment = connect(chosen)
    for key in keys:
        require_known(deployment, key)
    started = [{"key": key, "execution": start_replay(deployment, key)} for key in keys]
    if chosen.as_json:
        show_json(started)
        return
    for one in started:
        show(f"{one['key']}: started {one['execution']}")
    show("`merchant-sales runs` shows how they go on.")


def require_known(deployment: Deployment, key: str) -> None:
    """Raise an error with a sentence where a key holds nothing and never had a run."""
    ran = deployment.runs.key_state(key_hash(deployment.orders_bucket, key)).revision > 0
    if not ran and deployment.order_files.present(key).deleted:
        raise CommandError(
            f"There is no order file {key!r} and there never was one: give keys as `merchant-sales runs` "
            "shows them; nothing was started."
        )


def start_replay(deployment: Deployment, key: str) -> str:
    """Start a run of what a key holds now; the ARN of its execution."""
    return deployment.looks.start(key, replay=True)
