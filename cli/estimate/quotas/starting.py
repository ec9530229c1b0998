"""Quotas of what starts and leads: EventBridge and Step Functions."""

from __future__ import annotations

import json
from collections.abc import Iterator

from cli.estimate.quotas.quota import Deployment, Quota
from cli.estimate.requests import transitions
from cli.estimate.wording import count, duration, size

EVENTS_OF_AN_ITERATION = 7
"""Started, state entered, task scheduled, started, succeeded, state exited, succeeded; a retry adds three."""
SMALL_FILE_BYTES = 1_000_000


def starting(at: Deployment) -> Iterator[Quota]:
    """EventBridge and Step Functions."""
    limits, settings = at.facts.limits, at.settings
    start = at.facts.assumed.transitions_per_child_start
    small = transitions(at.estimate(SMALL_FILE_BYTES, 100).shape, per_child_start=start)
    partition = json.dumps({"lo": "00000000", "hi": "ffffffff"}) + ","
    calls = at.estimate(10**11).model.sales()
    yield Quota(
        name=f"EventBridge delivers for {limits.eventbridge_retry_hours} hours",
        reached="an outage that lasts longer",
        then="the event goes to the dead-letter queue, with an alarm; then `merchant-sales replay KEY`",
    )
    yield Quota(
        name=f"{limits.executions_started_per_second} executions started a second",
        reached=f"{count(limits.executions_started_per_second)} files a second for longer than a moment",
        then="EventBridge tries again; nothing is lost",
    )
    yield Quota(
        name=f"{count(limits.transitions_per_second)} state transitions a second",
        reached=f"{count(limits.transitions_per_second / small)} small files a second, of {small} each",
        then="executions wait for each other",
    )
    yield Quota(
        name=f"state of {limits.state_payload_bytes // 1024} KiB",
        reached=f"{count(limits.state_payload_bytes / len(partition))} partitions in the state",
        then=f"not reached: above {settings.inline_partitions} (inlinePartitions) the list is read from S3",
    )
    yield Quota(
        name=f"{count(limits.history_events)} events in a history",
        reached=f"{count(limits.history_events / EVENTS_OF_AN_ITERATION)} partitions in an inline Map",
        then=f"not reached: above {settings.inline_partitions} each has a history of its own",
    )
    yield Quota(
        name=f"{limits.map_starts_per_second} children started a second",
        reached=f"calls shorter than {duration(settings.map_concurrency / limits.map_starts_per_second)}, "
        f"{settings.map_concurrency} at once (mapConcurrency)",
        then=f"not reached by sales workers of 100 GB ({duration(calls.stage.seconds)} each)",
    )
    yield Quota(
        name=f"{count(limits.map_children_at_once)} children at once",
        reached=f"mapConcurrency {limits.map_children_at_once}",
        then="not reached: mapConcurrency ends at 1,000",
    )
    yield Quota(
        name=f"{count(limits.map_items)} items of a Map Run",
        reached=f"a file of {size(limits.map_items * settings.split_bytes)}",
        then="not reached: S3 takes no such object",
    )
    yield Quota(
        name=f"{count(limits.open_map_runs)} open Map Runs",
        reached=f"{count(limits.open_map_runs)} files above {size(settings.split_bytes)} at the same moment",
        then="further Map Runs wait for one to end",
    )
