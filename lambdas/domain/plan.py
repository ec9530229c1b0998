"""The plan of a run: written once, read by every worker, so that all of them do the same."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass

from lambdas.domain.errors import OrderFileError
from lambdas.domain.order_file import OrderFile, RunId, key_hash
from lambdas.domain.order_format import OrderFormat, choose_order_format, parse_order_format
from lambdas.domain.partitions import partition_count

ASSUMED_COMPRESSION = 5
"""How many bytes of orders a byte of a compressed file is taken for, before it has been read."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The sizes, in bytes and counts, by which a run is cut."""

    partition_bytes: int
    max_partitions: int
    inline_partitions: int
    one_split_bytes: int


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
    """What a run reads, how, and into how many partitions."""

    run_id: str
    order_file: OrderFile
    format_name: str
    format_text: str
    lane: str
    splits: tuple[Split, ...]
    partitions: int

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
    the old one's merchants is the same workers' job.
    """
    order_format = choose_order_format(formats, order_file.key)
    if order_format is None and not order_file.deleted:
        raise OrderFileError(
            f"No order format fits the key {order_file.key!r}: no prefix of a format starts it and there is "
            "no default format. Upload it under a known prefix, or add a YAML file to formats/ and deploy."
        )
    if order_format and not order_file.deleted:
        _refuse_what_is_not_built(order_format)
    raw_bytes = max(
        _raw_bytes(order_file.key, order_file.size_bytes), _raw_bytes(order_file.key, replaced_bytes)
    )
    return Plan(
        run_id=str(RunId(key_hash(order_file.bucket, order_file.key), revision)),
        order_file=order_file,
        format_name=order_format.name if order_format else "",
        format_text=order_format.text if order_format else "",
        lane="none" if order_file.deleted else "one_split",
        splits=_splits(order_file, limits),
        partitions=partition_count(
            raw_bytes=raw_bytes, partition_bytes=limits.partition_bytes, most=limits.max_partitions
        ),
    )


def _refuse_what_is_not_built(order_format: OrderFormat) -> None:
    if order_format.lane != "auto":
        raise OrderFileError(
            f"The order format {order_format.name} asks for lane: {order_format.lane}, which is not there "
            "yet; take the line out and deploy again."
        )


def _splits(order_file: OrderFile, limits: Limits) -> tuple[Split, ...]:
    if order_file.deleted:
        return ()
    if order_file.size_bytes == 0:
        raise OrderFileError(
            f"The file {order_file.key!r} is empty (0 bytes). Upload it again with its heading and lines; "
            "to take its earlier sales away, delete the file or upload a heading without lines."
        )
    if order_file.size_bytes > limits.one_split_bytes:
        raise OrderFileError(
            f"The file {order_file.key!r} has {order_file.size_bytes:,} bytes, and this deployment takes "
            f"files up to {limits.one_split_bytes:,} bytes (the setting oneSplitBytes). "
            "Divide it into smaller files."
        )
    return (Split(start=0, end=order_file.size_bytes),)


def _raw_bytes(key: str, size_bytes: int) -> int:
    compressed = key.lower().endswith((".gz", ".zst"))
    return size_bytes * (ASSUMED_COMPRESSION if compressed else 1)
