"""Order files for tests: shard a few bytes and compute the sales of all partitions, in a scratch folder."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from lambdas.domain.database import connect
from lambdas.domain.ledger import Contribution
from lambdas.domain.order_format import OrderFormat, parse_order_format
from lambdas.domain.partitions import HashRange, hash_ranges
from lambdas.domain.plan import Limits
from lambdas.domain.reconciliation import Outcome
from lambdas.domain.sales import compute_sales, read_results
from lambdas.domain.shard_index import ShardIndex, read_shard_index
from lambdas.domain.shards import shard_orders

MEMORY_BYTES = 200_000_000
LIMITS = Limits(
    partition_bytes=10,
    max_partitions=8,
    inline_partitions=4,
    one_split_bytes=100,
    split_bytes=100,
    max_file_bytes=1000,
)
"""Of plans for files of a few bytes."""


@dataclass(frozen=True)
class Processed:
    """What became of one order file."""

    index: ShardIndex
    rejects: list[dict[str, Any]]
    ranges: list[HashRange]
    partitions: list[tuple[Outcome, list[Contribution]]]

    @property
    def sales(self) -> dict[tuple[str, str], Contribution]:
        """The contribution to every merchant and currency."""
        found = [contribution for _, contributions in self.partitions for contribution in contributions]
        return {(c.about.merchant_id, c.about.currency): c for c in found}

    @property
    def net_sales(self) -> dict[str, Decimal]:
        """Net sales by merchant id, of files with one currency."""
        return {merchant: s.amounts.net_sales for (merchant, _), s in self.sales.items()}

    @property
    def reasons(self) -> list[str]:
        """The reasons of the rejects without the values that they name."""
        return [reject["reason"].partition(":")[0].removesuffix(".") for reject in self.rejects]


def order_format(text: str = "columns: {merchant_id: shop, amount: amount}") -> OrderFormat:
    """An order format from the text of its YAML, without a prefix."""
    return parse_order_format(f'prefix: ""\n{text}', "test.yaml")


def process(
    content: bytes,
    chosen: OrderFormat | None = None,
    *,
    scratch: Path,
    key: str = "orders.csv",
    partitions: int = 3,
    threads: int = 1,
    text_limit_bytes: int | None = None,
) -> Processed:
    """Shard the file and compute its sales, as the functions do one after the other."""
    ranges = list(hash_ranges(partitions))
    with opened(scratch, threads) as connection:
        sharded = shard_orders(
            orders=io.BytesIO(content),
            key=key,
            order_format=chosen or order_format(),
            ranges=ranges,
            scratch=scratch,
            connection=connection,
            text_limit_bytes=text_limit_bytes,
        )
        rejects = [json.loads(line) for line in sharded.rejects.read_bytes().splitlines()]
        stored = sharded.shard_object.read_bytes()
        assert read_shard_index(stored[-65536:]) == sharded.index
        outcomes = []
        for number, place in enumerate(sharded.index.frames):
            frame, results = scratch / f"{number}.frame", scratch / f"{number}.parquet"
            if place:
                frame.write_bytes(stored[place[0] : place[0] + place[1]])
            compute_sales(frames=[frame] if place else [], results=results, connection=connection)
            counts, merchants = read_results(results, connection)
            outcomes.append((counts, list(merchants)))
    return Processed(sharded.index, rejects, ranges, outcomes)


@contextmanager
def opened(scratch: Path, threads: int = 1) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection as the functions open it."""
    with connect(scratch, memory_bytes=MEMORY_BYTES, threads=threads) as connection:
        yield connection
