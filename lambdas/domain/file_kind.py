"""What kind of file an order file is: by its order format, its name and its first bytes."""

from __future__ import annotations

import codecs

CSV, JSON_LINES, JSON_ARRAY, PARQUET = "csv", "jsonl", "json", "parquet"
PARQUET_MAGIC = b"PAR1"
SUFFIXES = {"gzip": ".gz", "zstd": ".zst"}
"""How the names of compressed files end."""
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


def may_be_cut(key: str, chosen: str) -> bool:
    """Whether a file may be read in several splits, as far as its name and its format tell.

    If the file turns out to be compressed, or an array, all the same, its first split takes all of it.
    """
    name = name_without_compression(key)
    return not is_compressed(key) and (
        chosen != JSON_ARRAY if chosen != "auto" else not name.endswith(".json")
    )


def is_compressed(key: str) -> bool:
    """Whether the name says that the file is compressed."""
    return name_without_compression(key) != key.lower()


def name_without_compression(key: str) -> str:
    """The key without .gz or .zst at its end, in small letters."""
    lower = key.lower()
    for suffix in SUFFIXES.values():
        lower = lower.removesuffix(suffix)
    return lower
