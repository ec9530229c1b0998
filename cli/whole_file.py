"""Files that are there whole, or as they were before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.errors import CommandError


@contextmanager
def written_whole(file: Path) -> Iterator[Path]:
    """Another path beside the file, to be written to; it becomes the file where the block ends well."""
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    try:
        yield partial
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def require_place_for(file: Path) -> None:
    """Raise CommandError where no file of this path can be written."""
    if not file.name or file.is_dir() or not file.absolute().parent.is_dir():
        raise CommandError(f"{file}: its folder doesn't exist, or it is a folder itself.")
