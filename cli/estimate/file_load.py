"""The load that a file of this computer is: read whole, as the functions would read it."""

from __future__ import annotations

from pathlib import Path

from cli.errors import CommandError
from cli.estimate.counted_file import counted_file
from cli.estimate.item_units import units_of
from cli.estimate.load import Load
from cli.estimate.wording import size
from cli.formats import FORMATS
from cli.upload import keys_of
from lambdas.domain.order_format import choose_order_format, load_order_formats


def load_of_file(
    path: Path, *, prefix: str, files: int, replaces: bool, known_merchants: bool, most_bytes: int
) -> Load:
    """Count lines, merchants and months, and size every item; raises CommandError or OrderFileError."""
    [key] = keys_of([path], prefix)
    delivered = path.stat().st_size
    if delivered > most_bytes:
        raise CommandError(
            f"{path} has {size(delivered)}, too much to be read here: give --bytes and --merchants instead."
        )
    order_format = choose_order_format(load_order_formats(FORMATS), key)
    if order_format is None:
        raise CommandError(f"No order format fits the key {key!r}: give a --prefix (see `formats`).")
    with counted_file(path, key=key, order_format=order_format) as counted:
        contributions = list(counted.contributions)
        text_bytes, lines = counted.text_bytes, counted.lines
    if not contributions:
        raise CommandError(f"{path} has no order line that counts, so there is nothing to estimate.")
    months = sum(len(one.months) for one in contributions)
    return Load(
        key=key,
        order_format=order_format,
        files=files,
        delivered_bytes=delivered,
        text_bytes=text_bytes,
        lines=lines,
        merchants=len(contributions),
        distinct_merchants=len({one.about.merchant_id for one in contributions}),
        months=months / len(contributions),
        replaces=replaces,
        units=units_of(
            contributions,
            object_key=key,
            revision=2 if replaces else 1,
            known_merchants=known_merchants,
        ),
    )
