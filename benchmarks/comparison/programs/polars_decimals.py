"""Polars with its decimal type, told for each column."""

from __future__ import annotations

import polars as pl

from benchmarks.comparison.programs.output import given, write_sums

AMOUNT = pl.Decimal(38, 4)


def main() -> None:
    """Scan lazily, by the streaming engine."""
    out, files = given()
    lines = pl.scan_csv(files, schema_overrides={"l_extendedprice": AMOUNT, "l_discount": AMOUNT})
    net = (pl.col("l_extendedprice") * (pl.lit(1).cast(AMOUNT) - pl.col("l_discount"))).sum()
    sums = lines.group_by("l_suppkey").agg(net=net).collect(engine="streaming")
    write_sums(out, {str(merchant): amount for merchant, amount in sums.iter_rows()})


if __name__ == "__main__":
    main()
