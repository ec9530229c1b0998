"""Reading a hostile file in a process of its own, so that its time and peak memory are its own.

    python -m tests.unit.hostile_file NAME

prints JSON: the error or the counts, CPU seconds and the peak memory in bytes.
"""

from __future__ import annotations

import gzip
import io
import itertools
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import zstandard

from lambdas.domain.errors import OrderFileError
from lambdas.domain.partitions import hash_ranges
from lambdas.domain.shards import shard_orders
from tests.unit.order_files import opened, order_format

MB = 1_000_000
HEADING = b"shop,amount\n"
ROOM_BYTES = 2_000 * MB


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a file, and what it took."""

    error: str = ""
    lines: int = 0
    rejected: int = 0
    cpu_seconds: float
    peak_bytes: int


class Stream(io.RawIOBase):
    """A file that is made while it is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        """`pieces` are the bytes of the file."""
        self._pieces, self._held = pieces, b""

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes."""
        while len(self._held) < size and (piece := next(self._pieces, None)) is not None:
            self._held += piece
        read, self._held = self._held[:size], self._held[size:]
        return read


def megabytes(count: int, of: bytes = b"x") -> Iterator[bytes]:
    """As many megabytes of the same bytes."""
    return itertools.repeat(of * (MB // len(of)), count)


def zstd_of(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, compressed."""
    packer = zstandard.ZstdCompressor().compressobj()
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()


def gzip_bomb() -> Iterator[bytes]:
    """20 GB of zeros in 20 MB."""
    return itertools.chain([gzip.compress(HEADING)], itertools.repeat(gzip.compress(bytes(10 * MB), 9), 2000))


def gzip_of_tiny_members() -> Iterator[bytes]:
    """A member for each character."""
    members = b"".join(gzip.compress(bytes([character])) for character in b"a,1\n")
    return itertools.chain([gzip.compress(HEADING)], itertools.repeat(members, 250_000))


def parquet_of_many_rows() -> Iterator[bytes]:
    """The same row again and again: what run lengths can say in a few bytes."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder) / "x.parquet"
        connection.execute("SET threads = 1")
        connection.execute(
            "COPY (SELECT 'a' AS shop, 1::TINYINT AS amount FROM range(120_000_000)) "
            f"TO '{path}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 1_000_000)"
        )
        yield path.read_bytes()


def wide(columns: int, rows: int) -> Iterator[bytes]:
    """Many columns."""
    yield b"shop,amount" + b",c" * (columns - 2) + b"\n"
    yield from itertools.repeat(b"a,1" + b"," * (columns - 2) + b"\n", rows)


def many_merchants(count: int) -> Iterator[bytes]:
    """A merchant on each line."""
    yield HEADING
    for start in range(0, count, 10_000):
        yield b"".join(b"merchant-%d,%d.25\n" % (n, n % 100) for n in range(start, start + 10_000))


def chain(*parts: bytes | Iterator[bytes]) -> Iterator[bytes]:
    """The parts one after the other."""
    return itertools.chain.from_iterable([part] if isinstance(part, bytes) else part for part in parts)


KEYS = json.dumps({"shop": "a", "amount": 1} | {f"k{n}": n for n in range(100_000)}).encode() + b"\n"
JSON_LINE, NUMBER = b'{"shop":"a","amount":1}\n', random.Random(4)

FILES: dict[str, tuple[str, Callable[[], Iterator[bytes]]]] = {
    "gzip bomb": ("o.csv.gz", gzip_bomb),
    "zstd bomb": ("o.csv.zst", lambda: zstd_of(chain(HEADING, megabytes(3000, b"\0")))),
    "zstd bomb of lines": ("o.csv.zst", lambda: zstd_of(chain(HEADING, megabytes(3000, b"a,1\n")))),
    "gzip of tiny members": ("o.csv.gz", gzip_of_tiny_members),
    "parquet of many rows": ("o.parquet", parquet_of_many_rows),
    "line of 1 GB": ("o.csv", lambda: chain(HEADING, b"a,1\n", megabytes(1000), b"\nb,2\n")),
    "quoted line of 1 GB": (
        "o.csv",
        lambda: chain(HEADING, b'a,1\n"', megabytes(1000, b"x\n"), b'",2\n'),
    ),
    "long line": ("o.csv", lambda: chain(HEADING, b"a,1\n", megabytes(300), b"\nb,2\n")),
    "long line in quotes": (
        "o.csv",
        lambda: chain(HEADING, b'a,1\n"', megabytes(300, b"x\n"), b'",2\n'),
    ),
    "quote that never closes": ("o.csv", lambda: chain(HEADING, b'a,1\n"', megabytes(300, b"x\n"))),
    "long heading": ("o.csv", lambda: megabytes(300)),
    "long line of JSON": ("o.jsonl", lambda: chain(JSON_LINE, b'{"shop":"', megabytes(300), b'"}\n')),
    "long element": ("o.json", lambda: chain(b'[{"shop":"', megabytes(300))),
    "long nested element": ("o.json", lambda: chain(b"[", megabytes(300, b"["))),
    "long scalar": ("o.json", lambda: chain(b"[", megabytes(300, b"1"))),
    "20,000 columns": ("o.csv", lambda: wide(20_000, 1000)),
    "100,000 columns": ("o.csv", lambda: wide(100_000, 10)),
    "a line of 100,000 columns": ("o.csv", lambda: chain(HEADING, b"a,1\n", b"x," * 100_000, b"\nb,1\n")),
    "100,000 keys": ("o.jsonl", lambda: itertools.repeat(KEYS, 20)),
    "many merchants": ("o.csv", lambda: many_merchants(300_000)),
    "short lines": ("o.csv", lambda: chain(HEADING, megabytes(20, b"a\n"))),
    "broken quotes": ("o.csv", lambda: chain(HEADING, megabytes(20, b'"a"b,1\n'))),
    "a column too many": ("o.csv", lambda: chain(HEADING, megabytes(20, b"a,1,\n"))),
    "blank lines": ("o.csv", lambda: chain(HEADING, megabytes(50, b"\n"), b"a,1\n")),
    "quotes alone": ("o.csv", lambda: chain(HEADING, megabytes(20, b'"'))),
    "quotes and commas": ("o.csv", lambda: chain(HEADING, megabytes(20, b'",'))),
    "random bytes": ("o.csv", lambda: iter([NUMBER.randbytes(20 * MB)])),
    "random bytes below a heading": ("o.csv", lambda: iter([HEADING, NUMBER.randbytes(20 * MB)])),
    "random bytes below JSON": ("o.jsonl", lambda: iter([JSON_LINE, NUMBER.randbytes(20 * MB)])),
}


def read(name: str) -> Outcome:
    """Read one of the files here."""
    key, pieces = FILES[name]
    found: dict[str, int | str] = {}
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as connection:
        try:
            index = shard_orders(
                orders=Stream(pieces()),  # type: ignore[arg-type]
                key=key,
                order_format=order_format(),
                ranges=list(hash_ranges(3)),
                scratch=Path(folder),
                connection=connection,
                text_limit_bytes=ROOM_BYTES,
            ).index
            found = {"lines": index.lines_read, "rejected": index.rejected}
        except OrderFileError as e:
            found = {"error": str(e)}
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return Outcome(
        **found,  # type: ignore[arg-type]
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * 1024,
    )


def read_apart(name: str) -> Outcome:
    """Read one of the files in another process; raises CalledProcessError where that ends badly."""
    command = [sys.executable, "-m", "tests.unit.hostile_file", name]
    root = Path(__file__).parents[2]
    ended = subprocess.run(command, cwd=root, capture_output=True, check=True, timeout=300)
    return Outcome(**json.loads(ended.stdout))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(read(sys.argv[1]))) + "\n")
