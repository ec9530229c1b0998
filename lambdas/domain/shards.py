"""Sharding: from the bytes of one order file to one object with a frame of order lines per partition."""

from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import duckdb

from lambdas.domain.database import quoted
from lambdas.domain.decompression import is_compressed
from lambdas.domain.delivered_file import DeliveredFile
from lambdas.domain.heading import LONGEST_HEADING_BYTES
from lambdas.domain.open_rows import OpenSplit, RowsOpener
from lambdas.domain.order_bytes import OrderBytes
from lambdas.domain.order_columns import find_sources
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.order_lines import lines_query, merchant_hash_sql, rules_for
from lambdas.domain.order_rows import RejectsFile
from lambdas.domain.partitions import MOST_MERCHANTS, HashRange
from lambdas.domain.plan import Split
from lambdas.domain.quotes import QuoteStates
from lambdas.domain.shard_index import ShardIndex, pack_merchant_hashes

# From here on it is cheaper to sort the lines once than to look through all of them for each partition.
PARTITIONS_WORTH_SORTING = 32
HEAD_BYTES = LONGEST_HEADING_BYTES + (1 << 10)
"""What every split reads of the file's start: the heading."""
SHARE_FOR_ORDERS = 0.5
"""Of the free space of the scratch folder; the rest is for what DuckDB spills and for the shard object."""


@dataclass(frozen=True, kw_only=True)
class ShardedOrders:
    """The shard object and the rejects file (JSON Lines, perhaps empty) of one split, and the index."""

    shard_object: Path
    rejects: Path
    index: ShardIndex


@dataclass(frozen=True, kw_only=True)
class Sharding:
    """How to shard: by which format into which partitions, where, and with how much room for the orders.

    The index lists the merchants, by their hashes, where the run fans out by them.
    """

    order_format: OrderFormat
    ranges: Sequence[HashRange]
    scratch: Path
    connection: duckdb.DuckDBPyConnection
    limit_bytes: int | None = None
    lists_merchants: bool = False

    def file(self, orders: BinaryIO, key: str) -> ShardedOrders:
        """Shard one whole order file; raises OrderFileError where it can't be counted."""
        return self._whole(self._delivered(orders, key))

    def split(
        self, orders: OrderBytes, split: Split, key: str, *, begins_inside: bool = False
    ) -> ShardedOrders:
        """Shard one split; `begins_inside` quotes, if the splits before it have shown that.

        Of a file that can't be cut the first split takes everything.
        """
        if split.start > 0 or split.end < orders.size_bytes:
            head = orders.open(0, HEAD_BYTES).read(HEAD_BYTES)
            if not is_compressed(head):
                delivered = self._delivered(io.BytesIO(head), key)
                opened = self._opener.split(delivered, orders, split, begins_inside=begins_inside)
                if opened:
                    return self._sharded(opened, key)
            if split.start > 0:
                return self._nothing()
        return self._whole(self._delivered(orders.open(), key))

    @property
    def _opener(self) -> RowsOpener:
        return RowsOpener(order_format=self.order_format, scratch=self.scratch, connection=self.connection)

    def _delivered(self, orders: BinaryIO, key: str) -> DeliveredFile:
        room = self.limit_bytes or int(shutil.disk_usage(self.scratch).free * SHARE_FOR_ORDERS)
        return DeliveredFile(orders, key=key, limit_bytes=room)

    def _whole(self, delivered: DeliveredFile) -> ShardedOrders:
        rows = self._opener.whole(delivered)
        opened = OpenSplit(
            rows=rows,
            sha256=delivered.sha256,
            raw_bytes=delivered.content_bytes,
            states=QuoteStates(),
            lines=0,
            bytes=0,
        )
        return self._sharded(opened, delivered.key)

    def _sharded(self, opened: OpenSplit, key: str) -> ShardedOrders:
        rows = opened.rows
        sources = find_sources(self.order_format, rows.names, key, self.connection)
        rules = rules_for(sources, rows.guards(sources), rows.types, self.order_format, self.connection)
        rows.load(lines_query(rows.from_sql(sources), rules, self.order_format, self.ranges))
        rejects = self.scratch / "rejects.jsonl"
        reasons = rows.write_rejects(RejectsFile(path=rejects, rules=rules, sources=sources))
        rows.path.unlink()
        money = _accepted_money(self.connection)
        accepted, rejected = sum(lines for lines, _ in money.values()), sum(reasons.values())
        rows.prove(accepted=accepted, rejected=rejected)
        shard_object = self.scratch / "shard.frames"
        index = ShardIndex(
            lines_read=accepted + rejected,
            rejected=rejected,
            reject_reasons=reasons,
            accepted_money={currency: amount for currency, (_, amount) in money.items()},
            content_sha256=opened.sha256,
            raw_bytes=opened.raw_bytes,
            detected=rows.detected,
            absent_columns=rows.absent,
            states=opened.states,
            text_lines=opened.lines,
            text_bytes=opened.bytes,
            packed_merchant_hashes=_merchant_hashes(self.connection) if self.lists_merchants else b"",
            frames=_write_frames(shard_object, len(self.ranges), self.scratch, self.connection),
        )
        self.connection.execute("DROP TABLE lines")
        return _stored(shard_object, rejects, index)

    def _nothing(self) -> ShardedOrders:
        """What a split has whose file the first split takes whole."""
        shard_object, rejects = self.scratch / "shard.frames", self.scratch / "rejects.jsonl"
        shard_object.write_bytes(b"")
        rejects.write_bytes(b"")
        return _stored(shard_object, rejects, ShardIndex.empty(len(self.ranges)))


def shard_orders(
    *,
    orders: BinaryIO,
    key: str,
    order_format: OrderFormat,
    ranges: Sequence[HashRange],
    scratch: Path,
    connection: duckdb.DuckDBPyConnection,
    text_limit_bytes: int | None = None,
) -> ShardedOrders:
    """Shard one order file into `scratch`; raises OrderFileError where the whole file can't be counted."""
    sharding = Sharding(
        order_format=order_format,
        ranges=ranges,
        scratch=scratch,
        connection=connection,
        limit_bytes=text_limit_bytes,
    )
    return sharding.file(orders, key)


def _stored(shard_object: Path, rejects: Path, index: ShardIndex) -> ShardedOrders:
    with shard_object.open("ab") as file:
        file.write(index.to_bytes())
    return ShardedOrders(shard_object=shard_object, rejects=rejects, index=index)


def _accepted_money(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, Decimal]]:
    rows = connection.execute(
        "SELECT currency, count(*), sum(amount) FROM lines WHERE reason = 0 GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return {currency: (lines, amount) for currency, lines, amount in rows}


def _merchant_hashes(connection: duckdb.DuckDBPyConnection) -> bytes:
    """The hashes of all merchants, or the lowest of them where there are too many to fan out by."""
    merchants = "SELECT DISTINCT merchant_id FROM lines WHERE reason = 0"
    rows = connection.execute(
        f"SELECT DISTINCT {merchant_hash_sql('merchant_id')} AS h FROM ({merchants}) "
        f"ORDER BY h LIMIT {MOST_MERCHANTS + 1}"
    ).fetchall()
    return pack_merchant_hashes([merchant_hash for (merchant_hash,) in rows])


def _write_frames(
    shard_object: Path, partitions: int, scratch: Path, connection: duckdb.DuckDBPyConnection
) -> tuple[tuple[int, int] | None, ...]:
    filled = {
        partition
        for (partition,) in connection.execute(
            "SELECT DISTINCT partition FROM lines WHERE reason = 0"
        ).fetchall()
    }
    source = "(SELECT rowid AS line, * FROM lines WHERE reason = 0)"
    if partitions >= PARTITIONS_WORTH_SORTING:
        connection.execute(f"CREATE TEMP TABLE sorted AS SELECT * FROM {source} ORDER BY partition, line")
        source = "sorted"
    frames: list[tuple[int, int] | None] = []
    frame = scratch / "frame.parquet"
    with shard_object.open("wb") as file:
        for partition in range(partitions):
            if partition not in filled:
                frames.append(None)
                continue
            connection.execute(
                f"COPY (SELECT * EXCLUDE (partition, reason) FROM {source} WHERE partition = {partition}) "
                f"TO {quoted(str(frame))} (FORMAT parquet, COMPRESSION snappy)"
            )
            offset = file.tell()
            with frame.open("rb") as written:
                shutil.copyfileobj(written, file)
            frames.append((offset, file.tell() - offset))
            frame.unlink()
    connection.execute("DROP TABLE IF EXISTS sorted")
    return tuple(frames)
