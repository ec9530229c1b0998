"""`merchant-sales dashboard`: serve the browser view until it is stopped."""

from __future__ import annotations

import contextlib
from typing import Annotated

import typer

from cli.choices import AsJson, Local, StackName, choices
from cli.deployment import connect
from cli.printing import say, show, show_json

DEFAULT_PORT = 8750


def dashboard(
    ctx: typer.Context,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port on this computer; 0 takes any free one.")
    ] = DEFAULT_PORT,
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """Show runs, merchants and their sales in a browser, until Ctrl-C.

    Serves pages on 127.0.0.1 only, with your own AWS credentials; nothing is deployed. They only read, but
    for a replay that you confirm. With --json the address is printed as a JSON document.
    """
    # Only here: no other command should wait for a web framework to load.
    from cli.dashboard.server import listen

    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    deployment = connect(chosen)
    listening = listen(deployment, port)
    # Ctrl-C is how it is meant to end.
    with contextlib.suppress(KeyboardInterrupt):
        if chosen.as_json:
            show_json({"url": listening.url, "deployment": deployment.where})
        else:
            show(f"The dashboard is at {listening.url} until you press Ctrl-C.")
        listening.serve()
    say("the dashboard has stopped")
