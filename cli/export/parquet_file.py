"""The exported file as Parquet: merchant ids as they are, counts and money as exact decimals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cli.export.csv_file import heading
from cli.export.rows import ExportedRow
from cli.whole_file import written_whole

ROWS_AT_ONCE = 100_000


def write_parquet(rows: Sequence[ExportedRow], file: Path, *, by_month: bool) -> None:
    """Write the file; it is there whole or as it was before."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = heading(by_month=by_month)
    texts, counts = 3 if by_month else 2, pa.decimal128(38, 0)
    types = [*[pa.string()] * texts, *[counts] * 3, *[pa.decimal128(38, 4)] * 3]
    schema = pa.schema(zip(names, types, strict=True))
    with written_whole(file) as partial, pq.ParquetWriter(partial, schema) as out:
        for first in range(0, len(rows), ROWS_AT_ONCE):
            cells = [(*row[:texts], *row.amounts) for row in rows[first : first + ROWS_AT_ONCE]]
            columns = [
                pa.array(column, kind) for column, kind in zip(zip(*cells, strict=True), types, strict=True)
            ]
            out.write_table(pa.table(columns, schema=schema))
