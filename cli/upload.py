"""`merchant-sales upload`: put order files into the orders bucket, and wait for their sales."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.choices import AsJson, Local, StackName, choices
from cli.deployment import Deployment, connect
from cli.errors import CommandError
from cli.printing import printable, say, show, show_json, table
from cli.reading_runs import key_items
from cli.run_report import net_money, run_row, run_to_json
from cli.suggested import completed
from cli.upload_display import display
from cli.upload_progress import Upload
from cli.upload_wait import UploadWait
from lambdas.adapters.runs_table import FAILED, SUCCEEDED
from lambdas.domain.order_file import key_hash

LONGEST_KEY_BYTES = 1024
ROWS_SHOWN = 10
"""Up to so many files each get a row; of more, only those that a person has to look at."""


def upload(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Order files of this computer.")],
    prefix: Annotated[
        str, typer.Option(help="Put before each file's name; it chooses the order format (see `formats`).")
    ] = "",
    wait: Annotated[
        bool, typer.Option("--wait", help="Follow the files until their sales are counted.")
    ] = False,
    limit_seconds: Annotated[
        float, typer.Option("--limit", min=1, metavar="SECONDS", help="How long --wait waits at most.")
    ] = 3600,
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """Put order files into the orders bucket under PREFIX + file name; a file of the same key is replaced.

    With --wait the exit code is 1 when one FAILED (its reason is printed) or the time is over.
    """
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    keys = keys_of(files, prefix)
    deployment = connect(chosen)
    uploads = _uploads(deployment, files, keys)
    _send(deployment, uploads, wait=wait, limit_seconds=limit_seconds)
    if chosen.as_json:
        show_json([_to_json(one) for one in uploads])
    elif wait:
        _report(uploads)
    else:
        show(*(printable(one.key) for one in uploads))
        say("uploaded; `merchant-sales runs` shows how they go on")
    if wait:
        _exit_code(uploads, limit_seconds)


def keys_of(files: Sequence[Path], prefix: str) -> list[str]:
    """The keys that files get; raises CommandError where one can't be uploaded or two would be the same."""
    for file in files:
        if not file.name:
            raise CommandError(f"{str(file)!r} names no file: give the paths of order files.")
        if file.is_dir():
            raise CommandError(f"{file} is a folder: give the files in it, such as {file}/*.csv.")
        if not file.exists():
            raise CommandError(f"{file}: there is no such file.")
        if not file.is_file():
            raise CommandError(f"{file} is no regular file.")
        if len((prefix + file.name).encode()) > LONGEST_KEY_BYTES:
            raise CommandError(
                f"{file}: its key has more than {LONGEST_KEY_BYTES} bytes; shorten the prefix."
            )
    keys = [prefix + file.name for file in files]
    twice = [key for key, count in Counter(keys).items() if count > 1]
    if twice:
        raise CommandError(f"Two files would both become {twice[0]!r}: rename one.")
    return keys


def _uploads(deployment: Deployment, files: Sequence[Path], keys: Sequence[str]) -> list[Upload]:
    names = [key_hash(deployment.orders_bucket, key) for key in keys]
    before = key_items(deployment.dynamodb, deployment.runs_table, names)
    return [
        Upload(path=file, key=key, keyhash=name, size_bytes=file.stat().st_size, before=before.get(name, {}))
        for file, key, name in zip(files, keys, names, strict=True)
    ]


def _send(deployment: Deployment, uploads: Sequence[Upload], *, wait: bool, limit_seconds: float) -> None:
    try:
        with display() as shown:
            waiting = UploadWait(deployment=deployment, display=shown, limit_seconds=limit_seconds)
            waiting.send(uploads)
            if wait:
                waiting.follow(uploads)
    except KeyboardInterrupt:
        say("stopped; what is uploaded is processed all the same: see `merchant-sales runs`", style="yellow")
        raise typer.Exit(130) from None


def _report(uploads: Sequence[Upload]) -> None:
    shown = uploads if len(uploads) <= ROWS_SHOWN else [one for one in uploads if _noteworthy(one)]
    rows = [(*run_row(one.run), net_money(one.run)) for one in shown if one.run]
    if rows:
        show(table("~key", "status", ">lines", ">rejected", ">counted", ">net money", rows=rows))
    statuses = Counter(one.status or "not settled" for one in uploads)
    counted = sum(int(one.run.get("counts", {}).get("counted", 0)) for one in uploads if one.run)
    rejected = sum(int(one.run.get("counts", {}).get("rejected", 0)) for one in uploads if one.run)
    told = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
    show(f"{told}; {counted:,} lines counted, {rejected:,} rejected")
    for one in uploads:
        for warning in (one.run or {}).get("warnings", []):
            say(f"{printable(one.key)}: {printable(warning)}", style="yellow")
        if one.status == FAILED:
            about = "" if one.key in one.reason else f" {printable(one.key)}"
            reason = completed(one.reason, one.run) if one.run else one.reason
            show(f"FAILED{about}: {printable(reason)}")


def _noteworthy(one: Upload) -> bool:
    rejected = (one.run or {}).get("counts", {}).get("rejected", 0)
    return one.status != SUCCEEDED or bool(rejected)


def _exit_code(uploads: Sequence[Upload], limit_seconds: float) -> None:
    late = [one for one in uploads if not one.settled]
    untaken = [one for one in late if one.run is None]
    within = f"of {len(uploads)} files have not settled within {limit_seconds:g} s"
    if len(late) > len(untaken):
        going_on = len(late) - len(untaken)
        say(f"{going_on} {within}; they go on: `merchant-sales runs` shows how", style="yellow")
    if untaken:
        say(
            f"{len(untaken)} {within} and no run has taken them yet: either events are late, or the stack's "
            "rule is off; `merchant-sales sweep` looks at them",
            style="yellow",
        )
    if late or any(one.status == FAILED for one in uploads):
        raise typer.Exit(1)


def _to_json(one: Upload) -> dict[str, Any]:
    values: dict[str, Any] = {"file": str(one.path), "key": one.key, "version_id": one.version_id}
    values |= {"settled": one.settled, "status": one.status or None, "reason": one.reason or None}
    return values | {"run": run_to_json(one.run) if one.run else None}
