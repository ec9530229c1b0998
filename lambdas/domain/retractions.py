"""Retractions: whom earlier runs of a key have counted and this one doesn't name, found by DuckDB.

Its memory is bounded, whatever the number of merchants; a list of them in Python would not be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from lambdas.domain.database import quoted
from lambdas.domain.ledger import MerchantCurrency
from lambdas.domain.order_lines import in_range_sql
from lambdas.domain.partitions import HashRange

BATCH_ROWS = 2048


def write_named(
    results: Path, part: HashRange, *, named: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """Write whom a results file names in the range to the file `named`, which is much smaller."""
    connection.execute(
        f"COPY (SELECT merchant_id, currency FROM read_parquet({quoted(str(results))}) "
        f"WHERE {in_range_sql('merchant_id', part)}) "
        f"TO {quoted(str(named))} (FORMAT parquet, COMPRESSION zstd)"
    )


def not_named_any_more(
    earlier: Sequence[Path], results: Path, connection: duckdb.DuckDBPyConnection
) -> Iterator[MerchantCurrency]:
    """Whom the files of `write_named` name and the results don't, in order, each once."""
    if not earlier:
        return
    files = ", ".join(quoted(str(path)) for path in earlier)
    rows = connection.cursor().execute(
        f"SELECT DISTINCT merchant_id, currency FROM read_parquet([{files}]) AS earlier "
        f"ANTI JOIN read_parquet({quoted(str(results))}) AS results USING (merchant_id, currency) "
        "ORDER BY ALL"
    )
    while batch := rows.fetchmany(BATCH_ROWS):
        for merchant_id, currency in batch:
            yield MerchantCurrency(merchant_id, currency)
