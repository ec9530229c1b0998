"""The text of an order file as the parser has it, and any part of it in the encoding of the file again."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lambdas.domain.delivered_file import DeliveredFile
from lambdas.domain.delivered_text import MARKS, whole_text
from lambdas.domain.errors import OrderFileError
from lambdas.domain.text_encodings import AS_IT_IS

NO_CHARACTER = b"\xff"
"""What stands in the parser's text for each byte that is no text in the file's encoding."""
CODECS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
MOST_NOTED = 1_000_000
_NO_TEXT = re.compile("\ud800([\udc00-\udcff]*)|[\ud801-\udfff]")
"""Bytes that are no text, as `_noted` puts them into it; some decoders give lone surrogates themselves."""
_LOW = 0xDC00


@dataclass
class OriginalText:
    """The text of one delivered file; `wrong` holds the bytes that didn't decode, by their offsets in it."""

    delivered: DeliveredFile
    encoding: str
    wrong: dict[int, bytes] = field(default_factory=dict)

    @property
    def mark(self) -> bytes:
        """The byte order mark that the file begins with, if it does."""
        return next((mark for mark, _ in MARKS if self.delivered.start.startswith(mark)), b"")

    def store(self, path: Path) -> None:
        """Write the parser's text of the file; raises OrderFileError where it is damaged."""
        with path.open("wb") as file:
            if self.encoding in AS_IT_IS:
                file.writelines(whole_text(self.delivered, self.encoding))
                return
            try:
                for text in _with_lf(_without_mark(self._decoded())):
                    file.write(self._utf_8(text, file.tell()))
            except UnicodeError as e:
                raise OrderFileError(
                    f"{self.delivered.key} is not text in the encoding {self.encoding} ({e})."
                ) from e

    def encoded(self, part: bytes, offset: int) -> bytes:
        """A part of the parser's text in the file's encoding; raises UnicodeError where it can't be."""
        if self.encoding in AS_IT_IS:
            return part
        pieces = part.split(NO_CHARACTER)
        encoded = self._encode(pieces[0])
        for end, piece in zip(_ends(pieces, offset), pieces[1:], strict=False):
            if end not in self.wrong:
                raise UnicodeError("more bytes didn't decode than were noted")
            encoded += self.wrong[end] + self._encode(piece)
        return encoded

    def _encode(self, piece: bytes) -> bytes:
        codec = CODECS.get(self.mark, self.encoding)
        return piece.decode().encode(codec).removeprefix("".encode(codec))

    def _decoded(self) -> Iterator[str]:
        codecs.register_error("noted", _noted)
        decoder = codecs.getincrementaldecoder(self.encoding)("noted")
        for chunk in self.delivered.chunks():
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)

    def _utf_8(self, text: str, offset: int) -> bytes:
        """The text in UTF-8, noting what didn't decode."""
        wrong = [_bytes_of(match) for match in _NO_TEXT.finditer(text)]
        pieces = _NO_TEXT.sub("\udcff", text).encode("utf-8", "surrogateescape").split(NO_CHARACTER)
        if len(self.wrong) + len(wrong) <= MOST_NOTED:
            noted = zip(_ends(pieces, offset), wrong, strict=False)
            self.wrong.update((end, content) for end, content in noted if content)
        return NO_CHARACTER.join(pieces)


def _noted(error: UnicodeError) -> tuple[str, int]:
    """For decoders: bytes that aren't text, as lone surrogates."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "\ud800" + "".join(chr(_LOW + byte) for byte in wrong), error.end


def _bytes_of(match: re.Match[str]) -> bytes:
    """What `_noted` has noted; nothing for a surrogate of the decoder's own."""
    return bytes(ord(letter) - _LOW for letter in match[1] or "")


def _ends(pieces: Iterable[bytes], offset: int) -> Iterator[int]:
    """Where in the text each piece ends."""
    for piece in pieces:
        offset += len(piece)
        yield offset
        offset += len(NO_CHARACTER)


def _without_mark(texts: Iterator[str]) -> Iterator[str]:
    first = next((text for text in texts if text), "")
    yield first.removeprefix("\ufeff")
    yield from texts


def _with_lf(texts: Iterator[str]) -> Iterator[str]:
    held = ""  # a CR at the end of a text: the next one tells whether an LF follows
    for text in texts:
        joined = held + text
        held = "\r" if joined.endswith("\r") else ""
        yield joined.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n")
    if held:
        yield "\n"
