"""The one thing that the dashboard starts: a replay, once it is confirmed."""

from __future__ import annotations

from flask import Flask, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cli.dashboard.polling import poll_seconds
from cli.deployment import Deployment
from cli.errors import CommandError
from cli.printing import number
from cli.replay import require_known, start_replay
from cli.replay_choice import cost_of
from lambdas.adapters.dynamodb import Item
from lambdas.adapters.runs_table import GIVEN_UP
from lambdas.domain.order_file import RunId, key_hash


def add(app: Flask, deployment: Deployment) -> None:
    """Add the pages to an application."""

    @app.get("/replay")
    def replay() -> str:
        key = _key()
        require_known(deployment, key)
        keyhash = key_hash(deployment.orders_bucket, key)
        state, now = deployment.runs.key_state(keyhash), deployment.order_files.present(key)
        newest = deployment.runs.run(RunId(keyhash, state.revision)) if state.revision else None
        return render_template(
            "replay.html",
            key=key,
            cost=_cost(deployment, newest) if newest else "",
            holds="nothing: it was deleted" if now.deleted else f"{number(now.size_bytes)} bytes",
            newest=newest["run_id"] if newest else "",
            status=state.status or "",
        )

    @app.post("/replay")
    def confirmed() -> Response:
        key = _key()
        require_known(deployment, key)
        execution = start_replay(deployment, key)
        return redirect(url_for("replayed", execution=execution.rsplit(":", 1)[-1], key=key), code=303)

    @app.get("/replays/<execution>")
    def replayed(execution: str) -> Response | str:
        look = deployment.runs.look(execution)
        if look and look.run_id:
            return redirect(url_for("run", run_id=look.run_id))
        if look and look.outcome == GIVEN_UP:
            raise CommandError(
                "The replay ended before it had a run: `last_look_error` of the key in the runs table says "
                'why, and docs/operations.md, "A key could not be looked at", what to do.'
            )
        poll = None if look else poll_seconds(goes_on=True, local=deployment.local, soon=True)
        return render_template("replayed.html", key=request.args.get("key", ""), ended=bool(look), poll=poll)


def _cost(deployment: Deployment, newest: Item) -> str:
    if deployment.local:
        return "none here"
    return f"about ${cost_of(deployment, [newest]):,.4f}, if it holds about what its newest run read"


def _key() -> str:
    key = request.args.get("key", "")
    if not key:
        abort(400, "The address names no key: choose a run, and replay its key from there.")
    return key
