"""The bytes of an order file as its author wrote them: gzip and Zstandard are told by their first bytes."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import zstandard

from cli.reconcile.errors import UncountableFileError

READ_BYTES = 1 << 20
PIECE_BYTES = 1 << 12
"""So few compressed bytes at a time that what they come to fits in memory, whatever they are."""
SUFFIXES = (".gz", ".zst")
GZIP_BEGINS = (b"\x1f\x8b",)
ZSTD_BEGINS = (b"\x28\xb5\x2f\xfd", *(bytes([0x50 + n]) + b"\x2a\x4d\x18" for n in range(16)))
"""Of a frame with data, and of the frames to be skipped that some tools begin with."""
LONGEST_BEGIN = 4


class Decompressor(Protocol):
    """What reads one member of a gzip file, one frame of a Zstandard file."""

    def decompress(self, data: bytes, /) -> bytes:
        """What the next compressed bytes come to."""

    @property
    def eof(self) -> bool:
        """Whether the member or frame has ended."""

    @property
    def unused_data(self) -> bytes:
        """What was given after its end."""


@dataclass(frozen=True)
class DeliveredFile:
    """An order file as it was delivered; `open_file` opens it from its begin."""

    open_file: Callable[[], BinaryIO]
    key: str

    @property
    def name(self) -> str:
        """The key in lower case without what says how the file is compressed."""
        return self.key.lower().removesuffix(self._suffix)

    def chunks(self) -> Iterator[bytes]:
        """The decompressed bytes in pieces that aren't empty; raises UncountableFileError."""
        with closing(self.open_file()) as delivered:
            read = iter(lambda: delivered.read(READ_BYTES), b"")
            start, chunks = begun(read, LONGEST_BEGIN)
            if not start:
                raise UncountableFileError("it is empty (0 bytes)")
            if start.startswith(GZIP_BEGINS):
                yield from _decompressed(chunks, lambda: zlib.decompressobj(wbits=31), "gzip")
            elif start.startswith(ZSTD_BEGINS):
                yield from _decompressed(chunks, lambda: zstandard.ZstdDecompressor().decompressobj(), "zstd")
            elif self._suffix:
                raise UncountableFileError(f"its name ends in {self._suffix}, but it is not compressed")
            else:
                yield from chunks

    @property
    def _suffix(self) -> str:
        return next((suffix for suffix in SUFFIXES if self.key.lower().endswith(suffix)), "")


def begun(chunks: Iterator[bytes], size: int) -> tuple[bytes, Iterator[bytes]]:
    """The first `size` bytes, fewer only if there are no more; and all the chunks, these included."""
    start = b""
    for chunk in chunks:
        start += chunk
        if len(start) >= size:
            break
    return start[:size], itertools.chain([start] if start else [], chunks)


def _decompressed(chunks: Iterator[bytes], begin: Callable[[], Decompressor], what: str) -> Iterator[bytes]:
    member: Decompressor | None = None
    try:
        for piece in _pieces(chunks):
            left = piece
            while left:
                if member is None:
                    # Some tools fill a gzip file up with zeros.
                    left = left.lstrip(b"\0") if what == "gzip" else left
                    member = begin() if left else None
                    continue
                if text := member.decompress(left):
                    yield text
                left, member = (member.unused_data, None) if member.eof else (b"", member)
    except (zlib.error, zstandard.ZstdError) as e:
        raise UncountableFileError(f"its {what} data is damaged ({e})") from e
    if member is not None:
        raise UncountableFileError(f"its {what} data is damaged (it breaks off)")


def _pieces(chunks: Iterator[bytes]) -> Iterator[bytes]:
    return (chunk[at : at + PIECE_BYTES] for chunk in chunks for at in range(0, len(chunk), PIECE_BYTES))
