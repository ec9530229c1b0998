"""The one thing that the dashboard starts: a replay, once it is confirmed."""

from __future__ import annotations

from flask import Flask, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cli.dashboard.polling import poll_seconds
from cli.deployment import Deployment
from cli.errors import CommandError
from cli.printing import number
from cli.replay import require_known, start_replay
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
        return render_template(
            "replay.html",
            key=key,
            holds="nothing: it was deleted" if now.deleted else f"{number(now.size_bytes)} bytes",
            newest=str(RunId(keyhash, state.revision)) if state.revision else "",
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


def _key() -> str:
    key = request.args.get("key", "")
    if not key:
        abort(400, "The address names no key: choose a run, and replay its key from there.")
    return key
