"""The plan of a run: written once, read by every worker, so that all of them do the same."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lambdas.domain.errors import OrderFileError
from lambdas.domain.file_kind import is_compressed, may_be_cut
from lambdas.domain.order_file import OrderFile, RunId, key_hash
from lambdas.domain.order_format import OrderFormat, choose_order_format, parse_order_format
from lambdas.domain.partitions import FanOut, partition_count
from lambdas.domain.text_encodings import has_ascii_line_ends

MOST_SPLITS = 10_000
"""As many as a Batch array job has children; the splits of larger files are larger."""
ASSUMED_COMPRESSION = 5
"""How many bytes of orders a byte of a compressed file is taken for, before it has been read."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The sizes, in bytes and counts, by which a run is cut, and what it fans out by."""

    partition_bytes: int
    max_partitions: int
    inline_partitions: int
    one_split_bytes: int
    split_bytes: int
    max_file_bytes: int
    fan_out: FanOut = "partition"


@dataclass(frozen=True, kw_only=True)
class Split:
    """A part of an order file that one sharding worker reads: its bytes from `start` up to `end`."""

    start: int
    end: int

    @property
    def name(self) -> str:
        """The split as object names hold it."""
        return f"{self.start:014d}-{self.end:014d}"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run reads, how, and into how many partitions its shards are divided.

    The sales workers take the same partitions, or by `fan_out` one merchant each.
    """

    run_id: str
    order_file: OrderFile
    format_name: str
    format_text: str
    lane: str
    splits: tuple[Split, ...]
    partitions: int
    fan_out: FanOut = "partition"

    @property
    def order_format(self) -> OrderFormat:
        """The order format as it stood when the run was planned."""
        return parse_order_format(self.format_text, f"{self.format_name}.yaml")

    def to_json(self) -> str:
        """The plan as it is stored."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """The stored plan."""
        values = json.loads(text)
        order_file = OrderFile(**values.pop("order_file"))
        splits = tuple(Split(**split) for split in values.pop("splits"))
        return cls(order_file=order_file, splits=splits, **values)


def make_plan(
    *,
    order_file: OrderFile,
    revision: int,
    replaced_bytes: int,
    formats: Iterable[OrderFormat],
    limits: Limits,
) -> Plan:
    """Choose the order format and cut the splits; raises OrderFileError where the file can't be taken.

    The number of partitions follows the bytes of this file and of the one it replaces, because retracting
    the old one's merchants is the same workers' job. A key that holds nothing has no merchants to fan out
    by, so its retractions go by partition.
    """
    order_format = choose_order_format(formats, order_file.key)
    if order_format is None and not order_file.deleted:
        raise OrderFileError(
            f"No order format fits the key {order_file.key!r}: no prefix of a format starts it and there is "
            "no default format. Upload it under a known prefix, or add a YAML file to formats/ and deploy."
        )
    splits = _splits(order_file, order_format, limits) if order_format and not order_file.deleted else ()
    raw_bytes = max(
        _raw_bytes(order_file.key, order_file.size_bytes), _raw_bytes(order_file.key, replaced_bytes)
    )
    return Plan(
        run_id=str(RunId(key_hash(order_file.bucket, order_file.key), revision)),
        order_file=order_file,
        format_name=order_format.name if order_format else "",
        format_text=order_format.text if order_format else "",
        lane=choose_lane(order_format, splits, limits),
        splits=splits,
        partitions=partition_count(
            raw_bytes=raw_bytes, partition_bytes=limits.partition_bytes, most=limits.max_partitions
        ),
        fan_out=limits.fan_out if splits else "partition",
    )


def choose_lane(order_format: OrderFormat | None, splits: Sequence[Split], limits: Limits) -> str:
    """Where the splits are read: Lambda, or Batch where a split is too large for it or the format says so.

    none, one_split and many_splits are lanes of Lambda, oversize and oversize_splits of Batch.
    """
    if not splits:
        return "none"
    too_large = any(split.end - split.start > limits.one_split_bytes for split in splits)
    if too_large or (order_format is not None and order_format.lane == "batch"):
        return "oversize" if len(splits) == 1 else "oversize_splits"
    return "one_split" if len(splits) == 1 else "many_splits"


def _splits(order_file: OrderFile, order_format: OrderFormat, limits: Limits) -> tuple[Split, ...]:
    size = order_file.size_bytes
    if size == 0:
        raise OrderFileError(
            f"The file {order_file.key!r} is empty (0 bytes). Upload it again with its heading and lines; "
            "to take its earlier sales away, delete the file or upload a heading without lines."
        )
    if size > limits.max_file_bytes:
        raise OrderFileError(
            f"The file {order_file.key!r} has {size:,} bytes, more than the {limits.max_file_bytes:,} that "
            "this deployment takes (maxFileBytes). Divide it into smaller files, or deploy with a higher "
            "maxFileBytes and `merchant-sales replay` it; a redrive keeps the limit that it began with."
        )
    if size > limits.split_bytes and _can_be_cut(order_file.key, order_format):
        count = min(MOST_SPLITS, -(-size // limits.split_bytes))
        cuts = [size * i // count for i in range(count + 1)]
        return tuple(Split(start=start, end=end) for start, end in itertools.pairwise(cuts))
    return (Split(start=0, end=size),)


def _can_be_cut(key: str, order_format: OrderFormat) -> bool:
    is_text = order_format.file == "csv" or (
        order_format.file == "auto" and not key.lower().endswith(".parquet")
    )
    encoding = order_format.csv.encoding
    cuts_by_bytes = encoding == "auto" or has_ascii_line_ends(encoding) or not is_text
    return may_be_cut(key, order_format.file) and cuts_by_bytes


def _raw_bytes(key: str, size_bytes: int) -> int:
    return size_bytes * (ASSUMED_COMPRESSION if is_compressed(key) else 1)
