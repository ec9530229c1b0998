"""shard_orders and index_shards: read the pinned version, then set the fence."""

from __future__ import annotations

from collections.abc import Iterator

from tests.fault.model.execution_steps import answered, failed
from tests.fault.model.model import Bug, Model
from tests.fault.model.state import (
    DELETED,
    RUNNING,
    SUPERSEDED,
    Copy,
    State,
    moved,
    with_key,
    with_run,
)

Steps = Iterator[tuple[str, State]]


def shard(model: Model, state: State, copy: Copy) -> Steps:
    """Read the version that the run is of; it fails where that is gone or not valid."""
    execution = state.executions[copy.execution]
    _, run = model.run_of(state, execution)
    gone = run.version not in model.there[execution.key][state.script]
    if run.version != DELETED and gone:
        yield f"finds that {run.version} was removed, and raises", failed(model, state, copy)
    elif run.version in model.scenario.invalid:
        yield f"finds too many rejects in {run.version}, and raises", failed(model, state, copy)
    else:
        yield f"has read {run.version}", moved(state, copy, "fence")


def fence(model: Model, state: State, copy: Copy) -> Steps:
    """Set the key's fence, on condition that no newer one is there."""
    execution = state.executions[copy.execution]
    item = state.keys[execution.key]
    if item.fence > execution.run:
        yield f"finds the fence at {item.fence}", moved(state, copy, "supersede")
        return
    after = moved(state, copy, "list", "full")
    if Bug.FENCE_IN_PLAN_RUN not in model.bugs:
        after = with_key(after, execution.key, item._replace(fence=execution.run))
    yield f"sets the fence to {execution.run}", after


def supersede(model: Model, state: State, copy: Copy) -> Steps:
    """Mark the run SUPERSEDED, if it is RUNNING."""
    execution = state.executions[copy.execution]
    revision, run = model.run_of(state, execution)
    after = moved(state, copy, "list", "empty")
    if run.status == RUNNING:
        after = with_run(after, execution.key, revision, run._replace(status=SUPERSEDED))
    yield "marks its run SUPERSEDED, if it is RUNNING", after


def list_partitions(model: Model, state: State, copy: Copy) -> Steps:
    """Write the list of partitions, over one that is there, and answer with it."""
    execution = state.executions[copy.execution]
    revision, run = model.run_of(state, execution)
    (listed,) = copy.memory
    if Bug.LISTED_PARTITIONS in model.bugs:
        state = with_run(state, execution.key, revision, run._replace(listed=str(listed)))
    following = "sales" if listed == "full" else "settle"
    yield f"lists {'its' if listed == 'full' else 'no'} partitions", answered(model, state, copy, following)


STEPS = {"shard": shard, "fence": fence, "supersede": supersede, "list": list_partitions}
