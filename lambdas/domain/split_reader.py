"""The bytes of one split of a text: from the first line that begins in it to the end of its last line.

A split of the bytes [start, end) begins after the first line end at or past `start` and goes on to the first
line end at or past `end`, so the splits of a file share its lines whatever the cuts. Whether such a line end
ends an order line too, or stands in quotes, `quotes` finds out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from lambdas.domain.order_bytes import OrderBytes
from lambdas.domain.plan import Split

CHUNK_BYTES = 1 << 22
FURTHER_BYTES = 1 << 16
"""How far beyond a split it is read at once, in case that its last line ends there."""


class SplitReader:
    """Reads one split of an uncompressed text whose encoding writes a line end as ASCII does."""

    def __init__(self, orders: OrderBytes, split: Split, *, head: bytes, lines_from: int) -> None:
        """`head` are the file's first bytes, among them the heading, which ends before `lines_from`."""
        self._orders, self._split = orders, split
        self._lines_from = lines_from
        self._rest: Iterator[bytes] = iter(())
        self._sha256 = hashlib.sha256(head[split.start : min(split.end, lines_from)])

    @property
    def sha256(self) -> str:
        """The hash of the bytes [start, end), once the chunks have been read."""
        return self._sha256.hexdigest()

    def chunks(self) -> Iterator[bytes]:
        """The split's lines."""
        start, end = self._split.start, self._split.end
        within_heading = start < self._lines_from or start == 0
        if end < self._lines_from:
            return
        at = self._lines_from if within_heading else start
        skips_a_line = not within_heading
        pieces = self._pieces(at)
        for piece in pieces:
            lines, begin = piece, at
            at += len(piece)
            if skips_a_line:
                line_end = piece.find(b"\n")
                if line_end < 0:
                    continue
                skips_a_line = False
                lines, begin = piece[line_end + 1 :], begin + line_end + 1
                if begin > end:  # the line that is skipped here reaches beyond the split
                    self._rest = _before(lines, pieces)
                    return
            last = lines.find(b"\n", max(0, end - begin)) + 1 if at > end else 0
            if last:
                self._rest = _before(lines[last:], pieces)
                yield lines[:last]
                return
            yield lines

    def following(self) -> Iterator[bytes]:
        """What stands after the split's lines, in case that its last order line isn't over."""
        return self._rest

    def _pieces(self, at: int) -> Iterator[bytes]:
        end = self._split.end + FURTHER_BYTES
        while at < self._orders.size_bytes:
            stream = self._orders.open(at, min(end, self._orders.size_bytes))
            while at < end and (piece := stream.read(min(CHUNK_BYTES, end - at))):
                self._sha256.update(piece[max(0, self._split.start - at) : max(0, self._split.end - at)])
                at += len(piece)
                yield piece
            end = at + CHUNK_BYTES


def _before(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest
