"""The delivered bytes of an order file as lines of text, plainly: Python's gzip and codecs."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO

CHUNK_BYTES = 1 << 20
INVALID_BYTES = "surrogateescape"
"""How bytes that aren't text in the encoding are kept until their line is rejected."""


class UncountableFileError(Exception):
    """The order file as a whole can't be counted; says why."""


def lines_of(orders: BinaryIO, *, key: str, encoding: str) -> Iterator[str]:
    """The lines of the text, each with its LF but perhaps the last; CR LF and CR end lines too."""
    held: list[str] = []
    for text in _texts(orders, key=key, encoding=encoding):
        first, *others = text.split("\n")
        held.append(first)
        if others:
            yield "".join(held) + "\n"
            yield from (line + "\n" for line in others[:-1])
            held = [others[-1]]
    if last := "".join(held):
        yield last


def is_text(line: str) -> bool:
    """Whether the line holds nothing but text in the file's encoding."""
    return line.isascii() or not any("\ud800" <= character <= "\udfff" for character in line)


def _texts(orders: BinaryIO, *, key: str, encoding: str) -> Iterator[str]:
    """The decoded text in pieces, without a byte order mark, line ends as LF."""
    plain = "utf-8" if encoding == "utf-8-sig" else encoding
    decode = codecs.getincrementaldecoder(plain)(errors=INVALID_BYTES)
    line_ends = io.IncrementalNewlineDecoder(decode, translate=True)
    start = True
    try:
        for chunk, final in _chunks(orders, key):
            text = line_ends.decode(chunk, final=final)
            if start and text:
                text, start = text.removeprefix("\ufeff"), False
            yield text
    except UnicodeError as e:
        raise UncountableFileError(f"it is not text in the encoding {encoding} ({e})") from e


def _chunks(orders: BinaryIO, key: str) -> Iterator[tuple[bytes, bool]]:
    source = gzip.GzipFile(fileobj=orders) if key.lower().endswith(".gz") else orders
    empty = True
    try:
        while chunk := source.read(CHUNK_BYTES):
            empty = False
            yield chunk, False
    except (EOFError, gzip.BadGzipFile, zlib.error) as e:
        raise UncountableFileError(f"its gzip data is damaged ({e})") from e
    if empty and source is orders:
        raise UncountableFileError("it is empty (0 bytes)")
    yield b"", True
