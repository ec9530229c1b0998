"""The dashboard as a WSGI application: its pages, and how they are rendered."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import Flask, redirect, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from cli.dashboard import merchant_pages, replay_pages, run_pages
from cli.dashboard.error_pages import add_error_pages
from cli.dashboard.guard import guard
from cli.deployment import Deployment
from cli.printing import printable
from cli.suggested import pasteable, suggested


def utc_now() -> datetime:
    """The clock of a running dashboard."""
    return datetime.now(UTC)


def application(
    deployment: Deployment,
    *,
    hosts: Collection[str],
    token: str,
    now: Callable[[], datetime] = utc_now,
) -> Flask:
    """The dashboard of one deployed stack; `hosts` and `token` are as `guard` takes them."""
    app = Flask(__package__)
    command = suggested()  # a request's thread doesn't know how the dashboard was called
    app.jinja_env.finalize = partial(_shown, called=command)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    guard(app, hosts=hosts, token=token)

    @app.context_processor
    def where() -> dict[str, str]:
        return {"where": deployment.where, "command": command}

    @app.get("/")
    def home() -> Response:
        return redirect(url_for("runs"))

    run_pages.add(app, deployment, now)
    merchant_pages.add(app, deployment)
    replay_pages.add(app, deployment)
    add_error_pages(app)
    return app


def _shown(value: Any, *, called: str) -> Any:
    """Every text on a page: what would hide itself or turn the text around is shown as an escape."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return pasteable(printable(value), called)
