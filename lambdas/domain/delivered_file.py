"""The delivered bytes of an order file as they arrive: hashed, decompressed, and stopped where they bloat."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from typing import BinaryIO

from lambdas.domain.decompression import DamagedError, decompressor_of
from lambdas.domain.errors import OrderFileError
from lambdas.domain.file_kind import SUFFIXES

CHUNK_BYTES = 1 << 22
PACKED_CHUNK_BYTES = 1 << 18
START_BYTES = 1 << 20
"""What is looked at to find out what a file is."""
ALWAYS_FINE_BYTES, MOST_TIMES_ITS_SIZE = 100_000_000, 1000
"""gzip and zstd shrink real orders to a tenth; a file that says it shrank by 1,000 is meant to fill disks."""


class DeliveredFile:
    """One delivered file; `sha256` and `content_bytes` are known once its chunks have been read."""

    def __init__(self, orders: BinaryIO, *, key: str, limit_bytes: int) -> None:
        """`limit_bytes`: how much content, decompressed, there is room for."""
        self.key = key
        self._orders = orders
        self._limit_bytes = limit_bytes
        self._sha256 = hashlib.sha256()
        self._delivered_bytes = 0
        self.content_bytes = 0
        first = orders.read(PACKED_CHUNK_BYTES)
        if not first:
            raise OrderFileError(f"{key} is empty (0 bytes): deliver it again with its lines.")
        self._decompressor = decompressor_of(first)
        self._require_what_its_name_says()
        self._chunks = self._limited(self._content(self._delivered(first)))
        self.start = self._begin()

    @property
    def compression(self) -> str:
        """gzip, zstd or none, by the first bytes."""
        return self._decompressor.name if self._decompressor else "none"

    @property
    def sha256(self) -> str:
        """The hash of the bytes as they were delivered, in hex."""
        return self._sha256.hexdigest()

    def chunks(self) -> Iterator[bytes]:
        """The content from its first byte on; to be read once."""
        return itertools.chain([self.start] if self.start else [], self._chunks)

    def _begin(self) -> bytes:
        start = b""
        for chunk in self._chunks:
            start += chunk
            if len(start) >= START_BYTES:
                break
        return start

    def _delivered(self, first: bytes) -> Iterator[bytes]:
        size = PACKED_CHUNK_BYTES if self._decompressor else CHUNK_BYTES
        chunk = first
        while chunk:
            self._sha256.update(chunk)
            self._delivered_bytes += len(chunk)
            yield chunk
            chunk = self._orders.read(size)

    def _content(self, delivered: Iterator[bytes]) -> Iterator[bytes]:
        if self._decompressor is None:
            yield from delivered
            return
        name = self._decompressor.name
        try:
            for chunk in delivered:
                yield from self._decompressor.content_of(chunk)
        except DamagedError as e:
            raise OrderFileError(f"{self.key} has damaged {name} data ({e}): deliver it again.") from e
        if not self._decompressor.at_end:
            raise OrderFileError(
                f"{self.key} ends before its {name} data does: it was cut off, deliver it again."
            )

    def _limited(self, content: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in content:
            self.content_bytes += len(chunk)
            self._require_room()
            yield chunk

    def _require_room(self) -> None:
        if self.content_bytes > self._limit_bytes:
            raise OrderFileError(
                f"{self.key} has at least {self.content_bytes:,} bytes of orders, more than the "
                f"{self._limit_bytes:,} there is room for: divide it into smaller files."
            )
        most = max(ALWAYS_FINE_BYTES, MOST_TIMES_ITS_SIZE * self._delivered_bytes)
        if self._decompressor and self.content_bytes > most:
            raise OrderFileError(
                f"{self.key} unpacks to more than {MOST_TIMES_ITS_SIZE:,} times its size, as no orders do: "
                "find out what it is. If it is right, deliver it less compressed."
            )

    def _require_what_its_name_says(self) -> None:
        for name, suffix in SUFFIXES.items():
            if self.key.lower().endswith(suffix) and self.compression == "none":
                raise OrderFileError(
                    f"{self.key} is named {suffix} but is not {name}: compress it with {name}, or deliver it "
                    f"without {suffix}."
                )
