"""Sharding: from the bytes of one order file to one object with a frame of order lines per partition."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import duckdb

from lambdas.domain.database import quoted
from lambdas.domain.delivered_file import DeliveredFile
from lambdas.domain.open_rows import open_rows
from lambdas.domain.order_columns import find_sources
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.order_lines import lines_query, rules_for
from lambdas.domain.order_rows import RejectsFile
from lambdas.domain.partitions import HashRange
from lambdas.domain.shard_index import ShardIndex

# From here on it is cheaper to sort the lines once than to look through all of them for each partition.
PARTITIONS_WORTH_SORTING = 32
SHARE_FOR_ORDERS = 0.5
"""Of the free space of the scratch folder; the rest is for what DuckDB spills and for the shard object."""


@dataclass(frozen=True, kw_only=True)
class ShardedOrders:
    """The shard object and the rejects file (JSON Lines, perhaps empty) of one split, and the index."""

    shard_object: Path
    rejects: Path
    index: ShardIndex


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
    delivered = DeliveredFile(
        orders,
        key=key,
        limit_bytes=text_limit_bytes or int(shutil.disk_usage(scratch).free * SHARE_FOR_ORDERS),
    )
    rows = open_rows(delivered, order_format=order_format, scratch=scratch, connection=connection)
    sources = find_sources(order_format, rows.names, key, connection)
    rules = rules_for(sources, rows.guards(sources), rows.types, order_format, connection)
    rows.load(lines_query(rows.from_sql(sources), rules, order_format, ranges))
    rejects = scratch / "rejects.jsonl"
    reasons = rows.write_rejects(RejectsFile(path=rejects, rules=rules, sources=sources))
    rows.path.unlink()
    shard_object = scratch / "shard.frames"
    money = _accepted_money(connection)
    accepted, rejected = sum(lines for lines, _ in money.values()), sum(reasons.values())
    rows.prove(accepted=accepted, rejected=rejected)
    index = ShardIndex(
        lines_read=accepted + rejected,
        rejected=rejected,
        reject_reasons=reasons,
        accepted_money={currency: amount for currency, (_, amount) in money.items()},
        content_sha256=delivered.sha256,
        raw_bytes=delivered.content_bytes,
        detected=rows.detected,
        frames=_write_frames(shard_object, len(ranges), scratch, connection),
    )
    connection.execute("DROP TABLE lines")
    with shard_object.open("ab") as file:
        file.write(index.to_bytes())
    return ShardedOrders(shard_object=shard_object, rejects=rejects, index=index)


def _accepted_money(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, Decimal]]:
    rows = connection.execute(
        "SELECT currency, count(*), sum(amount) FROM lines WHERE reason = 0 GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return {currency: (lines, amount) for currency, lines, amount in rows}


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
