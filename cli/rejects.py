"""`merchant-sales rejects`: the rejected lines of a run."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from cli.choices import AsJson, Local, StackName, choices
from cli.deployment import Deployment, connect
from cli.errors import CommandError
from cli.printing import number, say, show, show_json, table
from cli.reading_rejects import read_rejects
from cli.rejected_lines.of_run import rejected_lines
from cli.rejected_lines.write import Written
from cli.runs import RunIdArgument, existing_run
from cli.suggested import suggested
from cli.whole_file import require_place_for
from lambdas.adapters.dynamodb import Item
from lambdas.adapters.runs_table import FAILED

LONGEST_TEXT = 200
"""Characters of a line that are shown to people; --json has all of them."""


def rejects(
    ctx: typer.Context,
    run_id: RunIdArgument,
    count: Annotated[int, typer.Option("-n", "--lines", min=1, help="Show at most so many lines.")] = 1000,
    csv: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write them whole, with the heading, to a file to correct and upload."
        ),
    ] = None,
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """List the rejected lines of a run: line number in the file, column, reason and text.

    With --csv they are written whole to FILE, in the encoding and with the delimiter and heading of the
    order file (rows of Parquet as CSV; JSON as JSON Lines, so FILE ends in .jsonl). Correct them there, and
    upload FILE under another name with the same prefix.
    """
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    if csv:
        require_place_for(csv)
    deployment = connect(chosen)
    run = existing_run(deployment, run_id)
    if csv:
        _write(deployment, run, csv, as_json=chosen.as_json)
        return
    lines = list(itertools.islice(read_rejects(deployment.s3, deployment.work_bucket, run["run_id"]), count))
    rejected = int(run.get("counts", {}).get("rejected", len(lines)))
    if chosen.as_json:
        show_json({"run_id": run["run_id"], "key": run["object_key"], "rejected": rejected, "lines": lines})
        return
    if not lines:
        show(f"Run {run['run_id']} of {run['object_key']} has no rejected lines{_unless_read(run)}.")
        return
    show(rejects_table(lines, title=f"{rejected:,} rejected in {run['object_key']}"))
    if rejected > len(lines):
        say(f"{rejected - len(lines):,} more are not shown; -n sets how many are.")


def _write(deployment: Deployment, run: Item, file: Path, *, as_json: bool) -> None:
    key, rejected = run["object_key"], int(run.get("counts", {}).get("rejected", 0))
    if file.name == key.rpartition("/")[2]:
        raise CommandError(f"{file}: uploaded, it would replace the order file itself; give another name.")
    written = Written(lines=0)
    if rejected:
        found = read_rejects(deployment.s3, deployment.work_bucket, run["run_id"])
        written = rejected_lines(deployment, run["run_id"], found, file)
    if as_json:
        counts = {"rejected": rejected, "written": written.lines, "not_written": rejected - written.lines}
        show_json({"run_id": run["run_id"], "key": key, "file": str(file) if rejected else None} | counts)
        return
    if not rejected:
        show(f"Run {run['run_id']} of {key} has no rejected lines{_unless_read(run)}; nothing is written.")
        return
    show(f"{written.lines:,} of {rejected:,} rejected lines written to {file}")
    if rejected > written.lines:
        say(
            f"{rejected - written.lines:,} could not be written; correct them in the order file.",
            style="yellow",
        )
    if written.left_out_columns:
        names = ", ".join(written.left_out_columns)
        say(f"Columns with lists or structures are left out: {names}", style="yellow")
    if run["status"] == FAILED:
        say("The run FAILED, so none of its lines count: correct the order file itself.", style="yellow")
        return
    prefix = ["--prefix", written.prefix] if written.prefix else []
    say(f"Correct it, and then: {suggested('upload', str(file), *prefix)}")


def _unless_read(run: Item) -> str:
    """For a run that failed before its lines were read as orders: they weren't looked at one by one."""
    if run["status"] == FAILED and "counts" not in run:
        return f": it FAILED as a whole, `merchant-sales run {run['run_id']}` tells why"
    return ""


def rejects_table(lines: Iterable[Mapping[str, Any]], *, title: str) -> Table:
    """Rejected lines for people."""
    rows = [
        (number(line["line"]), line["column"] or "", line["reason"], short_text(line["text"]))
        for line in lines
    ]
    return table(">line", "~column", "~reason", "~text", rows=rows, title=title)


def short_text(text: str) -> str:
    """As much of a line as people are shown."""
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
