"""`merchant-sales formats check`: an order format tried on a file of this computer."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer

from cli.choices import AsJson, choices
from cli.format_tools.best_merchants import best_merchants
from cli.format_tools.check_report import Checked, report, to_json
from cli.format_tools.chosen_format import find_format, remark_on_folder
from cli.format_tools.exact_expressions import require_exact_texts
from cli.format_tools.read_sample import read_sample
from cli.format_tools.trial import Workbench, sales_of, shard_file, workbench
from cli.formats import FORMATS
from cli.printing import say, show, show_json
from lambdas.domain.errors import OrderFileError
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.reconciliation import Intake, check_reject_ratio


def check(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A format of formats/, or the path of a YAML file.")
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An order file of this computer.")],
    count: Annotated[
        int, typer.Option("-n", "--count", min=0, help="Show so many rejected lines and merchants.")
    ] = 5,
    as_json: AsJson = False,
) -> None:
    """Try an order format on a file with the real parser, here, without uploading anything.

    Prints what was detected, what became of the lines, the first rejects, the money and the best merchants.
    The exit code is 1 where a run of the file would fail, and 2 where the format itself is wrong.
    """
    chosen = choices(ctx, as_json=as_json, local=False, stack=None)
    order_format = find_format(name, FORMATS)
    checked = check_file(file, order_format, count)
    if chosen.as_json:
        show_json(to_json(checked))
    else:
        show(*report(checked))
    if remark := remark_on_folder(order_format, name, file.name, FORMATS):
        say(remark, style="yellow")
    if checked.failure:
        raise typer.Exit(1)


def check_file(file: Path, order_format: OrderFormat, count: int) -> Checked:
    """What a run of the file would end with, and the first `count` rejects and best merchants."""
    with file.open("rb") as orders, workbench() as bench:
        require_exact_texts(order_format, lambda: _names(file, bench), bench.connection)
        try:
            sharded = shard_file(orders, key=str(file), order_format=order_format, bench=bench)
            outcome, results = sales_of(sharded, bench)
        except OrderFileError as e:
            return Checked(file=file, order_format=order_format, failure=str(e))
        return Checked(
            file=file,
            order_format=order_format,
            failure=_too_many_rejects(sharded.intake, order_format),
            intake=sharded.intake,
            index=sharded.index,
            outcome=outcome,
            rejects=sharded.first_rejects(count),
            merchants=best_merchants(results, count, bench.connection),
        )


def _names(file: Path, bench: Workbench) -> Collection[str]:
    return {column.name for column in read_sample(file, bench.folder).columns}


def _too_many_rejects(intake: Intake, order_format: OrderFormat) -> str | None:
    try:
        check_reject_ratio(
            intake, max_reject_ratio=order_format.max_reject_ratio, advice="Correct the file or the format."
        )
    except OrderFileError as e:
        return str(e)
    return None
