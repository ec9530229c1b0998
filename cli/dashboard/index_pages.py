"""A page of a list that an index keeps in parts: in order, from where the last one ended, bounded reads."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cli.dashboard.cursors import END, START, decode, encode
from cli.dashboard.parted_index import PartedIndex
from lambdas.adapters.dynamodb import Item, from_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_READS = 8
"""Queries of one part for one page; a page may then be shorter, and the next one goes on from there."""


@dataclass(frozen=True, kw_only=True)
class IndexPage:
    """Items in order; the cursor leads to the next ones, None after the last."""

    items: list[Item]
    cursor: str | None


@dataclass(kw_only=True)
class _Reader:
    """One part: what is read and not shown yet, and where the index goes on."""

    client: DynamoDBClient
    index: PartedIndex
    part: str
    after: Any = None
    """The last item shown, or the last one evaluated where all that were read are shown."""
    read_to: Any = None
    ended: bool = False
    reads: int = 0
    waiting: deque[Any] = field(default_factory=deque)

    def read(self, limit: int) -> None:
        """Read on, if there is more and it may still read."""
        if self.waiting or self.ended or self.reads >= MOST_READS:
            return
        self.reads += 1
        items, self.read_to = self.index.read(self.client, self.part, limit=limit, after=self.after)
        self.waiting.extend(items)
        self.ended = self.read_to is None
        if not items:
            self.after = self.read_to

    def take(self) -> Item:
        """The next item."""
        taken = self.waiting.popleft()
        self.after = self.index.key_of(taken) if self.waiting else self.read_to
        return from_item(taken)

    @property
    def next_value(self) -> Any:
        return from_item({"value": self.waiting[0][self.index.sort]})["value"]

    @property
    def position(self) -> Any:
        if self.ended and not self.waiting:
            return END
        return [self.after[name] for name in ("pk", "sk", self.index.sort)] if self.after else START


def index_page(
    client: DynamoDBClient, index: PartedIndex, *, size: int, cursor: str | None = None
) -> IndexPage:
    """The next `size` items, the highest first; fewer where too many were read that the filter left out."""
    begin = zip(index.parts, decode(cursor, parts=len(index.parts)), strict=True)
    readers = [_reader(client, index, part, position) for part, position in begin]
    share = 3 * size // len(readers) + 1
    with ThreadPoolExecutor(len(readers)) as at_once:
        list(at_once.map(lambda reader: reader.read(share), readers))
    items: list[Item] = []
    while len(items) < size:
        for reader in readers:
            while not reader.waiting and not reader.ended and reader.reads < MOST_READS:
                reader.read(size)
        # What a part holds next decides the order: none may be passed over because it isn't read.
        if any(not reader.waiting and not reader.ended for reader in readers):
            break
        ready = [reader for reader in readers if reader.waiting]
        if not ready:
            break
        items.append(max(ready, key=lambda reader: reader.next_value).take())
    positions = [reader.position for reader in readers]
    return IndexPage(items=items, cursor=None if set(map(str, positions)) == {END} else encode(positions))


def _reader(client: DynamoDBClient, index: PartedIndex, part: str, position: Any) -> _Reader:
    reader = _Reader(client=client, index=index, part=part, ended=position == END)
    if isinstance(position, list):
        names = ("pk", "sk", index.sort)
        reader.after = dict(zip(names, position, strict=True)) | {index.part: {"S": part}}
    return reader
