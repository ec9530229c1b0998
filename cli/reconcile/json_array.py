"""The elements of one JSON array, each as its text, in memory that doesn't grow with the array.

No streaming parser of JSON keeps whole numbers of any length, tells half a character from a question mark,
and rejects one element for its bytes; so only the ends of the elements are found here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cli.reconcile.errors import UncountableFileError
from cli.reconcile.rows import Reject
from cli.reconcile.text import LONGEST_LINE_BYTES

IN_STRING = r'[^"\\]*+(?:\\.[^"\\]*+)*+'
TOKEN = re.compile(rf'"{IN_STRING}"|["\[\]{{}},]', re.DOTALL)
"""A whole string; or a quote alone where the string goes on in the next piece of text."""
END_OF_STRING = re.compile(rf'{IN_STRING}"', re.DOTALL)
JSON_SPACE = " \t\n\r"


def elements_of(texts: Iterator[str]) -> Iterator[str | Reject]:
    """The text of each element, which may still be no JSON; one above 2 MB is rejected.

    Raises UncountableFileError where the text is not one array.
    """
    walk = _Walk()
    for text in texts:
        yield from walk.add(text)
    if walk.depth or not walk.ended:
        raise UncountableFileError("its JSON array is not closed" if walk.depth else "it holds no JSON array")


class _Walk:
    """Goes over the text of an array, piece by piece."""

    def __init__(self) -> None:
        self.depth = 0
        self.ended = False
        self._first = True
        self._in_string = False
        self._held = ""
        self._element: list[str] = []
        self._length = 0
        self._is_cut = False

    def add(self, text: str) -> Iterator[str | Reject]:
        """Take the next piece; gives the elements that end in it."""
        text, self._held = self._held + text, ""
        at = self._after_string(text) if self._in_string else 0
        start = 0
        for token in TOKEN.finditer(text, at) if not self._in_string else ():
            mark = token[0]
            if self.depth == 0:
                self._open(text[start : token.end()])
                start = token.end()
            elif mark == '"':
                self._in_string = True
                break
            elif mark in "[{":
                self.depth += 1
            elif mark in "]}":
                self.depth -= 1
                if self.depth == 0:
                    yield from self._close(text[start : token.end()])
                    start = token.end()
            elif mark == "," and self.depth == 1:
                yield self._ended_element(text[start : token.start()])
                start = token.end()
        self._keep(text[start:])

    def _after_string(self, text: str) -> int:
        """Where the string ends that the text begins in, if it does."""
        end = END_OF_STRING.match(text)
        self._in_string = end is None
        return end.end() if end else 0

    def _open(self, text: str) -> None:
        """The text up to the first token outside the array: it has to be its opening bracket."""
        if self.ended or text.lstrip(JSON_SPACE) != "[":
            raise UncountableFileError("it is not one JSON array")
        self.depth = 1

    def _close(self, text: str) -> Iterator[str | Reject]:
        if not text.endswith("]"):
            raise UncountableFileError("its JSON array is not closed")
        self.ended = True
        is_first = self._first
        element = self._ended_element(text[:-1])
        if element or not is_first:
            yield element

    def _ended_element(self, text: str) -> str | Reject:
        self._take(text)
        element = "".join(self._element).rstrip(JSON_SPACE)
        is_cut, self._is_cut, self._first = self._is_cut, False, False
        self._element, self._length = [], 0
        return Reject("longer than 2 MB") if is_cut else element

    def _keep(self, text: str) -> None:
        """Remember what belongs to the element that goes on."""
        if self._in_string and (len(text) - len(text.rstrip("\\"))) % 2:
            text, self._held = text[:-1], text[-1]
        if self.depth:
            self._take(text)
        elif text.strip(JSON_SPACE):
            raise UncountableFileError("it is not one JSON array")

    def _take(self, text: str) -> None:
        text = text if self._element else text.lstrip(JSON_SPACE)
        if text and self._length <= LONGEST_LINE_BYTES:
            self._element.append(text)
            self._length += len(text)
        elif text.strip(JSON_SPACE):
            self._is_cut = True
