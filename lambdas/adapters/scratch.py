"""The scratch folder and the DuckDB connection of one call."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from duckdb import DuckDBPyConnection

from lambdas.adapters.settings import Settings
from lambdas.domain.database import connect


@contextmanager
def scratch_database(settings: Settings) -> Iterator[tuple[Path, DuckDBPyConnection]]:
    """An empty folder on the function's disk, and a database that may use it and its share of the memory.

    A process that was killed leaves its folder behind, and the next call of the same environment finds the
    disk as it was: so the folder has the environment's name, and is emptied first.
    """
    name = hashlib.sha256(settings.environment_name.encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"merchant-sales-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        with connect(
            folder, memory_bytes=settings.database_memory_bytes, threads=settings.threads
        ) as connection:
            yield folder, connection
    finally:
        shutil.rmtree(folder, ignore_errors=True)
