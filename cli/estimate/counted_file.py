"""A file of this computer, read as the functions would read it: its lines and its contributions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lambdas.domain.database import connect
from lambdas.domain.ledger import Contribution
from lambdas.domain.order_format import OrderFormat
from lambdas.domain.partitions import hash_ranges
from lambdas.domain.sales import compute_sales, read_results
from lambdas.domain.shards import shard_orders

MEMORY_BYTES = 1_500_000_000
THREADS = 2


@dataclass(frozen=True, kw_only=True)
class CountedFile:
    """What a file holds; the contributions can be gone through once, while the file is open."""

    text_bytes: int
    lines: int
    contributions: Iterator[Contribution]


@contextmanager
def counted_file(path: Path, *, key: str, order_format: OrderFormat) -> Iterator[CountedFile]:
    """Shard a file and compute its sales in a scratch folder; raises OrderFileError as the run would."""
    with (
        tempfile.TemporaryDirectory(prefix="merchant-sales-estimate-") as folder,
        connect(Path(folder), memory_bytes=MEMORY_BYTES, threads=THREADS) as connection,
    ):
        scratch = Path(folder)
        with path.open("rb") as orders:
            sharded = shard_orders(
                orders=orders,
                key=key,
                order_format=order_format,
                ranges=hash_ranges(1),
                scratch=scratch,
                connection=connection,
            )
        frame, results = scratch / "frame.parquet", scratch / "results.parquet"
        [place] = sharded.index.frames
        with sharded.shard_object.open("rb") as file:
            frame.write_bytes(file.read(place[1]) if place else b"")
        sharded.shard_object.unlink()
        compute_sales(frames=[frame] if place else [], results=results, connection=connection)
        _, contributions = read_results(results, connection)
        yield CountedFile(
            text_bytes=sharded.index.raw_bytes, lines=sharded.index.lines_read, contributions=contributions
        )
