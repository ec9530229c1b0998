"""The start of a file, decompressed: what a draft of a format is made from."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Protocol

from cli.errors import CommandError

SAMPLE_BYTES = 1 << 20
GZIP_MARK = b"\x1f\x8b"


class Readable(Protocol):
    """What gives bytes."""

    def read(self, size: int, /) -> bytes:
        """At most so many of the next bytes; none at the end."""


@dataclass(frozen=True, kw_only=True)
class SampleStart:
    """The first bytes of what a file holds; `whole` where that is all of it."""

    content: bytes
    whole: bool
    compression: str


def read_start(path: Path, most_bytes: int = SAMPLE_BYTES) -> SampleStart:
    """The first bytes of a file, decompressed; raises CommandError where it is empty or damaged."""
    with path.open("rb") as file:
        compression = _compression(file)
        content = _read(path, _opened(file, compression), most_bytes + 1)
    if not content:
        raise CommandError(f"{path} is empty: there is nothing to draft a format from.")
    return SampleStart(
        content=content[:most_bytes], whole=len(content) <= most_bytes, compression=compression
    )


def _compression(file: BufferedReader) -> str:
    mark = file.peek(4)[:4]
    return "gzip" if mark.startswith(GZIP_MARK) else "none"


def _opened(file: BufferedReader, compression: str) -> Readable:
    if compression == "gzip":
        return gzip.GzipFile(fileobj=file)
    return file


def _read(path: Path, file: Readable, most_bytes: int) -> bytes:
    content = b""
    try:
        while len(content) < most_bytes and (chunk := file.read(most_bytes - len(content))):
            content += chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as e:
        raise CommandError(f"{path} has damaged compressed data ({e}): get it again.") from e
    return content
