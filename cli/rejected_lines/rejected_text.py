"""Rejected lines of CSV, JSON Lines and JSON arrays: found again by the byte where each begins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from cli.rejected_lines.original_text import OriginalText
from lambdas.domain.csv_records import CsvGrammar, LineGrammar, grammar
from lambdas.domain.delivered_file import DeliveredFile
from lambdas.domain.delivered_text import encoding_of, whole_text
from lambdas.domain.file_kind import JSON_ARRAY
from lambdas.domain.heading import LONGEST_HEADING_BYTES, read_heading
from lambdas.domain.json_array import JsonArray
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.rejects import LONGEST_TEXT_BYTES

Grammar = CsvGrammar | LineGrammar


@dataclass(frozen=True, kw_only=True)
class RejectedText:
    """The text of an order file on disk, of which the first `heading_bytes` are its heading.

    `encoded` turns a part of the text, given with its offset, into what is written; `mark` comes first.
    """

    path: Path
    grammar: Grammar
    encoded: Callable[[bytes, int], bytes]
    mark: bytes = b""
    heading_bytes: int = 0

    def heading(self) -> bytes:
        """The mark of the file and its heading, where it has them, in its encoding."""
        with self.path.open("rb") as file:
            return self.mark + self.encoded(file.read(self.heading_bytes), 0)

    def records(self, rejects: Iterable[Mapping[str, Any]]) -> Iterator[bytes | None]:
        """Each rejected record in the encoding of the file; None where it can't be written."""
        if not self.path.stat().st_size:
            return
        with self.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            for reject in rejects:
                yield self._record(content, reject)

    def _record(self, content: mmap, reject: Mapping[str, Any]) -> bytes | None:
        start = reject["byte"]
        record = content[start : self.grammar.record(content, start).end].removesuffix(b"\n")
        if record[:LONGEST_TEXT_BYTES].decode("utf-8", "replace") != reject["text"]:
            return None
        try:
            return self.encoded(record + b"\n", start)
        except UnicodeError:
            return None


def csv_text(delivered: DeliveredFile, *, order_format: OrderFormat, path: Path) -> RejectedText:
    """The text of a CSV file; raises OrderFileError where it can't be read."""
    original = OriginalText(delivered, encoding_of(delivered, order_format.csv.encoding))
    original.store(path)
    with path.open("rb") as file:
        start = file.read(LONGEST_HEADING_BYTES + 1)
    heading = read_heading(start, order_format, delivered.key)
    return RejectedText(
        path=path,
        grammar=grammar(heading.delimiter),
        encoded=original.encoded,
        mark=original.mark,
        heading_bytes=heading.text_bytes,
    )


def json_text(delivered: DeliveredFile, *, kind: str, path: Path) -> RejectedText:
    """The text of JSON Lines, or of the elements of a JSON array as lines; written in UTF-8, as JSON is."""
    chunks = whole_text(delivered, encoding_of(delivered, "utf-8"))
    with path.open("wb") as file:
        file.writelines(JsonArray(delivered.key).lines(chunks) if kind == JSON_ARRAY else chunks)
    return RejectedText(path=path, grammar=LineGrammar(), encoded=lambda part, _: part)
