"""The keys that are partly counted and may show in a list of merchants, found without reading every key."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from cli.deployment import CALLS_AT_ONCE, Deployment
from cli.printing import printable
from cli.reading_runs import key_items, standings
from cli.reading_sales import files_of
from cli.suggested import shell_word
from lambdas.adapters.dynamodb import Item
from lambdas.domain.order_file import RunId

MERCHANTS_LOOKED_AT = 100
"""The first of each list: each takes a query."""
FILES_LOOKED_AT = 1000
"""Of each of them: DynamoDB bills whole contributions."""
KEYS_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class PartlyCounted:
    """Keys by key hash, and the key hashes of a merchant's files by (merchant, currency)."""

    keys: Mapping[str, str]
    files: Mapping[tuple[str, str], Collection[str]]

    def of(self, total: Item) -> list[str]:
        """The keys among the files of a merchant's total."""
        files = self.files.get((total["merchant_id"], total["currency"]), ())
        return sorted(self.keys[name] for name in files if name in self.keys)

    @property
    def told(self) -> str:
        """What it means for the figures, in one line; nothing where no key is."""
        if not self.keys:
            return ""
        names = sorted(map(printable, self.keys.values()))
        more = f" and {len(names) - KEYS_NAMED:,} more" if len(names) > KEYS_NAMED else ""
        key = shell_word(*self.keys.values()) if len(self.keys) == 1 else "KEY"
        return (
            f"partly counted, because a run FAILED: {', '.join(names[:KEYS_NAMED])}{more}; their part of "
            f"these sales is partly old, partly new; `merchant-sales run {key}` says how to go on"
        )


def partly_counted(
    deployment: Deployment, lists: Iterable[Sequence[Item]], newest_runs: Sequence[Item]
) -> PartlyCounted:
    """Those among the files of the first totals of each list, and among the newest runs.

    A key of the newest runs may lack merchants of whom it holds sales and none are stored yet.
    """
    looked_at = [item for totals in lists for item in totals[:MERCHANTS_LOOKED_AT]]
    abouts = [(item["merchant_id"], item["currency"]) for item in looked_at]

    def files(about: tuple[str, str]) -> set[str]:
        return files_of(deployment.dynamodb, deployment.sales_table, *about, most=FILES_LOOKED_AT)

    with ThreadPoolExecutor(CALLS_AT_ONCE) as readers:
        found = dict(zip(abouts, readers.map(files, abouts), strict=True))
    names = {RunId.parse(run["run_id"]).keyhash for run in newest_runs}.union(*found.values())
    client, table = deployment.dynamodb, deployment.runs_table
    stand = standings(client, table, key_items(client, table, names))
    keys = {name: one.object_key for name, one in stand.items() if one.partly_counted}
    return PartlyCounted(keys=keys, files=found)
