"""What kind of file an order file is: by its order format, its name and its first bytes."""

from __future__ import annotations

import codecs

from lambdas.domain.delivered_file import name_without_compression

CSV, JSON_LINES, JSON_ARRAY, PARQUET = "csv", "jsonl", "json", "parquet"
PARQUET_MAGIC = b"PAR1"
WHITE_SPACE = b" \t\r\n\0"
"""Zeros too, so that UTF-16 shows its first letter."""


def kind_of(key: str, start: bytes, chosen: str) -> str:
    """The kind of a file with the given first bytes; `chosen` is the format's `file`, `auto` or a kind."""
    if chosen != "auto":
        return chosen
    if start.startswith(PARQUET_MAGIC):
        return PARQUET
    name = name_without_compression(key)
    if name.endswith(".parquet"):
        return PARQUET
    if name.endswith((".jsonl", ".ndjson")):
        return JSON_LINES
    if name.endswith(".json"):
        return JSON_ARRAY if _first_letter(start) == b"[" else JSON_LINES
    return CSV


def _first_letter(start: bytes) -> bytes:
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        start = start.removeprefix(mark)
    return start.lstrip(WHITE_SPACE)[:1]
