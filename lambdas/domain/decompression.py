"""Decompression of gzip and zstd in small steps: however far a byte unpacks, memory stays bounded."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Protocol

import zstandard

GZIP_MAGIC, ZSTD_MAGIC = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
ZSTD_SKIPPABLE = tuple(bytes([0x50 + n]) + b"\x2a\x4d\x18" for n in range(16))
GZIP_WINDOW = zlib.MAX_WBITS | 16
STEP_BYTES = 1 << 22
GZIP_STEP_BYTES = 1 << 14
"""Of compressed data: what follows a member is copied, and members may be as short as 20 bytes."""
ZSTD_STEP_BYTES = 4096
"""Of compressed data: 4 bytes of zstd can stand for 128 KiB, so these for 128 MiB at the most."""
ZSTD_WINDOW_BYTES = 1 << 27


class DamagedError(Exception):
    """The compressed data is damaged; says how."""


class Decompressor(Protocol):
    """One file's decompressor; members or frames may follow each other."""

    name: str

    @property
    def at_end(self) -> bool:
        """Whether the data given so far ends where a member or frame does."""

    def content_of(self, packed: bytes) -> Iterator[bytes]:
        """The content of the next piece of compressed data; raises DamagedError."""


def decompressor_of(first: bytes) -> Decompressor | None:
    """The decompressor that the first bytes of a file ask for, if they do."""
    if first.startswith(GZIP_MAGIC):
        return Gunzip()
    return Unzstd() if first.startswith((ZSTD_MAGIC, *ZSTD_SKIPPABLE)) else None


def is_compressed(first: bytes) -> bool:
    """Whether the first bytes of a file say that it is compressed."""
    return decompressor_of(first) is not None


class Gunzip:
    """gzip; zlib checks the CRC and the length of each member."""

    name = "gzip"

    def __init__(self) -> None:
        """Wait for the first member."""
        self._member = zlib.decompressobj(GZIP_WINDOW)
        self._padding = False

    @property
    def at_end(self) -> bool:
        """Whether the last member is complete."""
        return self._member.eof

    def content_of(self, packed: bytes) -> Iterator[bytes]:
        """The content of the next piece; zeros after a member are padding, as tapes and block tools leave."""
        steps = range(0, len(packed), GZIP_STEP_BYTES)
        return _gathered(c for at in steps for c in self._members(packed[at : at + GZIP_STEP_BYTES]))

    def _members(self, packed: bytes) -> Iterator[bytes]:
        rest = packed
        while rest:
            if self._member.eof:
                rest = rest.lstrip(b"\0")
                if not rest:
                    return
                self._member = zlib.decompressobj(GZIP_WINDOW)
            try:
                yield self._member.decompress(rest, STEP_BYTES)
                while self._member.unconsumed_tail and not self._member.eof:
                    yield self._member.decompress(self._member.unconsumed_tail, STEP_BYTES)
            except zlib.error as e:
                raise DamagedError(str(e)) from e
            rest = self._member.unused_data if self._member.eof else b""


class Unzstd:
    """zstd; its library checks the checksum of each frame that has one."""

    name = "zstd"

    def __init__(self) -> None:
        """Wait for the first frame."""
        self._library = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES)
        self._frame = self._library.decompressobj()

    @property
    def at_end(self) -> bool:
        """Whether the last frame is complete."""
        return self._frame.eof

    def content_of(self, packed: bytes) -> Iterator[bytes]:
        """The content of the next piece, about STEP_BYTES at a time."""
        steps = range(0, len(packed), ZSTD_STEP_BYTES)
        return _gathered(c for at in steps for c in self._frames(packed[at : at + ZSTD_STEP_BYTES]))

    def _frames(self, packed: bytes) -> Iterator[bytes]:
        rest = packed
        while rest:
            if self._frame.eof:
                self._frame = self._library.decompressobj()
            try:
                yield self._frame.decompress(rest)
            except zstandard.ZstdError as e:
                raise DamagedError(str(e)) from e
            rest = self._frame.unused_data if self._frame.eof else b""


def _gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces in chunks of about STEP_BYTES: members and frames of a few bytes would come one by one."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= STEP_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if size:
        yield b"".join(held)
