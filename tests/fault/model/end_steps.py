"""settle_run and fail_run: how a run ends."""

from __future__ import annotations

from collections.abc import Iterator

from tests.fault.model.execution_steps import answered, failed
from tests.fault.model.model import Bug, Model
from tests.fault.model.state import (
    FAILED,
    GIVEN_UP,
    LOST_PARTITION,
    NOTHING,
    RUNNING,
    SUCCEEDED,
    SUPERSEDED,
    UNKNOWN,
    Copy,
    State,
    ended,
    moved,
    with_execution,
    with_run,
)

Steps = Iterator[tuple[str, State]]


def run(model: Model, state: State, copy: Copy) -> Steps:
    """Read the RUN item; a final status is the answer."""
    _, found = model.run_of(state, state.executions[copy.execution])
    if found.status in (SUCCEEDED, SUPERSEDED):
        yield f"finds its run {found.status}", answered(model, state, copy, "")
    else:
        yield f"finds its run {found.status}", moved(state, copy, "done objects")


def done_objects(model: Model, state: State, copy: Copy) -> Steps:
    """Read a done object per partition."""
    _, found = model.run_of(state, state.executions[copy.execution])
    empty = Bug.LISTED_PARTITIONS in model.bugs and found.listed == "empty"
    if empty and any(model.content(model.computed(found)[0])):
        yield "finds no partition but order lines, and raises", failed(model, state, copy, LOST_PARTITION)
    elif empty or all(found.done):
        yield "finds every partition done", moved(state, copy, "status", SUCCEEDED)
    else:
        yield "finds a partition that is not done", moved(state, copy, "fence")


def fence(model: Model, state: State, copy: Copy) -> Steps:
    """Read the fence: a newer one explains the missing partition."""
    execution = state.executions[copy.execution]
    now = state.keys[execution.key].fence
    if now > execution.run:
        yield f"reads the fence {now}", moved(state, copy, "status", SUPERSEDED)
    else:
        yield f"reads the fence {now}, and raises", failed(model, state, copy, LOST_PARTITION)


def status(model: Model, state: State, copy: Copy) -> Steps:
    """Change the status of a run that is RUNNING or FAILED."""
    number = state.executions[copy.execution].key
    revision, found = model.run_of(state, state.executions[copy.execution])
    (ending,) = copy.memory
    if found.status in (RUNNING, FAILED):
        state = with_run(state, number, revision, found._replace(status=str(ending)))
    yield f"marks its run {ending}, unless it has ended", answered(model, state, copy, "")


def execution_ending(model: Model, state: State, copy: Copy) -> Steps:  # noqa: ARG001
    """fail_run describes the execution: one that is redriven is left alone."""
    if state.executions[copy.execution].status == FAILED:
        yield "finds the execution failed", moved(state, copy, "outcome")
    else:
        yield "finds that the execution goes on", ended(state, copy)


def look_outcome(model: Model, state: State, copy: Copy) -> Steps:  # noqa: ARG001
    """fail_run reads the look's outcome."""
    found = state.executions[copy.execution].outcome
    if found == UNKNOWN:
        yield "finds no outcome of the look", moved(state, copy, "give up")
    elif found in (NOTHING, GIVEN_UP):
        yield "finds that the look registered nothing", _told(state, copy)
    else:
        yield f"finds revision {found}", moved(state, copy, "fail", found)


def give_up_look(model: Model, state: State, copy: Copy) -> Steps:  # noqa: ARG001
    """fail_run records that the look was given up, on condition that it has no outcome."""
    execution = state.executions[copy.execution]
    if execution.outcome != UNKNOWN:
        yield "is refused: the look has an outcome now", moved(state, copy, "outcome")
    else:
        given_up = with_execution(state, copy.execution, execution._replace(outcome=GIVEN_UP))
        yield "records that the look was given up", _told(given_up, copy)


def fail(model: Model, state: State, copy: Copy) -> Steps:  # noqa: ARG001
    """fail_run marks the run FAILED if it is RUNNING."""
    number = state.executions[copy.execution].key
    (revision,) = copy.memory
    assert isinstance(revision, int)
    found = state.keys[number].runs[revision - 1]
    if found.status == RUNNING:
        state = with_run(state, number, revision, found._replace(status=FAILED))
    yield f"marks revision {revision} FAILED, if it is RUNNING", _told(state, copy)


def _told(state: State, copy: Copy) -> State:
    told = state.executions[copy.execution]._replace(told=True)
    return with_execution(ended(state, copy), copy.execution, told)


SETTLE_STEPS = {"run": run, "done objects": done_objects, "fence": fence, "status": status}
FAIL_STEPS = {
    "ending": execution_ending,
    "outcome": look_outcome,
    "give up": give_up_look,
    "fail": fail,
}
