"""Which steps may be taken at once, because nobody can tell whether they came earlier or later.

Such a step changes nothing but the place of the worker that takes it, and would do the same at any later
moment: it reads what can't change any more, or is refused for good. So of all orders one is enough.
No property looks at the places of workers.
"""

from __future__ import annotations

from tests.fault.model.model import Bug, Model
from tests.fault.model.state import FAILED, SUCCEEDED, SUPERSEDED, UNKNOWN, Copy, State

ONCE_LOCAL = {
    ("look", "record"),  # refused: `looks` only grows, and an outcome stays
    ("index", "supersede"),  # a run that isn't RUNNING never is again
    ("index", "list"),
    ("sales", "write ahead"),  # results are there, and stay
    ("sales", "commit"),  # refused: revisions only grow
    ("sales", "done"),
    ("settle", "status"),  # final
    ("fail", "give up"),  # refused: an outcome stays
    ("fail", "fail"),
}
"""Steps that are the same later whenever they change nothing but a place now."""
UNSTABLE = {Bug.RESULTS_OVERWRITTEN, Bug.NO_COMMIT_CONDITION, Bug.LISTED_PARTITIONS}
"""With these, some of that isn't so."""


def at_once(model: Model, state: State, copy: Copy, after: State) -> bool:
    """Whether this step, the only one that the copy can take, may be taken at once."""
    if after[:4] != state[:4] or model.bugs & UNSTABLE:
        return False
    step = copy.stage, copy.at
    return step in ONCE_LOCAL or (step in STABLE and STABLE[step](model, state, copy))


def _outcome_known(model: Model, state: State, copy: Copy) -> bool:
    return state.executions[copy.execution].outcome != UNKNOWN and Bug.OWN_REGISTRATION not in model.bugs


def _no_more_changes(model: Model, state: State, copy: Copy) -> bool:
    changes = model.changes[state.executions[copy.execution].key]
    return changes[state.script] == changes[-1]


def _newer_fence(model: Model, state: State, copy: Copy) -> bool:  # noqa: ARG001
    execution = state.executions[copy.execution]
    return state.keys[execution.key].fence > execution.run


def _all_done_or_newer(model: Model, state: State, copy: Copy) -> bool:
    """Of the next batch: what is stored is of this revision or a newer one."""
    execution = state.executions[copy.execution]
    stored = state.keys[execution.key].stored
    cells = copy.memory[3]
    assert isinstance(cells, tuple)
    return all(stored[cell][0] >= execution.run for cell in cells[: model.scenario.batch])


def _final(model: Model, state: State, copy: Copy) -> bool:
    _, run = model.run_of(state, state.executions[copy.execution])
    return run.status in (SUCCEEDED, SUPERSEDED)


def _earlier_are_final(model: Model, state: State, copy: Copy) -> bool:  # noqa: ARG001
    execution = state.executions[copy.execution]
    for run in reversed(state.keys[execution.key].runs[: execution.run - 1]):
        if run.status not in (SUCCEEDED, SUPERSEDED):
            return False
        if run.status == SUCCEEDED:
            return True
    return True


def _results_complete(model: Model, state: State, copy: Copy) -> bool:  # noqa: ARG001
    asked = copy.memory[2]
    assert isinstance(asked, tuple)
    return all(state.keys[state.executions[copy.execution].key].runs[asked[0] - 1].results)


def _done_complete(model: Model, state: State, copy: Copy) -> bool:
    return all(model.run_of(state, state.executions[copy.execution])[1].done)


def _ended_for_good(model: Model, state: State, copy: Copy) -> bool:  # noqa: ARG001
    status = state.executions[copy.execution].status
    return status == SUCCEEDED or (status == FAILED and not state.redrives)


STABLE = {
    ("look", "outcome"): _outcome_known,
    ("look", "head"): _no_more_changes,
    ("index", "shard"): _no_more_changes,
    ("index", "fence"): _newer_fence,
    ("sales", "fence"): _newer_fence,
    ("sales", "read"): _all_done_or_newer,
    ("sales", "runs"): _earlier_are_final,
    ("sales", "results"): _results_complete,
    ("settle", "run"): _final,
    ("settle", "done objects"): _done_complete,
    ("settle", "fence"): _newer_fence,
    ("fail", "ending"): _ended_for_good,
    ("fail", "outcome"): _outcome_known,
}
"""Steps that are the same later if this holds now."""
