"""Polars as most people write it: with floating-point numbers."""

from __future__ import annotations

import polars as pl

from benchmarks.comparison.programs.output import given, write_sums


def main() -> None:
    """Scan lazily, by the streaming engine."""
    out, files = given()
    net = (pl.col("l_extendedprice") * (1 - pl.col("l_discount"))).sum()
    sums = pl.scan_csv(files).group_by("l_suppkey").agg(net=net).collect(engine="streaming")
    write_sums(out, {str(merchant): amount for merchant, amount in sums.iter_rows()})


if __name__ == "__main__":
    main()
