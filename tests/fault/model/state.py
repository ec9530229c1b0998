"""The model's state: what the services hold, and where every worker stands. Tuples, so that it hashes."""

from __future__ import annotations

from bisect import insort
from typing import NamedTuple, TypeVar

T = TypeVar("T")

RUNNING, SUCCEEDED, FAILED, SUPERSEDED = "RUNNING", "SUCCEEDED", "FAILED", "SUPERSEDED"
LOST_PARTITION = "FAILED for a partition that is not done though no newer run took over"
UNKNOWN, NOTHING, GIVEN_UP = 0, 98, 99
"""Outcomes of a look; any other number is the revision that it registered."""
DELETED = "deleted"


class Run(NamedTuple):
    """A RUN item, and the run's objects in the work bucket."""

    version: str
    order_format: int
    event: int
    status: str
    results: tuple[str, ...]
    """By partition: the name of the content that was written ahead, or nothing."""
    done: tuple[bool, ...]
    listed: str = ""


class Key(NamedTuple):
    """A KEY item, its RUN items (revision 1 first), and its contributions."""

    looks: int
    fence: int
    runs: tuple[Run, ...]
    stored: tuple[tuple[int, int], ...]
    """By merchant and currency: revision and amount; (0, 0) where no item is."""
    seen: bool = False
    """No service holds this: whether a recorded look asked S3 after the key's last change."""


class Execution(NamedTuple):
    """An execution of the state machine, and its LOOK item."""

    key: int
    replay: bool
    order_format: int
    event: int
    status: str
    stage: str
    open: tuple[int, ...] = ()
    """The partitions that no worker has answered for yet."""
    outcome: int = UNKNOWN
    run: int = 0
    """The revision that its plan_run has answered with."""
    answers: tuple[int, ...] = ()
    """All different answers that its plan_run has given."""
    told: bool = False
    """Whether a fail_run has dealt with its end."""


class Copy(NamedTuple):
    """One copy of a worker. One that died is one that takes no step any more."""

    execution: int
    stage: str
    at: str
    part: int = 0
    memory: tuple[object, ...] = ()


class State(NamedTuple):
    """Everything. `script` counts the scenario's actions that have happened."""

    script: int
    keys: tuple[Key, ...]
    totals: tuple[int, ...]
    executions: tuple[Execution, ...]
    copies: tuple[Copy, ...]
    give_ups: int
    redrives: int


def changed(items: tuple[T, ...], position: int, item: T) -> tuple[T, ...]:
    """The same tuple with another item at a position."""
    return (*items[:position], item, *items[position + 1 :])


def with_key(state: State, number: int, key: Key) -> State:
    return state._replace(keys=changed(state.keys, number, key))


def with_execution(state: State, number: int, execution: Execution) -> State:
    return state._replace(executions=changed(state.executions, number, execution))


def with_run(state: State, number: int, revision: int, run: Run) -> State:
    key = state.keys[number]
    return with_key(state, number, key._replace(runs=changed(key.runs, revision - 1, run)))


def moved(state: State, copy: Copy, at: str, *memory: object) -> State:
    """The copy at its next step. Copies are sorted: which of two equal ones is which makes no difference."""
    copies = list(state.copies)
    copies.remove(copy)
    insort(copies, Copy(copy.execution, copy.stage, at, copy.part, memory))
    return state._replace(copies=tuple(copies))


def ended(state: State, copy: Copy) -> State:
    copies = list(state.copies)
    copies.remove(copy)
    return state._replace(copies=tuple(copies))


def started(state: State, copies: list[Copy]) -> State:
    return state._replace(copies=tuple(sorted([*state.copies, *copies])))
