"""From the content of an order file to plain UTF-8 text: decoded, with LF line ends."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from lambdas.domain.delivered_file import DeliveredFile
from lambdas.domain.errors import OrderFileError
from lambdas.domain.text_encodings import AS_IT_IS

INVALID = "\udcff"
"""What stands for bytes that aren't text, until it becomes a byte that is no UTF-8."""
SURROGATES = re.compile("[\ud800-\udfff]")
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks, and the encoding that each says the text has."""


def encoding_of(delivered: DeliveredFile, chosen: str) -> str:
    """The encoding by the byte order mark, else as chosen; `auto` is UTF-8 or, if that's wrong, cp1252."""
    for mark, encoding in MARKS:
        if delivered.start.startswith(mark):
            return encoding
    if chosen != "auto":
        return chosen
    try:
        codecs.getincrementaldecoder("utf-8")().decode(delivered.start)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def whole_text(delivered: DeliveredFile, encoding: str) -> Iterator[bytes]:
    """The text of a whole file as UTF-8 with LF line ends and without its byte order mark."""
    return without_mark(text_chunks(delivered.chunks(), encoding, delivered.key))


def text_chunks(chunks: Iterator[bytes], encoding: str, key: str) -> Iterator[bytes]:
    """A text as UTF-8 with LF line ends; what doesn't decode stays invalid."""
    return _with_lf(_decoded(chunks, encoding, key))


def _decoded(chunks: Iterator[bytes], encoding: str, key: str) -> Iterator[bytes]:
    if encoding in AS_IT_IS:
        yield from chunks
        return
    codecs.register_error("invalid", _invalid)
    decoder = codecs.getincrementaldecoder(encoding)(errors="invalid")
    try:
        for chunk in chunks:
            yield _utf_8(decoder.decode(chunk))
        yield _utf_8(decoder.decode(b"", final=True))
    except UnicodeError as e:
        raise OrderFileError(
            f"{key} is not text in the encoding {encoding} ({e}): check csv.encoding of its order "
            "format, or deliver the file again."
        ) from e


def _invalid(error: UnicodeError) -> tuple[str, int]:
    """For decoders: bytes that aren't text make their line invalid, and the text goes on behind them."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return INVALID, error.end


def _utf_8(text: str) -> bytes:
    """The text in UTF-8, with an invalid byte for what isn't text; some decoders give lone surrogates."""
    return SURROGATES.sub(INVALID, text).encode("utf-8", "surrogateescape")


def without_mark(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """A text in UTF-8 without its byte order mark."""
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
