"""Keys whose totals moved, or may be wrong, while something was read."""

from __future__ import annotations

from collections.abc import Mapping

from cli.deployment import Deployment
from cli.printing import printable, say
from cli.reading_runs import Standing, standings
from cli.suggested import shell_word
from lambdas.adapters.dynamodb import Item

Unsettled = dict[str, list[str]]
"""Keys that are `running`, or were replaced meanwhile, and keys that are `partly_counted`."""

WORDS = {
    "running": "running while this was read: {}",
    "partly_counted": (
        "partly counted, because a run FAILED: {}; `merchant-sales run {key}` says how to go on"
    ),
}


def unsettled_between(
    deployment: Deployment, before: Mapping[str, Item], after: Mapping[str, Item]
) -> Unsettled:
    """How the keys stand that may show in what was read between two looks at all key items."""
    changed = {name for name in after if after[name].get("revision") != before.get(name, {}).get("revision")}
    found: list[Standing] = []
    for items, busy in ((before, set()), (after, changed)):
        stand = standings(deployment.dynamodb, deployment.runs_table, items)
        found += [
            Standing(
                object_key=one.object_key,
                running=one.running or name in busy,
                partly_counted=one.partly_counted,
            )
            for name, one in stand.items()
        ]
    return {
        "running": sorted({one.object_key for one in found if one.running}),
        "partly_counted": sorted({one.object_key for one in found if one.partly_counted}),
    }


def tell_unsettled(unsettled: Unsettled) -> None:
    """Name them on stderr."""
    for remark, keys in unsettled.items():
        if keys:
            told = ", ".join(map(printable, keys))
            key = shell_word(keys[0]) if len(keys) == 1 else "KEY"
            say(WORDS[remark].format(told, key=key), style="yellow")
