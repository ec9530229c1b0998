"""Sweep: look at every key whose newest run isn't of what it holds now, and settle abandoned runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from time import sleep
from typing import Any

from botocore.exceptions import ClientError

from lambdas.adapters.aws import aws, now
from lambdas.adapters.counted_bucket import require_counted_bucket
from lambdas.adapters.runs_table import iso
from lambdas.adapters.sweep import Cursor, Page, Sweep
from lambdas.adapters.sweep_place import SweepPlace
from lambdas.adapters.sweep_sides import PlaceRefusedError
from lambdas.domain.measures import Measure
from lambdas.domain.order_format import load_order_formats

FORMATS = Path(__file__).parents[2] / "formats"
EVENTS_TAKE = timedelta(minutes=15)
"""So long a change of a key is left to its event."""
LOOKS_PER_SECOND = 10.0
"""So that files which nobody looked at don't crowd out those that arrive now."""
LEFT_FOR_A_PAGE_SECONDS = 240.0
"""A page of 1,000 keys that all need a look takes 100 s at that pace."""
MOST_CALLS = 12
"""Of one sweep; Lambda stops a function that calls itself after 16. The next sweep goes on from there."""

MEASURED = {"looks": Measure.SWEEP_LOOKS, "abandoned": Measure.SWEEP_ABANDONED}


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take nothing, or what the call before made of itself; answer {done, held, known, looks, abandoned}.

    The first call goes on where the sweep before had to end, and measures how long the oldest order file has
    been waiting for its sales. When its time is nearly over it calls itself with the place to go on from.
    """
    aws().order_files.require_versions()  # or the look at each key would fail, as it would in another bucket
    require_counted_bucket(aws().runs_table, aws().order_files.bucket)
    began, calls = event.get("began") or iso(now()), event.get("calls") or 1
    sweep = event.get("sweep") or context.aws_request_id
    place = SweepPlace(runs=aws().runs_table, backoff=aws().backoff)
    cursor = Cursor.of(event["cursor"]) if event.get("cursor") else _begin(place, sweep)
    counts, rest = _compare(cursor, datetime.fromisoformat(began) - EVENTS_TAKE, context)
    aws().metrics.put({measure: counts[name] for name, measure in MEASURED.items()})
    counts += Counter(event.get("counts") or {})
    told = {name: counts[name] for name in ("held", "known", "looks", "abandoned")}
    aws().logger.info("swept", extra={**told, "calls": calls, "done": rest is None})
    if calls == 1:
        _measure_oldest(now())
    if _goes_on(place, sweep, rest, calls) and rest is not None:
        cursor_values = {"side": rest.side, "place": dict(rest.place)}
        again = {"sweep": sweep, "cursor": cursor_values, "began": began, "calls": calls + 1, "counts": told}
        aws().call_later(context.invoked_function_arn, again)
    return {"done": rest is None, **told}


def _begin(place: SweepPlace, sweep: str) -> Cursor:
    beginning = place.take(sweep, now())
    aws().metrics.put({Measure.SWEEPS_UNFINISHED: beginning.unfinished})
    if beginning.refused:
        aws().logger.warning(
            "the sweep begins at the start: its place is of no use", extra=_why(beginning.refused)
        )
    return beginning.cursor


def _compare(cursor: Cursor, changed_before: datetime, context: Any) -> tuple[Counter[str], Cursor | None]:
    sweep = Sweep(
        order_files=aws().order_files,
        runs=aws().runs_table,
        executions=aws().executions,
        looks=aws().looks,
        events=aws().run_events,
        formats=load_order_formats(FORMATS),
        changed_before=changed_before,
        backoff=aws().backoff,
        now=now,
    )
    seconds_left = lambda: context.get_remaining_time_in_millis() / 1000  # noqa: E731
    try:
        return put_right(sweep, cursor, seconds_left=seconds_left, sleep=sleep)
    except PlaceRefusedError as e:
        aws().logger.warning("the sweep begins at the start: its place was refused", extra=_why(str(e)))
    return put_right(sweep, Cursor(place={}), seconds_left=seconds_left, sleep=sleep)


def _goes_on(place: SweepPlace, sweep: str, rest: Cursor | None, calls: int) -> bool:
    """Whether this sweep goes on in another call; keeps how far it is, for the next sweep."""
    mine = place.finish(sweep, now()) if rest is None else place.keep(sweep, rest, now())
    if not mine:
        aws().logger.info("another sweep goes on from here")
        return False
    if rest is not None and calls >= MOST_CALLS:
        aws().logger.warning("the sweep ends before the end: the next one goes on", extra={"side": rest.side})
        return False
    return rest is not None


def _measure_oldest(moment: datetime) -> None:
    try:
        started = aws().executions.oldest_running(aws().settings.state_machine)
    except ClientError as e:
        aws().logger.warning("the oldest file could not be measured", extra=_why(str(e)))
        return
    if started is not None:
        aws().metrics.put({Measure.OLDEST_RUNNING_SECONDS: (moment - started).total_seconds()})


def put_right(
    sweep: Sweep, cursor: Cursor, *, seconds_left: Callable[[], float], sleep: Callable[[float], None]
) -> tuple[Counter[str], Cursor | None]:
    """Put right what is missing, page by page, while there is time; the counts, and where to go on."""
    counts: Counter[str] = Counter()
    for page in sweep.pages(cursor):
        counts += _put_page_right(sweep, page, sleep)
        if page.rest is not None and seconds_left() < LEFT_FOR_A_PAGE_SECONDS:
            return counts, page.rest
    return counts, None


def _put_page_right(sweep: Sweep, page: Page, sleep: Callable[[float], None]) -> Counter[str]:
    counts = Counter(held=page.held, known=page.known)
    for finding in page.findings:
        sweep.put_right(finding)
        counts["abandoned" if finding.run_id else "looks"] += 1
        aws().logger.info("missing", extra={"key": finding.key, "why": finding.why, "run_id": finding.run_id})
        if finding.run_id is None:
            sleep(1 / LOOKS_PER_SECOND)
    return counts


def _why(reason: str) -> dict[str, str]:
    return {"reason": reason}
