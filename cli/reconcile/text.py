"""The decompressed bytes of an order file as text, plainly by Python's codecs."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator

from cli.reconcile.decompression import begun
from cli.reconcile.errors import UncountableFileError

AUTO_BYTES = 1 << 20
"""How many bytes decide between UTF-8 and windows-1252."""
LONGEST_LINE_BYTES = 2 << 20
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
KEEP_INVALID = "reconcile.keep-invalid"
INVALID_BYTE = "\udcff"
"""What stands for a byte that isn't text in the encoding until its line is rejected."""


def texts_of(chunks: Iterator[bytes], *, encoding: str) -> Iterator[str]:
    """The decoded text in pieces, without a byte order mark, line ends as LF."""
    codecs.register_error(KEEP_INVALID, _keep_invalid)
    start, chunks = begun(chunks, AUTO_BYTES)
    decode = codecs.getincrementaldecoder(_encoding(start, encoding))(errors=KEEP_INVALID)
    line_ends = io.IncrementalNewlineDecoder(decode, translate=True)
    at_start = True
    try:
        for chunk in chunks:
            text = line_ends.decode(chunk)
            if at_start and text:
                text, at_start = text.removeprefix("\ufeff"), False
            yield text
        yield line_ends.decode(b"", final=True)
    except UnicodeError as e:
        raise UncountableFileError(f"it is not text in the encoding {encoding} ({e})") from e


def lines_of(texts: Iterator[str]) -> Iterator[str]:
    """The lines of the text, each with its LF but perhaps the last."""
    held: list[str] = []
    for text in texts:
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


def is_too_long(line: str) -> bool:
    """Whether the line has, with its line end, more than 2 MB."""
    return len(line.encode("utf-8", "surrogateescape")) + 1 > LONGEST_LINE_BYTES


def _encoding(start: bytes, declared: str) -> str:
    """The encoding that the first bytes tell, else the declared one."""
    is_utf_32 = declared.startswith("utf-32") and start.startswith(codecs.BOM_UTF32_LE)
    for mark, encoding in MARKS.items():
        if start.startswith(mark) and not is_utf_32:
            return encoding
    if declared != "auto":
        return declared
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start, final=len(start) < AUTO_BYTES)
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def _keep_invalid(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return INVALID_BYTE * (error.end - error.start), error.end
