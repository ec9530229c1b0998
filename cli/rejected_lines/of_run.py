"""The rejected lines of a run, from the object version that it read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cli.deployment import Deployment
from cli.errors import CommandError
from cli.format_tools.trial import workbench
from cli.rejected_lines.write import Written, write_rejected_lines
from lambdas.domain.errors import OrderFileError


def rejected_lines(
    deployment: Deployment, run_id: str, rejects: Iterable[Mapping[str, Any]], to: Path
) -> Written:
    """Write them to a file; raises errors with a sentence where the plan or the version is gone."""
    plan = deployment.work_files.plan(run_id)
    try:
        orders = deployment.order_files.open(plan.order_file)
    except OrderFileError as e:
        raise CommandError(
            f"Version {plan.order_file.version_id} of {plan.order_file.key!r}, which run {run_id} read, is "
            "gone from the orders bucket. The first 1,024 bytes of each rejected line are still there: see "
            f"`merchant-sales rejects {run_id} --json`."
        ) from e
    with workbench() as bench:
        return write_rejected_lines(
            orders,
            rejects,
            key=plan.order_file.key,
            order_format=plan.order_format,
            to=to,
            bench=bench,
        )
