"""From a JSON array to JSON Lines: each element on a line of its own, told apart as the text streams by."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lambdas.domain.errors import OrderFileError

SPACE = re.compile(rb"[ \t\n\r]*+")
TEXT = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
FLAT_OBJECT = re.compile(rb"\{[^{}\"\[\]]*+(?:" + TEXT + rb"[^{}\"\[\]]*+)*+\}", re.DOTALL)
"""Most elements are objects without others in them: one step of the regular expression each."""
PART = re.compile(TEXT + rb"|[\"{}\[\]]", re.DOTALL)
LINE_ENDS_OUTSIDE = re.compile(rb'[^"]*+(?:"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"[^"]*+)*+')
"""What has no line end within a text."""
SCALAR = re.compile(rb"(?:" + TEXT + rb"|[^,\]\s\"{}\[]+)(?=[\s,\]])", re.DOTALL)
LONGEST_ELEMENT_BYTES = 1 << 24
OUTPUT_BYTES = 1 << 20


class JsonArray:
    """The elements of one array, chunk by chunk; the memory it takes is that of a chunk and an element."""

    def __init__(self, key: str) -> None:
        """`key` is whose file it is, for the errors."""
        self._key = key
        self._rows = 0
        self._text = b""
        self._at = 0
        # How far the element that begins there has been looked through, and how many brackets are open then.
        self._scanned = self._depth = 0

    def lines(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The elements as lines, many at a time; raises OrderFileError where the array is broken."""
        self._chunks = chunks
        if self._next_letter() != b"[":
            raise self._broken("it doesn't begin with [")
        self._at += 1
        lines: list[bytes] = []
        size = 0
        if self._next_letter() == b"]":
            self._at += 1
        else:
            for element in self._elements():
                lines.append(element)
                size += len(element)
                if size > OUTPUT_BYTES:
                    yield b"\n".join(lines) + b"\n"
                    lines, size = [], 0
        if lines:
            yield b"\n".join(lines) + b"\n"
        if self._next_letter() != b"":
            raise self._broken("something follows the array")

    def _elements(self) -> Iterator[bytes]:
        while True:
            self._next_letter()
            yield self._on_one_line(self._element())
            self._rows += 1
            mark = self._next_letter()
            self._at += 1
            if mark == b"]":
                return
            if mark != b",":
                raise self._broken("a comma or the end of the array is missing")

    def _on_one_line(self, element: bytes) -> bytes:
        if b"\n" not in element:
            return element
        if not LINE_ENDS_OUTSIDE.fullmatch(element):
            raise self._broken("a text has a line end in it, which JSON writes as \\n")
        return element.replace(b"\n", b" ")

    def _element(self) -> bytes:
        self._scanned = self._depth = 0
        while True:
            end = self._end_of_element()
            if end:
                element = self._text[self._at : end]
                self._at = end
                return element
            if len(self._text) - self._at > LONGEST_ELEMENT_BYTES:
                raise self._broken(f"an element is longer than {LONGEST_ELEMENT_BYTES:,} bytes")
            if not self._more():
                raise self._broken("it ends within an element")

    def _end_of_element(self) -> int:
        """Where the element that begins here ends; 0 if more of the text is needed to know."""
        flat = None if self._scanned else FLAT_OBJECT.match(self._text, self._at)
        if flat:
            return flat.end()
        if self._text[self._at : self._at + 1] not in (b"{", b"["):
            scalar = SCALAR.match(self._text, self._at)
            if scalar is None and self._text[self._at : self._at + 1] in (b",", b"]", b"}", b""):
                raise self._broken("a value is missing")
            return scalar.end() if scalar else 0
        for part in PART.finditer(self._text, self._at + self._scanned):
            if part[0] == b'"':  # of a text whose end is still to come
                return 0
            self._scanned = part.end() - self._at
            self._depth += {b"{": 1, b"[": 1, b"}": -1, b"]": -1}.get(part[0], 0)
            if self._depth == 0:
                return part.end()
        return 0

    def _next_letter(self) -> bytes:
        """The next character that is no white space, empty at the end of the file."""
        while True:
            space = SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def _more(self) -> bool:
        chunk = next(self._chunks, None)
        if chunk is None:
            return False
        self._text = self._text[self._at :] + chunk
        self._at = 0
        return True

    def _broken(self, why: str) -> OrderFileError:
        return OrderFileError(
            f"{self._key} is no JSON array: after {self._rows:,} elements, {why}. Deliver it again: "
            "a file with an object on each line is JSON Lines (.jsonl, or file: jsonl in its order format)."
        )
