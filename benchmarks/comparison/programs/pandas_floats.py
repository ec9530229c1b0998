"""pandas as most people write it: with floating-point numbers."""

from __future__ import annotations

import pandas as pd

from benchmarks.comparison.programs.output import given, write_sums

COLUMNS = ["l_suppkey", "l_extendedprice", "l_discount"]


def main() -> None:
    """Read the three columns of every file, and group."""
    out, files = given()
    lines = pd.concat([pd.read_csv(file, usecols=COLUMNS) for file in files])
    net = lines["l_extendedprice"] * (1 - lines["l_discount"])
    write_sums(
        out, {str(merchant): amount for merchant, amount in net.groupby(lines["l_suppkey"]).sum().items()}
    )


if __name__ == "__main__":
    main()
