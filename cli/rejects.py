"""`merchant-sales rejects`: the rejected lines of a run."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from cli.choices import AsJson, Local, StackName, choices
from cli.deployment import connect
from cli.printing import number, say, show, show_json, table
from cli.runs import RunIdArgument, existing_run
from lambdas.domain.stored_names import rejects_folder

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LONGEST_TEXT = 200
"""Characters of a line that are shown to people; --json has all of them."""


def rejects(
    ctx: typer.Context,
    run_id: RunIdArgument,
    count: Annotated[int, typer.Option("-n", "--lines", min=1, help="Show at most so many lines.")] = 1000,
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """List the rejected lines of a run: line number in the file, column, reason and text."""
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    deployment = connect(chosen)
    run = existing_run(deployment, run_id)
    lines = list(itertools.islice(_rejected(deployment.s3, deployment.work_bucket, run["run_id"]), count))
    rejected = int(run.get("counts", {}).get("rejected", len(lines)))
    if chosen.as_json:
        show_json({"run_id": run["run_id"], "key": run["object_key"], "rejected": rejected, "lines": lines})
        return
    if not lines:
        show(f"Run {run['run_id']} of {run['object_key']} has no rejected lines.")
        return
    show(rejects_table(lines, title=f"{rejected:,} rejected in {run['object_key']}"))
    if rejected > len(lines):
        say(f"{rejected - len(lines):,} more are not shown; -n sets how many are.")


def rejects_table(lines: Iterable[Mapping[str, Any]], *, title: str) -> Table:
    """Rejected lines for people."""
    rows = [
        (number(line["line"]), line["column"] or "", line["reason"], _short(line["text"])) for line in lines
    ]
    return table(">line", "~column", "~reason", "~text", rows=rows, title=title)


def _rejected(s3: S3Client, bucket: str, run_id: str) -> Iterator[dict[str, Any]]:
    """The rejected lines in the order of the file: object names hold the byte ranges of splits."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=rejects_folder(run_id)):
        for found in page.get("Contents", []):
            body = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"]
            yield from (json.loads(line) for line in body.iter_lines() if line)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
