"""What Step Functions does: start workers, take their answers, fail, and go on when it is redriven."""

from __future__ import annotations

from collections.abc import Iterator

from tests.fault.model.model import Model
from tests.fault.model.state import (
    FAILED,
    RUNNING,
    SUCCEEDED,
    Copy,
    Execution,
    State,
    ended,
    started,
    with_execution,
)

FIRST_STEPS = {"look": "outcome", "index": "shard", "sales": "write ahead", "settle": "run", "fail": "ending"}


def begin(model: Model, state: State, key: int, *, replay: bool, event: int) -> State:
    """A new execution, with the code that is deployed now."""
    order_format = sum(action.verb == "deploy" for action in model.scenario.script[: state.script])
    execution = Execution(key, replay, order_format, event, RUNNING, "look")
    state = state._replace(executions=(*state.executions, execution))
    return enter(model, state, len(state.executions) - 1, "look")


def enter(model: Model, state: State, number: int, stage: str) -> State:
    """Start a stage's workers, all copies at once: any of them may wait long before its first step."""
    execution = state.executions[number]
    parts: tuple[int, ...] = (0,)
    if stage == "sales":
        parts = execution.open or tuple(range(len(model.parts(execution.run))))
        execution = execution._replace(open=parts)
    state = with_execution(state, number, execution._replace(stage=stage, status=RUNNING))
    at = model.first_step(stage) or FIRST_STEPS[stage]
    return started(state, [Copy(number, stage, at, p) for p in parts for _ in range(model.copies(stage))])


def waits_for(state: State, copy: Copy) -> bool:
    """Whether the execution still waits for an answer of this worker, or it is a zombie."""
    execution = state.executions[copy.execution]
    return (
        execution.status == RUNNING
        and execution.stage == copy.stage
        and (copy.stage != "sales" or copy.part in execution.open)
    )


def answered(model: Model, state: State, copy: Copy, following: str) -> State:
    """The copy ends; if the execution waited for it, it goes on to the following stage, or succeeds."""
    after = ended(state, copy)
    if not waits_for(state, copy):
        return after
    execution = state.executions[copy.execution]
    if copy.stage == "sales":
        still = tuple(part for part in execution.open if part != copy.part)
        after = with_execution(after, copy.execution, execution._replace(open=still))
        return after if still else enter(model, after, copy.execution, following)
    if following:
        return enter(model, after, copy.execution, following)
    return with_execution(after, copy.execution, execution._replace(status=SUCCEEDED))


def failed(model: Model, state: State, copy: Copy, status: str = FAILED) -> State:
    """The copy raises an error that is not retried; if the execution waited for it, it fails."""
    after = ended(state, copy)
    return give_up(model, after, copy.execution, status) if waits_for(state, copy) else after


def give_up(model: Model, state: State, number: int, status: str = FAILED) -> State:
    """An execution fails, and fail_run is told (unless that is lost)."""
    execution = state.executions[number]._replace(status=status, told=False)
    after = with_execution(state, number, execution)
    copies = 0 if model.scenario.fail_run_lost else model.copies("fail")
    return started(after, [Copy(number, "fail", FIRST_STEPS["fail"])] * copies)


def execution_steps(model: Model, state: State) -> Iterator[tuple[str, State]]:
    """Give-ups and redrives."""
    for number, execution in enumerate(state.executions):
        may_give_up = state.give_ups and model.scenario.give_up_at in ("", execution.stage)
        if execution.status == RUNNING and may_give_up:
            fewer = state._replace(give_ups=state.give_ups - 1)
            yield (
                f"execution {number + 1} fails: its {execution.stage} worker gave up",
                give_up(model, fewer, number),
            )
        if execution.status == FAILED and state.redrives:
            fewer = state._replace(redrives=state.redrives - 1)
            yield f"execution {number + 1} is redriven", enter(model, fewer, number, execution.stage)
