"""`merchant-sales redrive`: continue a failed run where it broke."""

from __future__ import annotations

import typer

from cli.choices import AsJson, Local, StackName, choices
from cli.deployment import Deployment, connect
from cli.errors import CommandError
from cli.printing import show, show_json
from cli.replay import start_replay
from cli.runs import RunIdArgument, existing_run
from cli.suggested import shell_word
from lambdas.adapters.dynamodb import Item
from lambdas.adapters.runs_table import FAILED, RUNNING
from lambdas.domain.order_file import RunId
from lambdas.domain.stored_names import plan_object


def redrive(
    ctx: typer.Context,
    run_id: RunIdArgument,
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """Continue a failed run: what it has done already stays done.

    The embedded engine can't continue an execution, so there the key's file is run again from the start.
    """
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    deployment = connect(chosen)
    run = existing_run(deployment, run_id)
    _require_redrivable(deployment, run)
    execution = run["execution"]
    if deployment.local:
        execution = start_replay(deployment, run["object_key"])
    else:
        deployment.stepfunctions.redrive_execution(executionArn=execution)
    if chosen.as_json:
        show_json({"run_id": run["run_id"], "execution": execution, "continued": not deployment.local})
        return
    if deployment.local:
        show(f"{run['object_key']}: started again as a new revision ({execution})")
        show("`merchant-sales runs` shows how it goes on.")
    else:
        show(f"{run['object_key']}: goes on where it broke ({execution})")
        show(
            "Until it has ended, `merchant-sales runs` shows the run as FAILED, with what is counted by now."
        )


def _require_redrivable(deployment: Deployment, run: Item) -> None:
    run_id = RunId.parse(run["run_id"])
    replay = f"`merchant-sales replay {shell_word(run['object_key'])}` runs what the key holds now"
    if run["status"] == RUNNING:
        raise CommandError(
            f"Run {run_id} is RUNNING: `merchant-sales watch {run_id}` shows how far it is. Only a FAILED "
            "run can be continued."
        )
    if run["status"] != FAILED:
        raise CommandError(f"Run {run_id} is {run['status']}; only a FAILED run can be continued. {replay}.")
    if deployment.runs.key_state(run_id.keyhash).fence > run_id.revision:
        raise CommandError(f"A newer run of the key has taken over from {run_id}: nothing to do. {replay}.")
    if not deployment.has_object(deployment.work_bucket, plan_object(str(run_id))):
        raise CommandError(f"The files of run {run_id} have expired, so it can't be continued. {replay}.")
