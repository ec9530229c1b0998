"""`merchant-sales manifest`: the results files of the current runs, for a warehouse that reads sales/."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

from cli.choices import AsJson, Local, StackName, choices
from cli.deployment import CALLS_AT_ONCE, connect
from cli.printing import show, show_json
from cli.reading_runs import all_key_items, run_items
from cli.unsettled import tell_unsettled, unsettled_between
from cli.whole_file import require_place_for, written_whole
from lambdas.adapters.runs_table import SUCCEEDED
from lambdas.domain.order_file import RunId
from lambdas.domain.stored_names import results_object


def manifest(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.txt", help="Written anew; replaced if it exists.")],
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """List the Parquet files under sales/ that hold what is counted now, an s3:// address a line.

    Files of superseded and failed runs are left out. A key that is counted only in part, or whose file is
    being processed, is named on stderr: what is counted of it is left out, or listed as it was before.
    """
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    require_place_for(file)
    deployment = connect(chosen)
    client, table = deployment.dynamodb, deployment.runs_table
    keys = all_key_items(client, table)
    holders = [RunId(name, int(item["fence"])) for name, item in keys.items() if item.get("fence")]
    current = sorted(
        name for name, run in run_items(client, table, holders).items() if run["status"] == SUCCEEDED
    )
    work = deployment.work_files

    def addresses(run_id: str) -> list[str]:
        parts = work.results_of(run_id)
        return sorted(f"s3://{work.bucket}/{results_object(run_id, part)}" for part in parts)

    with ThreadPoolExecutor(CALLS_AT_ONCE) as readers:
        lines = [line for listed in readers.map(addresses, current) for line in listed]
    unsettled = unsettled_between(deployment, keys, all_key_items(client, table))
    with written_whole(file) as partial:
        partial.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if chosen.as_json:
        show_json({"file": str(file), "runs": len(current), "files": len(lines)} | unsettled)
        return
    show(f"{len(lines):,} files of {len(current):,} runs written to {file}")
    tell_unsettled(unsettled)
