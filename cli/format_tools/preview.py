"""What the parser makes of a sample by a drafted format: its first lines, and what it rejects."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from cli.format_tools.sample import Sample
from cli.format_tools.trial import Sharded, Workbench, shard_file
from cli.printing import money, number, table
from lambdas.domain.database import quoted
from lambdas.domain.order_format import OrderFormat

SHOWN = {
    "merchant_id": "merchant_id",
    "amount": "amount",
    "currency": "currency",
    "order_id": "order_id",
    "line_id": "line_id",
    "quantity": "quantity",
    "ordered_at": "strftime(ordered_at, '%Y-%m-%d %H:%M:%S')",
    "month": "printf('%04d-%02d', month // 100, month % 100)",
}
HEADINGS = {"ordered_at": "ordered_at (UTC)", "amount": ">amount", "quantity": ">quantity"}


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The first accepted lines by field, the counts of the sample, and its rejects by reason."""

    names: Sequence[str]
    rows: Sequence[Sequence[Any]]
    lines: int
    rejected: int
    reasons: Sequence[tuple[str, int]]

    def tables(self) -> list[Table | str]:
        """The preview for people."""
        parts: list[Table | str] = []
        if self.rows:
            parts.append(self._lines())
        parts.append(f"lines of the sample: {number(self.lines)}, rejected: {number(self.rejected)}")
        parts += [f"  {number(count)}: {reason}" for reason, count in self.reasons]
        return parts

    def _lines(self) -> Table:
        amounts = money([row[self.names.index("amount")] for row in self.rows])
        rows = [
            [
                amounts[place] if name == "amount" else "" if cell is None else str(cell)
                for name, cell in zip(self.names, row, strict=True)
            ]
            for place, row in enumerate(self.rows)
        ]
        return table(*(HEADINGS.get(name, name) for name in self.names), rows=rows)


def preview(sample: Sample, order_format: OrderFormat, bench: Workbench, count: int) -> Preview:
    """Read the sample as a run would read the file; raises OrderFileError where it couldn't."""
    sharded = shard_file(io.BytesIO(sample.content), key=sample.key, order_format=order_format, bench=bench)
    names, rows = _first(sharded, bench, count)
    return Preview(
        names=names,
        rows=rows,
        lines=sharded.index.lines_read,
        rejected=sharded.index.rejected,
        reasons=list(sharded.index.reject_reasons.items()),
    )


def _first(sharded: Sharded, bench: Workbench, count: int) -> tuple[list[str], list[tuple[Any, ...]]]:
    if sharded.frame is None:
        return [], []
    source = f"read_parquet({quoted(str(sharded.frame))})"
    present = {row[0] for row in bench.connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    names = [name for name in SHOWN if name in present]
    columns = ", ".join(SHOWN[name] for name in names)
    rows = bench.connection.execute(f"SELECT {columns} FROM {source} ORDER BY line LIMIT {count}").fetchall()
    return names, rows
