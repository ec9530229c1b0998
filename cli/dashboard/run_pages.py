"""The pages of runs: the list, one run, its rejected lines."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime

from flask import Flask, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cli.dashboard.index_pages import index_page
from cli.dashboard.lists import runs_index, runs_of_key
from cli.dashboard.polling import poll_seconds
from cli.dashboard.run_view import list_row, run_view
from cli.dashboard.watches import Watches
from cli.deployment import Deployment
from cli.reading_rejects import read_rejects
from cli.rejects import short_text
from cli.runs import existing_run, standing_of_run
from lambdas.adapters.runs_table import RUNNING, SUCCEEDED
from lambdas.domain.order_file import RunId

PAGE_SIZE = 50
MOST_WATCHED = 5
"""Running runs of the list that show how far they are; each look lists objects in the work bucket."""
MOST_OF_KEY = 20
MOST_REJECTS = 200


def add(app: Flask, deployment: Deployment, now: Callable[[], datetime]) -> None:
    """Add the pages to an application."""
    watches = Watches(deployment)

    @app.get("/runs")
    def runs() -> str:
        cursor = request.args.get("after")
        page = index_page(
            deployment.dynamodb, runs_index(deployment.runs_table), size=PAGE_SIZE, cursor=cursor
        )
        running = [item for item in page.items if item["status"] == RUNNING]
        far = {item["run_id"]: watches.look(item, now()) for item in running[:MOST_WATCHED]}
        rows = [list_row(item, far.get(item["run_id"])) for item in page.items]
        poll = poll_seconds(goes_on=bool(running), local=deployment.local)
        return render_template(
            "runs.html", rows=rows, running=len(running), cursor=cursor, next_cursor=page.cursor,
            watched=MOST_WATCHED,
            poll=None if cursor else poll,
        )  # fmt: skip

    @app.get("/find-run")
    def find_run() -> Response:
        name = request.args.get("name", "").strip()
        if not name:
            abort(400, "Type a run id, or a key for its newest run.")
        found = existing_run(deployment, name)
        return redirect(url_for("run", run_id=found["run_id"]))

    @app.get("/runs/<run_id>")
    def run(run_id: str) -> str:
        item = existing_run(deployment, run_id)
        keyhash = RunId.parse(item["run_id"]).keyhash
        standing = standing_of_run(deployment, RunId.parse(item["run_id"]))
        goes_on = item["status"] == RUNNING
        far = watches.look(item, now()) if goes_on else None
        ended_short = not goes_on and item["status"] != SUCCEEDED
        done = deployment.partitions_done(item["run_id"]) if ended_short else None
        others = runs_of_key(deployment.dynamodb, deployment.runs_table, keyhash, most=MOST_OF_KEY)
        view = run_view(item, standing, far, done=done, on_aws=not deployment.local)
        return render_template(
            "run.html",
            run=view,
            others=[list_row(other, None) for other in others],
            poll=poll_seconds(goes_on=True, local=deployment.local, soon=True) if goes_on else None,
        )

    @app.get("/runs/<run_id>/rejects")
    def rejects(run_id: str) -> str:
        item = existing_run(deployment, run_id)
        found = read_rejects(deployment.s3, deployment.work_bucket, item["run_id"])
        lines = list(itertools.islice(found, MOST_REJECTS))
        for line in lines:
            line["text"] = short_text(str(line["text"]))
        rejected = int(item.get("counts", {}).get("rejected", len(lines)))
        return render_template("rejects.html", item=item, lines=lines, rejected=rejected)
