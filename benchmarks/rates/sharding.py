"""Sharding and sales: one split of TPC-H lineitem as a worker takes it, into few and into many partitions."""

from __future__ import annotations

import gzip
import io
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rates.rate import Rate, cpu_seconds
from lambdas.domain.database import connect
from lambdas.domain.delivered_file import DeliveredFile
from lambdas.domain.open_rows import RowsOpener
from lambdas.domain.order_bytes import FileBytes
from lambdas.domain.order_format import parse_order_format
from lambdas.domain.partitions import hash_ranges
from lambdas.domain.plan import Split
from lambdas.domain.sales import compute_sales
from lambdas.domain.shards import ShardedOrders, Sharding, shard_orders

SPLIT_BYTES, CUT_BYTES = 128 << 20, 8 << 20
MEMORY_BYTES = 1_800_000_000  # as in a function of 3,008 MB
FEW, MANY = 2, 512
KEY = "tpch/lineitem.csv"
FORMAT = parse_order_format(
    """
prefix: tpch/
columns:
  merchant_id: l_suppkey
  order_id: l_orderkey
  line_id: l_linenumber
  amount: l_extendedprice * (1 - l_discount)
  quantity: l_quantity
  ordered_at: l_shipdate
""",
    "tpch.yaml",
)


@dataclass(frozen=True)
class Text:
    """The text of one split and how many order lines it has."""

    text: bytes
    lines: int

    @property
    def millions(self) -> float:
        """Its lines in millions."""
        return self.lines / 1e6


def first_split(orders: Path) -> Text:
    """The first 128 MiB of a file, up to a line end."""
    with orders.open("rb") as file:
        text = file.read(SPLIT_BYTES)
    text = text[: text.rindex(b"\n") + 1]
    return Text(text, text.count(b"\n") - 1)


def rates(orders: Path) -> Iterator[Rate]:
    """Measure; `orders` is TPC-H lineitem as CSV."""
    split = first_split(orders)
    told = (
        f"{split.lines:,} lines of TPC-H lineitem ({len(split.text):,} bytes, six fields mapped), one thread"
    )
    text = cpu_seconds(lambda: _write_text(split))
    yield Rate(
        name="text_cpu_seconds_per_gb",
        value=text / len(split.text) * 1e9,
        unit="processor seconds per GB of text, one thread whatever the processors",
        how=f"RowsOpener.whole of {told}: hash, line ends, checks, and writing to the scratch folder",
    )
    yield _gunzip(split)
    few, many = (_Sharding(split, partitions) for partitions in (FEW, MANY))
    per_frame = max(0.0, few.difference(many) / (MANY - FEW))
    yield Rate(
        name="shard_cpu_seconds_per_million_lines",
        value=(few.seconds - text - FEW * per_frame) / split.millions,
        unit="processor seconds per million lines, in parallel on all processors",
        how=f"shard_orders of {told}, less the text and the frames",
    )
    yield Rate(
        name="shard_cpu_seconds_per_frame",
        value=per_frame,
        unit="processor seconds per partition that a split has lines of",
        how=f"shard_orders of {told}, into {MANY} partitions less into {FEW}",
    )
    yield Rate(
        name="shard_bytes_per_line",
        value=many.object_bytes / split.lines,
        unit="bytes of a shard object per line",
        how=f"the shard object of {told}, {MANY} frames",
    )
    yield from _sales(split, told)
    yield _cut(orders, few.seconds)


class _Sharding:
    """What sharding a split into some partitions takes, and what comes out."""

    def __init__(self, split: Text, partitions: int) -> None:
        self._split, self._partitions = split, partitions
        self.object_bytes = 0
        self.seconds = cpu_seconds(self._once)

    def difference(self, other: _Sharding) -> float:
        """How much longer the other took."""
        return other.seconds - self.seconds

    def _once(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            sharded = shard(self._split, self._partitions, Path(folder))
            self.object_bytes = sharded.shard_object.stat().st_size


def shard(split: Text, partitions: int, scratch: Path) -> ShardedOrders:
    """Shard a split as a worker does."""
    with connect(scratch, memory_bytes=MEMORY_BYTES, threads=1) as connection:
        return shard_orders(
            orders=io.BytesIO(split.text),
            key=KEY,
            order_format=FORMAT,
            ranges=hash_ranges(partitions),
            scratch=scratch,
            connection=connection,
        )


def _write_text(split: Text) -> None:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        with connect(scratch, memory_bytes=MEMORY_BYTES, threads=1) as connection:
            delivered = DeliveredFile(io.BytesIO(split.text), key=KEY, limit_bytes=2 * SPLIT_BYTES)
            RowsOpener(order_format=FORMAT, scratch=scratch, connection=connection).whole(delivered)


def _cut(orders: Path, whole_seconds: float) -> Rate:
    """A split in the middle of the file, which has as many bytes, against the same as a file of its own."""
    cut = Split(start=CUT_BYTES, end=CUT_BYTES + SPLIT_BYTES)

    def sharded() -> None:
        with tempfile.TemporaryDirectory() as folder:
            scratch = Path(folder)
            with connect(scratch, memory_bytes=MEMORY_BYTES, threads=1) as connection:
                sharding = Sharding(
                    order_format=FORMAT, ranges=hash_ranges(FEW), scratch=scratch, connection=connection
                )
                sharding.split(FileBytes(orders), cut, KEY)

    return Rate(
        name="cut_cpu_seconds_per_gb",
        value=max(0.0, cpu_seconds(sharded) - whole_seconds) / SPLIT_BYTES * 1e9,
        unit="processor seconds per GB of text of a file that is cut, one thread",
        how="Sharding.split of 128 MiB in the middle of the file less shard_orders of as much; every line "
        "has quotes, and without any the proof of the cuts takes next to nothing",
    )


def _gunzip(split: Text) -> Rate:
    packed = gzip.compress(split.text[: 16 << 20])
    seconds = cpu_seconds(lambda: zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(packed))
    return Rate(
        name="gunzip_cpu_seconds_per_gb",
        value=seconds / (16 << 20) * 1e9,
        unit="processor seconds per GB of text that was gzipped, one thread",
        how=f"zlib over 16 MiB of TPC-H lineitem, {len(packed):,} bytes gzipped",
    )


def _sales(split: Text, told: str) -> Iterator[Rate]:
    """From one frame with all lines, from many small ones, and from none."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        one = _frames(split, 1, scratch)
        many = _frames(split, MANY, scratch)
        with connect(scratch, memory_bytes=MEMORY_BYTES, threads=1) as connection:

            def seconds(frames: list[Path]) -> float:
                results = scratch / "results.parquet"
                return cpu_seconds(
                    lambda: compute_sales(frames=frames, results=results, connection=connection)
                )

            none, whole, pieces = seconds([]), seconds(one), seconds(many)
    yield Rate(
        name="sales_cpu_seconds_per_call",
        value=none,
        unit="processor seconds per partition, whatever is in it",
        how="compute_sales without frames",
    )
    yield Rate(
        name="sales_cpu_seconds_per_million_lines",
        value=(whole - none) / split.millions,
        unit="processor seconds per million lines, in parallel on all processors",
        how=f"compute_sales of {told}, in one frame, 84 months",
    )
    yield Rate(
        name="sales_cpu_seconds_per_frame",
        value=max(0.0, pieces - whole) / (MANY - 1),
        unit="processor seconds per frame of a split",
        how=f"compute_sales of the same lines in {MANY} frames less in one",
    )


def _frames(split: Text, partitions: int, scratch: Path) -> list[Path]:
    sharded = shard(split, partitions, scratch)
    frames = []
    with sharded.shard_object.open("rb") as file:
        for number, place in enumerate(sharded.index.frames):
            if place:
                file.seek(place[0])
                frames.append(scratch / f"{partitions}-{number}.parquet")
                frames[-1].write_bytes(file.read(place[1]))
    return frames
