"""The merchants with the highest net sales in a results file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lambdas.domain.database import quoted
from lambdas.domain.ledger import Amounts

AMOUNTS = "orders, lines, units, gross_sales, refunds, net_sales"


@dataclass(frozen=True)
class BestMerchants:
    """Of one currency: how many merchants there are, and the best of them with their amounts."""

    merchants: int
    best: Sequence[tuple[str, Amounts]]


def best_merchants(
    results: Path, count: int, connection: duckdb.DuckDBPyConnection
) -> Mapping[str, BestMerchants]:
    """By currency, that with the most merchants first; equal net sales go by merchant id."""
    source = f"read_parquet({quoted(str(results))})"
    rows = connection.execute(
        f"SELECT currency, count(*) FROM {source} GROUP BY currency ORDER BY count(*) DESC, currency"
    ).fetchall()
    return {
        currency: BestMerchants(merchants, _best(source, currency, count, connection))
        for currency, merchants in rows
    }


def _best(
    source: str, currency: str, count: int, connection: duckdb.DuckDBPyConnection
) -> list[tuple[str, Amounts]]:
    found = connection.execute(
        f"SELECT merchant_id, {AMOUNTS} FROM {source} WHERE currency = ? "
        "ORDER BY net_sales DESC, merchant_id LIMIT ?",
        [currency, count],
    )
    names = [column[0] for column in found.description or ()]
    return [(row[0], Amounts.of(dict(zip(names, row, strict=True)))) for row in found.fetchall()]
