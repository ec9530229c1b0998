"""Sharding: from the bytes of one order file to one object with a frame of order lines per partition."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import duckdb

from lambdas.domain.conservation import blank_rows, require_all_lines, require_listed
from lambdas.domain.database import quoted
from lambdas.domain.delivered_text import DeliveredText
from lambdas.domain.order_columns import Source, find_sources
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.order_lines import LineRules, Reason, lines_query, rules_for
from lambdas.domain.partitions import HashRange
from lambdas.domain.reading import Reading, reader
from lambdas.domain.rejects import Rejected, write_rejects
from lambdas.domain.shard_index import ShardIndex
from lambdas.domain.text_file import TextFile, write_text_file
from lambdas.domain.wrong_lines import WrongLine

# From here on it is cheaper to sort the lines once than to look through all of them for each partition.
PARTITIONS_WORTH_SORTING = 32
LISTED_REJECTS = 100_000
"""How many rejected lines the rejects file names; the reasons of all of them are counted."""
SHARE_FOR_TEXT = 0.5
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
    delivered = DeliveredText(
        orders,
        key=key,
        encoding=order_format.csv.encoding,
        text_limit_bytes=text_limit_bytes or int(shutil.disk_usage(scratch).free * SHARE_FOR_TEXT),
    )
    text = write_text_file(delivered, order_format=order_format, key=key, path=scratch / "orders.csv")
    sources = find_sources(order_format, text.heading, key, connection)
    rules = rules_for(sources, order_format, connection)
    reading = Reading(text, lines_query(reader(text), rules, order_format, ranges), connection)
    found, aside = reading.read(key)
    rejects = scratch / "rejects.jsonl"
    reasons = _write_rejects(text, found, aside, rules, sources, rejects, key, connection)
    text.path.unlink()
    shard_object = scratch / "shard.frames"
    money = _accepted_money(connection)
    accepted, rejected = sum(lines for lines, _ in money.values()), sum(reasons.values())
    require_all_lines(text, accepted=accepted, rejected=rejected, key=key)
    index = ShardIndex(
        lines_read=accepted + rejected,
        rejected=rejected,
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


def _write_rejects(
    text: TextFile,
    found: dict[int, str],
    aside: dict[int, WrongLine],
    rules: LineRules,
    sources: dict[str, Source],
    path: Path,
    key: str,
    connection: duckdb.DuckDBPyConnection,
) -> dict[str, int]:
    """Write the first rejects; how many lines each reason rejected in all, the most frequent first."""
    counts = _counts_by_rules(rules, connection)
    total = counts.total() + len(found) + len(aside) - blank_rows(text, aside)
    if not total:
        path.touch()
        return {}
    # Blank lines that are rows are told from rejected ones by going through the text only.
    most = LISTED_REJECTS if blank_rows(text, aside) == 0 else None
    columns = {field: (source.column, source.position) for field, source in sources.items()}
    by_rules = _rejected_by_rules(rules, most, connection)
    rejected = Rejected(text=text, found=found, set_aside=aside, by_rules=by_rules, column_of=columns)
    listed = write_rejects(rejected, path, most=most)
    require_listed(rejected=min(total, most or total), listed=sum(listed.values()), key=key)
    if most is None:
        counts = Counter(listed)
    else:
        counts.update(found.values())
        counts.update(wrong.sentence for wrong in aside.values())
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _counts_by_rules(rules: LineRules, connection: duckdb.DuckDBPyConnection) -> Counter[str]:
    rows = connection.execute("SELECT reason, count(*) FROM lines WHERE reason > 0 GROUP BY ALL").fetchall()
    counts: Counter[str] = Counter()
    for number, lines in rows:
        counts[rules.reasons[number - 1].sentence] += lines
    return counts


def _rejected_by_rules(
    rules: LineRules, most: int | None, connection: duckdb.DuckDBPyConnection
) -> Iterator[tuple[int, Reason]]:
    limit = "" if most is None else f"LIMIT {most}"
    rows = connection.execute(f"SELECT rowid, reason FROM lines WHERE reason > 0 ORDER BY rowid {limit}")
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
