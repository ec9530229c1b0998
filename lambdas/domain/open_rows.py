"""From an order file, or a split of it, to its rows: finds out what it is, and opens it as that."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb

from lambdas.domain.csv_records import grammar
from lambdas.domain.delivered_file import DeliveredFile
from lambdas.domain.delivered_text import encoding_of, whole_text
from lambdas.domain.file_kind import CSV, JSON_ARRAY, JSON_LINES, PARQUET, kind_of
from lambdas.domain.heading import Heading, read_heading
from lambdas.domain.json_array import JsonArray
from lambdas.domain.json_rows import HEADING, JsonRows, keys_of, line_grammar
from lambdas.domain.order_bytes import OrderBytes
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.order_rows import OrderRows
from lambdas.domain.parquet_rows import open_parquet
from lambdas.domain.parquet_split import open_parquet_split
from lambdas.domain.plan import Split
from lambdas.domain.quotes import QuoteStates
from lambdas.domain.split_reader import SplitReader
from lambdas.domain.split_text import head_text, lines_from, write_split_text
from lambdas.domain.text_encodings import has_ascii_line_ends
from lambdas.domain.text_file import TextFile, with_marks, write_text_file
from lambdas.domain.text_rows import TextRows

LINES = (CSV, JSON_LINES)


@dataclass(frozen=True, kw_only=True)
class OpenSplit:
    """The rows of a split, and what puts it together with the others: `lines` and `bytes` of its text, …"""

    rows: OrderRows
    sha256: str
    raw_bytes: int
    states: QuoteStates
    lines: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class RowsOpener:
    """Opens order files of one format in a scratch folder."""

    order_format: OrderFormat
    scratch: Path
    connection: duckdb.DuckDBPyConnection

    def whole(self, delivered: DeliveredFile) -> OrderRows:
        """The rows of a whole file; raises OrderFileError where it has none."""
        kind = self._kind(delivered)
        detected = {"file": kind, "compression": delivered.compression}
        if kind == PARQUET:
            return open_parquet(
                delivered,
                path=self._path(kind),
                decimal=self.order_format.numbers.decimal,
                connection=self.connection,
                detected=detected,
            )
        encoding = self._encoding(delivered, kind)
        detected["encoding"] = encoding
        chunks = whole_text(delivered, encoding)
        if kind == JSON_ARRAY:
            chunks = JsonArray(delivered.key).lines(chunks)
        text = write_text_file(
            chunks,
            read_heading=partial(self._heading, kind, delivered.key),
            grammar_of=grammar if kind == CSV else line_grammar,
            path=self._path(kind),
        )
        return self._rows(text, kind, delivered.key, detected, start=None)

    def split(
        self, delivered: DeliveredFile, orders: OrderBytes, split: Split, *, begins_inside: bool
    ) -> OpenSplit | None:
        """The rows of one split; None where the file can't be cut: then the first split takes all of it."""
        kind = self._kind(delivered)
        if kind == JSON_ARRAY:
            return None
        detected = {"file": kind, "compression": "none"}
        if kind == PARQUET:
            parquet = open_parquet_split(
                orders,
                split,
                key=delivered.key,
                path=self._path(kind),
                decimal=self.order_format.numbers.decimal,
                connection=self.connection,
                detected=detected,
            )
            return OpenSplit(
                rows=parquet.rows,
                sha256=parquet.sha256,
                raw_bytes=parquet.raw_bytes,
                states=QuoteStates(),
                lines=0,  # rows have their numbers in the whole file
                bytes=0,
            )
        encoding = self._encoding(delivered, kind)
        if not has_ascii_line_ends(encoding):
            return None
        return self._text_split(
            delivered, orders, split, kind, detected | {"encoding": encoding}, begins_inside
        )

    def _text_split(
        self,
        delivered: DeliveredFile,
        orders: OrderBytes,
        split: Split,
        kind: str,
        detected: dict[str, str],
        begins_inside: bool,
    ) -> OpenSplit:
        key, encoding = delivered.key, detected["encoding"]
        start = head_text(delivered.start, encoding, key)
        heading = with_marks(self._heading(kind, key, start), start)
        reader = SplitReader(
            orders, split, head=delivered.start, lines_from=lines_from(delivered.start, heading)
        )
        part = write_split_text(
            reader,
            is_first=split.start == 0,
            begins_inside=begins_inside,
            heading=heading,
            grammar=grammar(heading.delimiter) if kind == CSV else line_grammar(heading.delimiter),
            encoding=encoding,
            key=key,
            path=self._path(kind),
        )
        return OpenSplit(
            rows=self._rows(part.text, kind, key, detected, start=start),
            sha256=reader.sha256,
            raw_bytes=part.bytes,
            states=part.states,
            lines=part.lines,
            bytes=part.bytes,
        )

    def _rows(
        self, text: TextFile, kind: str, key: str, detected: dict[str, str], start: bytes | None
    ) -> OrderRows:
        """The rows of a text; `start` is that of the whole file where the text is a split of it."""
        if kind == CSV:
            detected["delimiter"] = text.heading.delimiter
            return TextRows(key=key, text=text, connection=self.connection, detected=detected)
        rows = JsonRows(
            key=key,
            text=text,
            connection=self.connection,
            detected=detected,
            decimal=self.order_format.numbers.decimal,
            is_array=kind == JSON_ARRAY,
        )
        rows.keys, rows.absent = keys_of(rows, self.order_format, start)
        return rows

    def _kind(self, delivered: DeliveredFile) -> str:
        return kind_of(delivered.key, delivered.start, self.order_format.file)

    def _encoding(self, delivered: DeliveredFile, kind: str) -> str:
        return encoding_of(delivered, self.order_format.csv.encoding if kind == CSV else "utf-8")

    def _heading(self, kind: str, key: str, start: bytes) -> Heading:
        return read_heading(start, self.order_format, key) if kind == CSV else HEADING

    def _path(self, kind: str) -> Path:
        return self.scratch / f"orders.{kind}"
