"""The scratch folder and the DuckDB connection of one call, gone when the call ends."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from duckdb import DuckDBPyConnection

from lambdas.adapters.settings import Settings
from lambdas.domain.database import connect


@contextmanager
def scratch_database(settings: Settings) -> Iterator[tuple[Path, DuckDBPyConnection]]:
    """A folder on the function's disk, and a database that may use it and its share of the memory."""
    with (
        tempfile.TemporaryDirectory() as folder,
        connect(
            Path(folder), memory_bytes=settings.database_memory_bytes, threads=settings.threads
        ) as connection,
    ):
        yield Path(folder), connection
