"""`merchant-sales estimate`: what order files would cost on AWS, and how long they would take."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from cli.choices import AsJson, Local, StackName, choices
from cli.errors import CommandError
from cli.estimate.estimation import Estimate
from cli.estimate.file_load import load_of_file
from cli.estimate.limits import aws_limits
from cli.estimate.load import Load, load_of
from cli.estimate.quantities import count_of, size_of
from cli.estimate.report import estimate_report, estimate_to_json
from cli.estimate.settings import Place, Settings
from cli.printing import show, show_json
from lambdas.domain.partitions import FanOut

ONLY_NUMBERS = ("--merchants", "--lines", "--months", "--compressed")
MOST_MERCHANTS = 10_000_000
"""Of one file; more would take long to simulate."""
MOST_MONTHS = 12 * 130
"""From 1970 to 2099."""


def estimate(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Read here as the functions would read it.")
    ] = None,
    size: Annotated[
        str | None, typer.Option("--bytes", metavar="N", help="Instead of FILE: a file's size, such as 1GB.")
    ] = None,
    merchants: Annotated[
        str | None, typer.Option(metavar="M", help="Merchants that a file names, such as 10k.")
    ] = None,
    lines: Annotated[
        str | None, typer.Option(metavar="L", help="Order lines of a file (default: one for 128 bytes).")
    ] = None,
    files: Annotated[str, typer.Option(metavar="F", help="So many such files at the same moment.")] = "1",
    months: Annotated[
        str | None, typer.Option(help="Months that a merchant's lines in a file span (default: 1).")
    ] = None,
    compressed: Annotated[
        bool, typer.Option("--compressed", help="--bytes are those of a .gz or .zst.")
    ] = False,
    prefix: Annotated[str, typer.Option(help="The prefix that FILE is uploaded under.")] = "",
    replaces: Annotated[
        bool, typer.Option("--replaces", help="The files replace earlier versions of themselves.")
    ] = False,
    new_merchants: Annotated[
        bool, typer.Option("--new-merchants", help="No earlier file has named the merchants.")
    ] = False,
    map_concurrency: Annotated[
        int, typer.Option(min=1, max=1000, help="The setting mapConcurrency.")
    ] = Settings.map_concurrency,
    fan_out: Annotated[FanOut, typer.Option(help="The setting fanOut.")] = Settings.fan_out,
    account_concurrency: Annotated[
        int, typer.Option(min=1, help="Lambda calls that the account lets run at once (new ones: 10).")
    ] = Place.lambda_concurrency,
    processor_factor: Annotated[
        float, typer.Option(min=0.01, help="How much longer Lambda's processors take than the measured one.")
    ] = Place.processor_factor,
    as_json: AsJson = False,
    local: Local = False,
    stack: StackName = None,
) -> None:
    """Estimate cost and time of a run on AWS, line by line, with what one could use instead.

    Takes a FILE, or --bytes and --merchants. Asks AWS nothing: prices, limits and rates are data files of
    this repository, and the times come from a simulation. In JSON, dollars are texts with 9 decimals.
    """
    chosen = choices(ctx, as_json=as_json, local=local, stack=stack)
    settings = Settings(map_concurrency=map_concurrency, fan_out=fan_out)
    numbers = dict(zip(ONLY_NUMBERS, (merchants, lines, months, compressed or None), strict=True))
    if (file is None) == (size is None):
        raise CommandError("Give either a FILE, or --bytes and --merchants.")
    if file is not None:
        load = _of_file(
            file, numbers, settings, prefix=prefix, files=files, replaces=replaces, new=new_merchants
        )
    else:
        load = _of_numbers(str(size), numbers, files=files, replaces=replaces, new=new_merchants)
    place = Place(lambda_concurrency=account_concurrency, processor_factor=processor_factor)
    made = Estimate(load=load, settings=settings, place=place)
    if chosen.as_json:
        show_json(estimate_to_json(made))
    else:
        show(*estimate_report(made))


def _of_file(
    file: Path,
    numbers: Mapping[str, str | bool | None],
    settings: Settings,
    *,
    prefix: str,
    files: str,
    replaces: bool,
    new: bool,
) -> Load:
    surplus = [name for name, value in numbers.items() if value is not None]
    if surplus:
        raise CommandError(
            f"{', '.join(surplus)}: counted in the FILE; leave it out, or give --bytes instead."
        )
    return load_of_file(
        file,
        prefix=prefix,
        files=count_of("--files", files),
        replaces=replaces,
        known_merchants=not new,
        most_bytes=settings.one_split_bytes,
    )


def _of_numbers(
    size: str, numbers: Mapping[str, str | bool | None], *, files: str, replaces: bool, new: bool
) -> Load:
    merchants, lines, months = (numbers[name] for name in ONLY_NUMBERS[:3])
    if merchants is None:
        raise CommandError("--bytes needs --merchants: how many merchants does a file name?")
    load = load_of(
        delivered_bytes=size_of("--bytes", size, most=aws_limits().s3_object_bytes),
        merchants=count_of("--merchants", str(merchants), most=MOST_MERCHANTS),
        lines=None if lines is None else count_of("--lines", str(lines)),
        files=count_of("--files", files),
        months=1 if months is None else count_of("--months", str(months), most=MOST_MONTHS),
        compressed=bool(numbers["--compressed"]),
        replaces=replaces,
        known_merchants=not new,
    )
    if load.merchants < count_of("--merchants", str(merchants)):
        raise CommandError(
            f"--merchants {merchants}: so many can't be named in {load.lines:,} lines"
            f"{'' if lines else ', which such a file has at 128 bytes a line; say --lines'}."
        )
    return load
