"""Sharding: from the bytes of one order file to one object with a frame of order lines per partition."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import duckdb

from lambdas.domain.database import quoted
from lambdas.domain.delivered_text import DeliveredText
from lambdas.domain.errors import OrderFileError
from lambdas.domain.order_columns import Source, find_sources
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.order_lines import LineRules, Reason, lines_query, read_csv, rules_for
from lambdas.domain.partitions import HashRange
from lambdas.domain.rejects import Rejected, write_rejects
from lambdas.domain.shard_index import ShardIndex
from lambdas.domain.text_file import TextFile, write_text_file
from lambdas.domain.wrong_lines import WrongLine, found_by_reader, is_misread, outside, set_aside

# From here on it is cheaper to sort the lines once than to look through all of them for each partition.
PARTITIONS_WORTH_SORTING = 32


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
) -> ShardedOrders:
    """Shard one order file into `scratch`; raises OrderFileError where the whole file can't be counted."""
    delivered = DeliveredText(orders, key=key, encoding=order_format.csv.encoding)
    text = write_text_file(delivered, order_format=order_format, key=key, path=scratch / "orders.csv")
    sources = find_sources(order_format, text.heading, key, connection)
    rules = rules_for(sources, order_format, connection)
    reading = _Reading(text, lines_query(_reader(text), rules, order_format, ranges), connection)
    found, aside = reading.read(key)
    rejects = scratch / "rejects.jsonl"
    reasons = _write_rejects(text, found, aside, rules, sources, rejects, connection)
    text.path.unlink()
    shard_object = scratch / "shard.frames"
    money = _accepted_money(connection)
    index = ShardIndex(
        lines_read=sum(lines for lines, _ in money.values()) + sum(reasons.values()),
        accepted=sum(lines for lines, _ in money.values()),
        rejected=sum(reasons.values()),
        reject_reasons=reasons,
        accepted_money={currency: amount for currency, (_, amount) in money.items()},
        content_sha256=delivered.sha256,
        raw_bytes=delivered.text_bytes,
        detected={
            "compression": delivered.compression,
            "delimiter": text.heading.delimiter,
            "encoding": order_format.csv.encoding,
        },
        frames=_write_frames(shard_object, len(ranges), scratch, connection),
    )
    connection.execute("DROP TABLE lines")
    with shard_object.open("ab") as file:
        file.write(index.to_bytes())
    return ShardedOrders(shard_object=shard_object, rejects=rejects, index=index)


def _reader(text: TextFile) -> str:
    return read_csv(text.path, text.heading, has_quotes=text.has_quotes)


@dataclass(frozen=True)
class _Reading:
    text: TextFile
    query: str
    connection: duckdb.DuckDBPyConnection

    def read(self, key: str) -> tuple[dict[int, str], dict[int, WrongLine]]:
        """Fill the table `lines`; what the reader found wrong, and what had to be set aside before it."""
        found = self._once()
        if not is_misread(found, self.text) and not self._has_surplus():
            return self._without_end_mark(found), {}
        aside = set_aside(self.text)
        found = outside(aside, self._once())
        if is_misread(found, self.text):
            raise OrderFileError(f"{key}: the quotes of its lines can't be made sense of.")
        return self._without_end_mark(found), aside

    def _once(self) -> dict[int, str]:
        for table in ("lines", "wrong_lines", "wrong_lines_scan"):
            self.connection.execute(f"DROP TABLE IF EXISTS {table}")
        self.connection.execute(f"CREATE TEMP TABLE lines AS {self.query}")
        return found_by_reader(self.text, self.connection)

    def _has_surplus(self) -> bool:
        """Whether a line may end in blank columns that the heading doesn't have, which DuckDB lets pass."""
        if self.text.blank_ends == 0:
            return False
        last = f"t{len(self.text.heading.names) - 1}"
        self.connection.execute("DROP TABLE wrong_lines; DROP TABLE wrong_lines_scan")
        query = f"SELECT count(*) FROM {_reader(self.text)} WHERE {last} IS NULL"
        blank_columns = self.connection.execute(query).fetchone()
        return blank_columns != (self.text.blank_ends,)

    def _without_end_mark(self, found: dict[int, str]) -> dict[int, str]:
        return {start: sentence for start, sentence in found.items() if start != self.text.lines_bytes}


def _write_rejects(
    text: TextFile,
    found: dict[int, str],
    aside: dict[int, WrongLine],
    rules: LineRules,
    sources: dict[str, Source],
    path: Path,
    connection: duckdb.DuckDBPyConnection,
) -> dict[str, int]:
    row = connection.execute("SELECT count(*) FROM lines WHERE reason > 0").fetchone()
    if not found and not aside and row == (0,):
        path.touch()
        return {}
    columns = {field: (source.column, source.position) for field, source in sources.items()}
    by_rules = _rejected_by_rules(rules, connection)
    return write_rejects(
        Rejected(text=text, found=found, set_aside=aside, by_rules=by_rules, column_of=columns), path
    )


def _rejected_by_rules(
    rules: LineRules, connection: duckdb.DuckDBPyConnection
) -> Iterator[tuple[int, Reason]]:
    rows = connection.execute("SELECT rowid, reason FROM lines WHERE reason > 0 ORDER BY rowid")
    while batch := rows.fetchmany(4096):
        yield from ((ordinal, rules.reasons[number - 1]) for ordinal, number in batch)


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
