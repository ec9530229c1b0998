"""plan_run: look at a key, and register a run if there is something to do."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from lambdas.domain.look import KeyState, next_revision
from lambdas.domain.order_file import OrderFile
from tests.fault.model.execution_steps import enter, failed
from tests.fault.model.model import Bug, Model
from tests.fault.model.state import (
    DELETED,
    FAILED,
    GIVEN_UP,
    NOTHING,
    RUNNING,
    SUCCEEDED,
    UNKNOWN,
    Copy,
    Key,
    Run,
    State,
    ended,
    moved,
    with_execution,
    with_key,
    with_run,
)

Steps = Iterator[tuple[str, State]]


def outcome(model: Model, state: State, copy: Copy) -> Steps:
    """Read the outcome of this execution's look."""
    found = state.executions[copy.execution].outcome
    if found == UNKNOWN or Bug.OWN_REGISTRATION in model.bugs:
        yield "finds no outcome of its look", moved(state, copy, "key")
    elif found == GIVEN_UP:
        yield "finds that its look was given up, and raises", failed(model, state, copy)
    else:
        yield from _answer(model, state, copy, found, f"finds its look's outcome ({told(found)})")


def key(model: Model, state: State, copy: Copy) -> Steps:
    """Read the key's item, strongly consistent."""
    number = state.executions[copy.execution].key
    item = state.keys[number]
    newest = len(item.runs)
    words = f"reads the key: {item.looks} looks, newest revision {newest}"
    if newest and item.runs[-1].status == RUNNING and _watched(model):
        yield words + ", RUNNING", moved(state, copy, "execution of the newest", item.looks, newest)
    elif Bug.ORDER_BY_EVENT in model.bugs:
        event = state.executions[copy.execution].event
        held = model.held_after_event(number, event)
        yield words, moved(state, copy, "record", item.looks, newest, held, event)
    else:
        yield words, moved(state, copy, "head", item.looks, newest)


def _watched(model: Model) -> bool:
    """Whether a RUNNING run is checked for an execution that has ended; without give-ups there is none."""
    return bool(model.scenario.give_ups) and Bug.ABANDONED_RUN not in model.bugs


def execution_of_newest(model: Model, state: State, copy: Copy) -> Steps:  # noqa: ARG001
    """Describe the execution of the key's newest run, which is RUNNING."""
    own = state.executions[copy.execution]
    looks, newest = copy.memory
    for execution in state.executions:
        if execution.key == own.key and execution.outcome == newest and execution.status == FAILED:
            yield "finds that its execution has failed", moved(state, copy, "fail the newest", newest)
            return
    yield "finds that its execution has not failed", moved(state, copy, "head", looks, newest)


def fail_newest(model: Model, state: State, copy: Copy) -> Steps:  # noqa: ARG001
    """Settle the run that its execution left, as fail_run would, and look again."""
    number = state.executions[copy.execution].key
    (revision,) = copy.memory
    assert isinstance(revision, int)
    run = state.keys[number].runs[revision - 1]
    after = moved(state, copy, "outcome")
    if run.status == RUNNING:
        after = with_run(after, number, revision, run._replace(status=FAILED))
    yield f"marks revision {revision} FAILED, unless it has ended", after


def head(model: Model, state: State, copy: Copy) -> Steps:
    """Ask S3 what the key holds now."""
    number = state.executions[copy.execution].key
    held = model.held[number][state.script]
    changes = model.changes[number][state.script]
    yield f"asks S3: the key holds {held}", moved(state, copy, "record", *copy.memory, held, changes)


def record(model: Model, state: State, copy: Copy) -> Steps:
    """One transaction, if `looks` is unchanged: raise it, put the outcome if there is none, and a run."""
    looks, newest, held, changes = copy.memory
    assert isinstance(newest, int)
    assert isinstance(held, str)
    assert isinstance(changes, int)
    execution = state.executions[copy.execution]
    item = state.keys[execution.key]
    known_outcome = execution.outcome != UNKNOWN and Bug.OWN_REGISTRATION not in model.bugs
    if item.looks != looks or known_outcome:
        yield "is refused: the key was looked at in between", moved(state, copy, "outcome")
        return
    if Bug.ORDER_BY_EVENT in model.bugs:
        later = not newest or item.runs[-1].event < changes
        revision = newest + 1 if later and (newest or held != DELETED) else None
    else:
        revision = decide(newest, item.runs[newest - 1].version if newest else None, held, execution.replay)
    raised = item.looks + (revision is not None or Bug.LOOKS_NOT_RAISED not in model.bugs)
    after = item._replace(
        looks=raised, seen=item.seen or changes == model.changes[execution.key][state.script]
    )
    if revision:
        after = _registered(model, after, revision, held, changes, execution.order_format)
    found = revision or NOTHING
    recorded = with_execution(state, copy.execution, execution._replace(outcome=found))
    recorded = with_key(recorded, execution.key, after)
    yield from _answer(model, recorded, copy, found, f"records the look's outcome: {told(found)}")


def _registered(model: Model, item: Key, revision: int, held: str, changes: int, order_format: int) -> Key:
    event = changes if Bug.ORDER_BY_EVENT in model.bugs else 0
    parts = len(model.parts(revision))
    run = Run(held, order_format, event, RUNNING, ("",) * parts, (False,) * parts)
    fence = revision if Bug.FENCE_IN_PLAN_RUN in model.bugs else item.fence
    return item._replace(runs=(*item.runs, run), fence=fence)


def _answer(model: Model, state: State, copy: Copy, found: int, words: str) -> Steps:
    """Answer; the execution gets the answer, or the worker dies before it does."""
    execution = state.executions[copy.execution]
    answers = tuple(sorted({*execution.answers, found}))
    gone = with_execution(ended(state, copy), copy.execution, execution._replace(answers=answers))
    waiting = execution.status == RUNNING and execution.stage == "look"
    if not waiting:
        yield words, gone
        return
    if model.copies("look") > 1:
        yield words + " (and dies)", gone
    now = gone.executions[copy.execution]
    if found == NOTHING:
        yield words, with_execution(gone, copy.execution, now._replace(status=SUCCEEDED))
    else:
        taken = with_execution(gone, copy.execution, now._replace(run=found))
        yield words, enter(model, taken, copy.execution, "index")


def told(found: int) -> str:
    """An outcome in words."""
    return "nothing to do" if found == NOTHING else f"revision {found}"


@cache
def decide(newest: int, known: str | None, held: str, replay: bool) -> int | None:
    """The rule of the real plan_run."""
    state = KeyState(revision=newest, version_id=known)
    return next_revision(state, OrderFile(bucket="", key="", version_id=held), replay=replay)


STEPS = {
    "outcome": outcome,
    "key": key,
    "execution of the newest": execution_of_newest,
    "fail the newest": fail_newest,
    "head": head,
    "record": record,
}
