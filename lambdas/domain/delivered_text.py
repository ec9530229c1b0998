"""From the delivered bytes of an order file to plain UTF-8 text: decompressed, decoded, with LF line ends."""

from __future__ import annotations

import codecs
import hashlib
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from lambdas.domain.errors import OrderFileError

CHUNK_BYTES = 1 << 22
GZIP = zlib.MAX_WBITS | 16


class DeliveredText:
    """The text of one delivered file as chunks; `sha256` and `text_bytes` are known once it has been read."""

    def __init__(self, orders: BinaryIO, *, key: str, encoding: str, text_limit_bytes: int) -> None:
        """`encoding` is Python's normal name of the text encoding, such as utf-8 or cp1252."""
        self._text_limit_bytes = text_limit_bytes
        self._orders = orders
        self._key = key
        self._encoding = encoding
        self._sha256 = hashlib.sha256()
        self.text_bytes = 0
        self.compression = "gzip" if key.lower().endswith(".gz") else "none"

    @property
    def sha256(self) -> str:
        """The hash of the bytes as they were delivered, in hex."""
        return self._sha256.hexdigest()

    def chunks(self) -> Iterator[bytes]:
        """The text as UTF-8 with LF line ends and no byte order mark; what doesn't decode stays invalid."""
        for chunk in _with_lf(_without_mark(self._decoded())):
            self.text_bytes += len(chunk)
            if self.text_bytes > self._text_limit_bytes:
                raise OrderFileError(
                    f"{self._key} has at least {self.text_bytes:,} bytes of text, more than the "
                    f"{self._text_limit_bytes:,} there is room for: divide it into smaller files."
                )
            yield chunk

    def _delivered(self) -> Iterator[bytes]:
        empty = True
        while chunk := self._orders.read(CHUNK_BYTES):
            self._sha256.update(chunk)
            empty = False
            yield chunk
        if empty:
            raise OrderFileError(f"{self._key} is empty (0 bytes): deliver it again with its lines.")

    def _decoded(self) -> Iterator[bytes]:
        raw = self._delivered() if self.compression == "none" else self._gunzipped()
        if self._encoding in ("utf-8", "utf-8-sig", "ascii"):
            yield from raw
            return
        decoder = codecs.getincrementaldecoder(self._encoding)(errors="surrogateescape")
        try:
            for chunk in raw:
                yield decoder.decode(chunk).encode("utf-8", "surrogateescape")
            yield decoder.decode(b"", final=True).encode("utf-8", "surrogateescape")
        except UnicodeError as e:
            raise OrderFileError(
                f"{self._key} is not text in the encoding {self._encoding} of its order format ({e}): "
                "check csv.encoding of the format."
            ) from e

    def _gunzipped(self) -> Iterator[bytes]:
        """Every member of the gzip file; zlib checks the CRC and the length of each."""
        inflater, members = zlib.decompressobj(GZIP), 0
        for chunk in self._delivered():
            rest = chunk
            while rest:
                if inflater.eof:
                    if not rest.lstrip(
                        b"\0"
                    ):  # padding after the last member, as tape and block tools leave it
                        break
                    inflater = zlib.decompressobj(GZIP)
                try:
                    yield inflater.decompress(rest, CHUNK_BYTES)
                    while inflater.unconsumed_tail:
                        yield inflater.decompress(inflater.unconsumed_tail, CHUNK_BYTES)
                except zlib.error as e:
                    raise self._damaged(members, e) from e
                rest = inflater.unused_data if inflater.eof else b""
                members += inflater.eof
        if not inflater.eof:
            raise OrderFileError(
                f"{self._key} ends before its gzip data does: it was cut off, deliver it again."
            )

    def _damaged(self, members: int, error: zlib.error) -> OrderFileError:
        if members == 0 and "incorrect header check" in str(error):
            return OrderFileError(
                f"{self._key} is named .gz but is not gzip: compress it with gzip, or deliver it without .gz."
            )
        return OrderFileError(f"{self._key} has damaged gzip data ({error}): deliver it again.")


def _without_mark(chunks: Iterator[bytes]) -> Iterator[bytes]:
    start = b""
    for chunk in chunks:
        start += chunk
        if len(start) >= len(codecs.BOM_UTF8):
            break
    yield start.removeprefix(codecs.BOM_UTF8)
    yield from chunks


def _with_lf(chunks: Iterator[bytes]) -> Iterator[bytes]:
    held = b""  # a CR at the end of a chunk: the next one tells whether an LF follows
    for chunk in chunks:
        text = held + chunk if held else chunk
        if b"\r" not in text:
            held = b""
            yield text
            continue
        held = b"\r" if text.endswith(b"\r") else b""
        yield text.removesuffix(b"\r").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if held:
        yield b"\n"
