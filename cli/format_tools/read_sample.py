"""A sample of an order file of any kind."""

from __future__ import annotations

from pathlib import Path

from cli.format_tools.sample import Sample
from cli.format_tools.sample_csv import csv_sample
from cli.format_tools.sample_json import json_sample
from cli.format_tools.sample_parquet import parquet_sample
from cli.format_tools.sample_start import read_start
from cli.format_tools.sample_text import decode_sample

COMPRESSED = (".gz", ".zst")


def read_sample(path: Path, folder: Path) -> Sample:
    """The first rows of a file; raises CommandError where there is nothing to draft a format from."""
    start = read_start(path)
    key = path.name
    while key.lower().endswith(COMPRESSED):
        key = key[: key.rindex(".")]
    if start.content.startswith(b"PAR1"):
        return parquet_sample(path, key=key, folder=folder)
    text = decode_sample(start.content, whole=start.whole)
    if _is_json(text.text):
        return json_sample(text, key=key, whole=start.whole)
    return csv_sample(text, key=key, whole=start.whole)


def _is_json(text: str) -> bool:
    """Whether a text begins as an object, or as an array of objects: no heading does."""
    letters = "".join(text[:200].split())
    return letters.startswith(('{"', "{}", "[{", "[]"))
