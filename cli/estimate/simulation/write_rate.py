"""The write rate of an on-demand table: what it takes at once, and how that doubles while it is kept busy."""

from __future__ import annotations

from cli.estimate.simulation.work import Account


class WriteRate:
    """A table and its index as one queue; a write waits until those before it are through.

    SDK retries of throttled writes are not told apart from waiting: the throughput is the same.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._free_at = 0.0
        self._busy_seconds = 0.0
        self.table_units = self.index_units = 0.0

    @property
    def units_per_second(self) -> float:
        """What the table takes now: twice as much for each period that it has been kept busy."""
        doublings = int(self._busy_seconds // self._account.doubling_seconds)
        grown: float = self._account.new_table_writes_per_second * 2**doublings
        return min(grown, self._account.most_table_writes_per_second)

    def write(self, now: float, table_units: float, index_units: float) -> float:
        """When a write of so many units, asked for now, is through."""
        rate = self.units_per_second
        index_rate = min(rate, self._account.index_writes_per_second)
        seconds = max(table_units / rate, index_units / index_rate)
        self._free_at = max(now, self._free_at) + seconds
        self._busy_seconds += seconds
        self.table_units += table_units
        self.index_units += index_units
        return self._free_at
