"""What must hold: at every state, and once everything has settled (section "Exactly once" of the design)."""

from __future__ import annotations

from tests.fault.model.model import Model
from tests.fault.model.state import (
    DELETED,
    FAILED,
    LOST_PARTITION,
    RUNNING,
    SUCCEEDED,
    SUPERSEDED,
    Key,
    State,
)


def violation(model: Model, state: State) -> str:
    """The first property that this state breaks, in words, or nothing."""
    return _always(model, state) or (_when_settled(model, state) if settled(model, state) else "")


def settled(model: Model, state: State) -> bool:
    """Whether nothing needs to happen any more.

    All executions have ended, and fail_run has dealt with those that failed. Events that are not delivered
    may be lost, and workers that are still under way may be dead, so both are no reason to wait.
    """
    for execution in state.executions:
        if execution.status == RUNNING:
            return False
        if execution.status == FAILED and not execution.told and not model.scenario.fail_run_lost:
            return False
    return bool(state.executions)


def _always(model: Model, state: State) -> str:
    for cell, total in enumerate(state.totals):
        if total != sum(key.stored[cell][1] for key in state.keys):
            return f"the total of {model.names((cell,))} is not the sum of its contributions"
    for key in state.keys:
        for cell, (revision, amount) in enumerate(key.stored):
            if revision and amount != model.counted(key.runs[revision - 1], revision, cell):
                return f"a contribution is not what the results of its run (revision {revision}) say"
        not_valid = key.fence and key.runs[key.fence - 1].version in model.scenario.invalid
        for revision, run in enumerate(key.runs, 1):
            if run.status == SUCCEEDED and not all(run.done):
                return f"revision {revision} SUCCEEDED, but a partition of it is not done"
            if run.status == SUPERSEDED and not_valid:
                return f"revision {revision} is SUPERSEDED by a file that fails its validation"
    for number, execution in enumerate(state.executions, 1):
        if len(execution.answers) > 1:
            return f"plan_run of execution {number} has answered twice, and not the same"
        if execution.status == LOST_PARTITION:
            return f"execution {number} {LOST_PARTITION}"
    return ""


def _when_settled(model: Model, state: State) -> str:
    for number, key in enumerate(state.keys):
        present = model.held[number][state.script]
        broken = _of_key(model, state, key, present)
        if broken:
            return f"settled, and key {number} holds {present}: {broken}"
    return ""


def _of_key(model: Model, state: State, key: Key, present: str) -> str:
    newest = len(key.runs)
    if key.seen and present != (key.runs[-1].version if newest else DELETED):
        return "it has no run, though a look came after it was put"
    if newest and key.runs[-1].status == RUNNING:
        return _abandoned(model, state, newest)
    if not key.fence:
        if any(amount for _, amount in key.stored):
            return "something is counted, though no run has set the fence"
        return "" if not newest or key.runs[-1].status == FAILED else "its newest run is not shown FAILED"
    holder = key.runs[key.fence - 1]
    if newest > key.fence and key.runs[-1].status != FAILED:
        return f"revision {newest} ended before its fence, but is {key.runs[-1].status}"
    if holder.status == FAILED:
        return ""  # shown as partly counted
    if holder.status != SUCCEEDED:
        return f"revision {key.fence} holds the fence, but is {holder.status}"
    for cell, (_, amount) in enumerate(key.stored):
        if amount != model.counted(holder, key.fence, cell):
            return f"what is counted of {model.names((cell,))} is not what revision {key.fence} says"
    return ""


def _abandoned(model: Model, state: State, newest: int) -> str:
    """A run may stay RUNNING only if fail_run was lost and nobody has looked since."""
    late = state.executions[-1]
    looked = model.scenario.late_look and late.outcome and late.outcome != newest
    if model.scenario.fail_run_lost and not looked:
        return ""
    return f"revision {newest} stays RUNNING, and nothing is running"


def all_counted(model: Model, state: State) -> bool:
    """Whether every key counts exactly what it holds."""
    return all(
        len(key.runs) == key.fence
        and key.runs[-1:]
        and key.runs[-1].status == SUCCEEDED
        and key.runs[-1].version == model.held[number][state.script]
        for number, key in enumerate(state.keys)
    )
