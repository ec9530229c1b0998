"""`merchant-sales replay`: process what keys hold now once more."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from cli.choices import STARTS_PER_SECOND, AsJson, Local, PerSecond, StackName, choices
from cli.deployment import Deployment, connect
from cli.errors import CommandError
from cli.printing import printable, say, show, show_json
from cli.replay_choice import cost_of, moment_of, newest_runs_of
from lambdas.domain.order_file import key_hash

AT_ONCE = 10
"""So many keys don't wait for each other."""

Keys = Annotated[list[str] | None, typer.Argument(metavar="[KEY]...", help="Keys of the orders bucket.")]
Prefix = Annotated[str | None, typer.Option("--prefix", help='All keys that begin so ("" for all).')]
Since = Annotated[
    str | None, typer.Option("--since", metavar="MOMENT", help="Only keys whose newest run began since then.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask before the keys of --prefix or --since.")]


def replay(
    ctx: typer.Context,
    keys: Keys = None,
    prefix: Prefix = None,
    since: Since = None,
    yes: Yes = False,
    per_second: PerSecond = STARTS_PER_SECOND,
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """Process keys again: with a changed order format, or after a failure. Never counts anything twice.

    Takes KEYs, or --prefix and --since, and then says first how many keys that are and what they cost
    about. A deleted key is retracted again.
    """
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    many = prefix is not None or since is not None
    if bool(keys) == many:
        raise CommandError("Give either KEYs, or --prefix and --since to choose keys by.")
    moment = moment_of("--since", since) if since is not None else None
    deployment = connect(chosen)
    for key in keys or ():
        require_known(deployment, key)
    if many:
        runs = newest_runs_of(deployment, prefix or "", moment)
        keys = [str(run["object_key"]) for run in runs]
        if not keys:
            raise CommandError("That chooses no key: `merchant-sales runs` shows keys and when they ran.")
        cost = "none here" if chosen.local else f"about ${cost_of(deployment, runs):,.4f}"
        _agree(f"{len(keys):,} keys, cost {cost}: {printable(keys[0])} to {printable(keys[-1])}", yes=yes)
    started = []
    for execution in _paced(deployment, keys or (), per_second):
        started.append(execution)
        if not chosen.as_json:
            show(f"{printable(execution['key'])}: started {execution['execution']}")
    if chosen.as_json:
        show_json(started)
    else:
        show("`merchant-sales runs` shows how they go on.")


def _paced(deployment: Deployment, keys: Sequence[str], per_second: float) -> Iterator[dict[str, str]]:
    for place, key in enumerate(keys):
        if place >= AT_ONCE:
            time.sleep(1 / per_second)
        yield {"key": key, "execution": start_replay(deployment, key)}


def _agree(told: str, *, yes: bool) -> None:
    """Ask whether to go on; raises CommandError where the answer is no, or nobody can answer."""
    say(told)
    try:
        if yes or typer.confirm("Run them again?", err=True):
            return
    except typer.Abort as e:
        raise CommandError("Nobody answered, so nothing was started: say --yes to be asked nothing.") from e
    raise CommandError("Nothing was started.")


def require_known(deployment: Deployment, key: str) -> None:
    """Raise CommandError where a key neither holds a file nor ever did."""
    ran = deployment.runs.key_state(key_hash(deployment.orders_bucket, key)).revision > 0
    if not ran and deployment.order_files.present(key).deleted:
        raise CommandError(
            f"There is no order file {key!r} and there never was one: give keys as `merchant-sales runs` "
            "shows them; nothing was started."
        )


def start_replay(deployment: Deployment, key: str) -> str:
    """Start a run of what a key holds now; the ARN of its execution."""
    return deployment.looks.start(key, replay=True)
