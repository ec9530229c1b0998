"""A sample of an order file of any kind."""

from __future__ import annotations

import shutil
from pathlib import Path

from cli.errors import CommandError
from cli.format_tools.sample import Sample
from cli.format_tools.sample_csv import csv_sample
from cli.format_tools.sample_json import json_sample
from cli.format_tools.sample_parquet import parquet_sample
from cli.format_tools.sample_text import decode_sample
from lambdas.domain.delivered_file import START_BYTES, DeliveredFile
from lambdas.domain.file_kind import PARQUET_MAGIC, SUFFIXES


def read_sample(path: Path, folder: Path) -> Sample:
    """The first rows of a file; raises errors with a sentence where there is nothing to draft from."""
    with path.open("rb") as file:
        delivered = DeliveredFile(file, key=path.name, limit_bytes=shutil.disk_usage(folder).free)
        key = _without_compression(path.name)
        if delivered.start.startswith(PARQUET_MAGIC):
            return parquet_sample(_stored(delivered, path, folder), key=key, folder=folder)
        return text_sample(delivered.start, key=key)


def text_sample(start: bytes, *, key: str) -> Sample:
    """The sample of a text by its first bytes, of which there are fewer than START_BYTES if that is all."""
    content, whole = start[:START_BYTES], len(start) < START_BYTES
    text = decode_sample(content, whole=whole)
    if not _is_json(text.text):
        return csv_sample(text, key=key, whole=whole)
    if text.encoding in ("utf-16-le", "utf-16-be"):
        raise CommandError(f"{key} is JSON in UTF-16 without its mark: save it as UTF-8.")
    return json_sample(decode_sample(content, whole=whole, chosen="utf-8"), key=key, whole=whole)


def _stored(delivered: DeliveredFile, path: Path, folder: Path) -> Path:
    """Where the Parquet file stands as it is, which it doesn't where it is compressed as a whole."""
    if delivered.compression == "none" and path.is_file():
        return path
    unpacked = folder / "unpacked.parquet"
    with unpacked.open("wb") as to:
        for chunk in delivered.chunks():
            to.write(chunk)
    return unpacked


def _without_compression(name: str) -> str:
    for suffix in SUFFIXES.values():
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def _is_json(text: str) -> bool:
    """Whether a text begins as an object, or as an array of objects: no heading does."""
    letters = "".join(text[:200].split())
    return letters.startswith(('{"', "{}", "[{", "[]"))
