"""`merchant-sales formats infer`: the draft of an order format, from a sample of a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from cli.choices import AsJson, choices
from cli.errors import CommandError
from cli.format_tools.draft import REQUIRED, Draft, draft_format, name_of
from cli.format_tools.preview import preview
from cli.format_tools.read_sample import read_sample
from cli.format_tools.sample import Sample
from cli.format_tools.trial import Workbench, workbench
from cli.printing import remark, say, show_json
from lambdas.domain.errors import OrderFileError
from lambdas.domain.heading import listed
from lambdas.domain.order_format import parse_order_format


def infer(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An order file of this computer.")],
    name: Annotated[
        str | None, typer.Option(help="The format's name (default: from the file's name).")
    ] = None,
    prefix: Annotated[
        str | None, typer.Option(help="How the keys of its files begin (default: the name and a slash).")
    ] = None,
    count: Annotated[
        int, typer.Option("-n", "--lines", min=0, help="Show so many lines as they are read.")
    ] = 5,
    as_json: AsJson = False,
) -> None:
    """Draft an order format from the first megabyte of a file: formats infer FILE > formats/NAME.yaml.

    The draft goes to stdout, with what is doubtful in its comments. The first lines, as the parser reads them
    by it, go to stderr. The exit code is 1 where no column looks like a merchant or an amount. With --json
    the draft is the text `yaml` of a document, beside the required fields that are `missing`.
    """
    chosen = name or name_of(file)
    if not re.fullmatch(r"[\w-]+", chosen):
        raise CommandError(f"--name {chosen!r}: a format's name is letters, digits, hyphens and underscores.")
    with workbench() as bench:
        sample = read_sample(file, bench.folder)
        draft = draft_format(
            sample,
            file=file,
            name=chosen,
            prefix=f"{chosen}/" if prefix is None else prefix,
            connection=bench.connection,
        )
        if choices(ctx, as_json=as_json, local=False, stack=None).as_json:
            show_json({"format": chosen, "yaml": draft.text, "missing": draft.missing})
        else:
            typer.echo(draft.text.encode(), nl=False)
        if draft.missing:
            say(f"error: {_missing(draft, sample, file)}", style="red")
            raise typer.Exit(1)
        _show(draft, sample, chosen, bench, count)


def _missing(draft: Draft, sample: Sample, file: Path) -> str:
    wanted = " or ".join(REQUIRED[field] for field in draft.missing)
    keys = " and ".join(f"columns.{field}" for field in draft.missing)
    names = listed([column.name for column in sample.columns])
    return (
        f"No column of {file} looks like {wanted}; name it in the draft ({keys}). Its columns are: {names}."
    )


def _show(draft: Draft, sample: Sample, name: str, bench: Workbench, count: int) -> None:
    order_format = parse_order_format(draft.text, f"{name}.yaml")
    try:
        remark(*preview(sample, order_format, bench, count).tables())
    except OrderFileError as e:
        say(f"error: The draft doesn't read the file: {e}", style="red")
        raise typer.Exit(1) from e
    if draft.is_doubtful:
        say("what is doubtful stands in the comments of the draft", style="yellow")
