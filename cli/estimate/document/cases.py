"""The loads that docs/cost.md shows, each estimated once."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from cli.estimate.estimation import Estimate
from cli.estimate.load import BYTES_PER_LINE, load_of
from cli.estimate.settings import MIB, Place, Settings

ORDERS = (10**6, 10**8, 10**10)
MERCHANTS = (10**4, 10**5, 10**6)
SIZES = ((10**9, 10**5), (10**11, 10**5), (10**12, 10**5), (10**9, 10**6))
"""Bytes and merchants of the files whose time to result is shown."""
ACCOUNTS = ((10, 40), (10, 10), (1000, 40), (1000, 400))
"""Calls at once in the account, and mapConcurrency."""
CROWDED = ((64 * MIB, 40), (16 * MIB, 40), (2 * MIB, 40), (2 * MIB, 10))
"""partitionBytes and mapConcurrency for a file whose every line is of another merchant."""


@dataclass(frozen=True)
class Case:
    """A number of files with so many orders and merchants each, where and how deployed."""

    orders: int
    merchants: int
    files: int = 1
    file_bytes: int | None = None
    account: int = Place.lambda_concurrency
    map_concurrency: int = Settings.map_concurrency
    partition_bytes: int = Settings.partition_bytes


@functools.cache
def estimate_of(case: Case) -> Estimate:
    """The estimate of a case."""
    file_bytes = case.orders * BYTES_PER_LINE if case.file_bytes is None else case.file_bytes
    load = load_of(
        delivered_bytes=file_bytes,
        lines=case.orders,
        merchants=case.merchants,
        files=case.files,
    )
    settings = Settings(map_concurrency=case.map_concurrency, partition_bytes=case.partition_bytes)
    return Estimate(load=load, settings=settings, place=Place(lambda_concurrency=case.account))
