"""The bytes of an order file, of which a split reads only a part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


class OrderBytes(Protocol):
    """One version of an order file, to be opened at any byte."""

    @property
    def size_bytes(self) -> int:
        """The size of the file as delivered."""

    def open(self, start: int = 0, end: int | None = None) -> BinaryIO:
        """The bytes from `start` on, up to `end` or the end of the file; to be read once."""


@dataclass(frozen=True)
class FileBytes:
    """The bytes of a file on this computer."""

    path: Path

    @property
    def size_bytes(self) -> int:
        """The size of the file."""
        return self.path.stat().st_size

    def open(self, start: int = 0, end: int | None = None) -> BinaryIO:  # noqa: ARG002  more bytes do no harm
        """The file from `start` on."""
        file = self.path.open("rb")
        file.seek(start)
        return file
