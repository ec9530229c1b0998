"""`merchant-sales runs` and `run`: what was processed, and what became of it."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.choices import AsJson, Local, StackName, choices
from cli.deployment import Deployment, connect
from cli.errors import CommandError
from cli.printing import moment, say, show, show_json, table
from cli.reading_runs import Standing, key_items, newest_runs, standings
from cli.run_report import net_money, run_report, run_row, run_to_json
from cli.untaken import told_of_untaken, untaken
from lambdas.adapters.dynamodb import Item
from lambdas.adapters.runs_table import SUCCEEDED
from lambdas.domain.order_file import RunId, key_hash

RunIdArgument = Annotated[
    str,
    typer.Argument(metavar="RUN_ID", help="As `merchant-sales runs` shows it; or a key, for its newest run."),
]


def runs(
    ctx: typer.Context,
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="Show so many.")] = 20,
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """List the newest runs: one for each change of an order file, and for each replay."""
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    deployment = connect(chosen)
    found = newest_runs(deployment.dynamodb, deployment.runs_table, count)
    if chosen.as_json:
        show_json([run_to_json(item) for item in found])
        return
    if not found:
        show("There are no runs yet: `merchant-sales upload FILE --prefix PREFIX --wait` starts one.")
        return
    headings = ("started (UTC)", "~key", "status", ">lines", ">rejected", ">counted", ">net money", "run id")
    rows = [(moment(item["started_at"]), *run_row(item), net_money(item), item["run_id"]) for item in found]
    show(table(*headings, rows=rows))


def run(
    ctx: typer.Context,
    run_id: RunIdArgument,
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """Show one run: counts, money, the reason of a failure, why lines were rejected, timings."""
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    deployment = connect(chosen)
    item = existing_run(deployment, run_id)
    standing = standing_of_run(deployment, RunId.parse(item["run_id"]))
    done = None if item["status"] == SUCCEEDED else deployment.partitions_done(item["run_id"])
    newer, told = told_of_untaken(deployment, item["object_key"])
    if chosen.as_json:
        state = {"key_state": standing.remark if standing else "", "partitions_done": done}
        state |= {"untaken_version_id": newer.present.version_id if newer else None}
        show_json(run_to_json(item) | state)
    else:
        show(*run_report(item, standing, done=done, on_aws=not deployment.local))
    if told:
        say(told, style="yellow")


def existing_run(deployment: Deployment, name: str) -> Item:
    """The item of the run of this id, or of a key's newest run; raises an error with a sentence."""
    run_id = RunId.parse(name) if RunId.fits(name) else _newest(deployment, name)
    item = deployment.runs.run(run_id) if run_id else None
    if item is None:
        raise CommandError(_no_run(deployment, name))
    return item


def _no_run(deployment: Deployment, name: str) -> str:
    if waiting := None if RunId.fits(name) else untaken(deployment, name):
        return (
            f"The bucket holds {name} since {waiting.since_words}, and no run has taken it: "
            "`merchant-sales sweep` looks at it."
        )
    return (
        f"There is no run {name} in {deployment.where}, and no key of that name had one: "
        "`merchant-sales runs` lists them."
    )


def _newest(deployment: Deployment, key: str) -> RunId | None:
    keyhash = key_hash(deployment.orders_bucket, key)
    revision = deployment.runs.key_state(keyhash).revision
    return RunId(keyhash, revision) if revision else None


def standing_of_run(deployment: Deployment, run_id: RunId) -> Standing | None:
    """How the key of a run stands."""
    client, name = deployment.dynamodb, deployment.runs_table
    keys = key_items(client, name, [run_id.keyhash])
    return standings(client, name, keys).get(run_id.keyhash)
