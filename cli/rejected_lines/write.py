"""Writing the rejected lines of a run, whole, as a file of their own that the same order format reads."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from cli.errors import CommandError
from cli.format_tools.trial import Workbench
from cli.rejected_lines.rejected_rows import parquet_rows
from cli.rejected_lines.rejected_text import csv_text, json_text
from cli.whole_file import written_whole
from lambdas.domain.delivered_file import DeliveredFile
from lambdas.domain.file_kind import CSV, JSON_ARRAY, JSON_LINES, PARQUET, is_compressed, kind_of
from lambdas.domain.order_format import OrderFormat

KINDS = {CSV: "CSV", JSON_LINES: "JSON Lines", JSON_ARRAY: "a JSON array", PARQUET: "Parquet"}
ENDINGS = {CSV: ".csv", JSON_LINES: ".jsonl", JSON_ARRAY: ".json"}


class Rejected(Protocol):
    """The rejected lines of a file of some kind."""

    def heading(self) -> bytes:
        """What stands before the first line."""

    def records(self, rejects: Iterable[Mapping[str, Any]]) -> Iterator[bytes | None]:
        """Each line with its line end, None where it can't be written."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """How many lines were written, and which columns were left out because CSV has no place for them.

    `prefix` is the one under which the same order format reads the file.
    """

    lines: int
    prefix: str = ""
    left_out_columns: tuple[str, ...] = ()


def write_rejected_lines(
    orders: BinaryIO,
    rejects: Iterable[Mapping[str, Any]],
    *,
    key: str,
    order_format: OrderFormat,
    to: Path,
    bench: Workbench,
) -> Written:
    """Write the lines that `rejects` name, in their order, from the order file that was read then.

    CSV keeps its heading, delimiter and encoding; JSON becomes JSON Lines, or an array if `to` ends in .json;
    Parquet becomes CSV. Raises errors with a sentence where the file is damaged or has to have another name.
    """
    delivered = DeliveredFile(orders, key=key, limit_bytes=shutil.disk_usage(bench.folder).free)
    kind = kind_of(key, delivered.start, order_format.file)
    written_as = _written_as(kind, order_format, to)
    path, left_out = bench.folder / "original", []
    found: Rejected
    if kind == PARQUET:
        _require_heading(order_format)
        found = rows = parquet_rows(
            delivered, order_format=order_format, path=path, connection=bench.connection
        )
        left_out = rows.nested
    elif kind == CSV:
        found = csv_text(delivered, order_format=order_format, path=path)
    else:
        found = json_text(delivered, kind=kind, path=path)
    with written_whole(to) as partial, partial.open("wb") as file:
        file.write(found.heading())
        lines = (record for record in found.records(rejects) if record is not None)
        count = _write_array(file, lines) if written_as == JSON_ARRAY else _write_lines(file, lines)
    return Written(lines=count, prefix=_prefix(key, order_format.prefix), left_out_columns=tuple(left_out))


def _prefix(key: str, format_prefix: str) -> str:
    """The folder of the key, or the format's prefix where that says more."""
    folder = key[: key.rfind("/") + 1]
    return folder if folder.startswith(format_prefix) else format_prefix


def _written_as(kind: str, order_format: OrderFormat, to: Path) -> str:
    """The kind of file that is written; raises CommandError where it would be read as another."""
    written_as = {PARQUET: CSV, JSON_ARRAY: JSON_LINES}.get(kind, kind)
    if kind == JSON_ARRAY and (order_format.file == JSON_ARRAY or to.name.lower().endswith(".json")):
        written_as = JSON_ARRAY
    if is_compressed(to.name):
        raise CommandError(f"{to}: it is written uncompressed; give a name without .gz or .zst.")
    first = b"[" if written_as == JSON_ARRAY else b""
    if (read_as := kind_of(to.name, first, order_format.file)) == written_as:
        return written_as
    if order_format.file == PARQUET:
        raise CommandError(
            "Rejected rows of Parquet are written as CSV, and their order format reads Parquet only (file: "
            "parquet): change that to auto and deploy, or correct the rows where the file is made."
        )
    raise CommandError(
        f"{to}: it will hold {KINDS[written_as]}, and under this name it would be read as {KINDS[read_as]}: "
        f"give a name that ends in {ENDINGS[written_as]}."
    )


def _require_heading(order_format: OrderFormat) -> None:
    if order_format.csv.header is not True:
        raise CommandError(
            "Rejected rows of Parquet are written as CSV with a heading, and their order format says that "
            "CSV has none (csv.header): correct the rows where the file is made."
        )


def _write_lines(file: BinaryIO, lines: Iterator[bytes]) -> int:
    count = 0
    for line in lines:
        file.write(line)
        count += 1
    return count


def _write_array(file: BinaryIO, lines: Iterator[bytes]) -> int:
    """Write JSON objects as an array, one on each line."""
    count = 0
    for comma, line in zip(itertools.chain([b"["], itertools.repeat(b",")), lines, strict=False):
        file.write(comma + b"\n" + line.removesuffix(b"\n"))
        count += 1
    file.write(b"\n]\n" if count else b"[]\n")
    return count
