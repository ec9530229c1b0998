"""Breadth first through all states; a violation comes with the shortest way to it, in words."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.fault.model import end_steps, index_steps, look_steps, sales_steps
from tests.fault.model.execution_steps import begin, execution_steps
from tests.fault.model.model import Model, first_state
from tests.fault.model.properties import all_counted, settled, violation
from tests.fault.model.reduction import at_once
from tests.fault.model.state import RUNNING, Copy, State, with_key

STEPS = {
    "look": ("plan_run", look_steps.STEPS),
    "index": ("index_shards", index_steps.STEPS),
    "sales": ("merchant_sales", sales_steps.STEPS),
    "settle": ("settle_run", end_steps.SETTLE_STEPS),
    "fail": ("fail_run", end_steps.FAIL_STEPS),
}


Step = tuple[Copy | None, str, State]
"""Who takes it (nobody: people, events, Step Functions), what it is in words, and the state after it."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What an exploration has found."""

    states: int
    settled: int
    counted: int
    """Settled states in which every key counts exactly what it holds."""
    seconds: float
    violation: str = ""
    trace: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The violation and the way to it, or the numbers."""
        if self.violation:
            steps = "\n".join(f"  {number:2} {step}" for number, step in enumerate(self.trace, 1))
            return f"{self.violation}, after {len(self.trace)} steps:\n{steps}"
        return f"{self.states:,} states, {self.settled:,} settled, {self.seconds:.1f} s"


def explore(model: Model) -> Report:
    """Visit every state that can be reached, until a property breaks.

    States are told apart by 64 bits of hash: among 10 million, two fall together once in 300,000 times.
    """
    start, first = time.monotonic(), first_state(model)
    parents, frontier, count = {hash(first): 0}, [first], [0, 0]
    while frontier:
        following: list[State] = []
        for state in frontier:
            if settled(model, state):
                count[0] += 1
                count[1] += all_counted(model, state)
            parent = hash(state)
            for _, _, after in steps(model, state):
                code = hash(after)
                if code in parents:
                    continue
                parents[code] = parent
                following.append(after)
                # No property looks at the places of workers, so a step that only moves one breaks none.
                if after[:4] != state[:4] and (broken := violation(model, after)):
                    return _report(parents, count, start, broken, tuple(_trace(model, parents, code)))
        frontier = following
    return _report(parents, count, start)


def steps(model: Model, state: State, *, reduced: bool = True) -> list[Step]:
    """Every step that can be taken next, or one of those that may be taken at once."""
    found: list[Step] = []
    before = None
    for copy in state.copies:
        if copy != before:
            before = copy
            ways = list(STEPS[copy.stage][1][copy.at](model, state, copy))
            named: list[Step] = [(copy, words, after) for words, after in ways]
            if reduced and len(ways) == 1 and at_once(model, state, copy, ways[0][1]):
                return named
            found += named
    others = [*_world_steps(model, state), *execution_steps(model, state)]
    return [*((None, words, after) for words, after in others), *found]


def _words(copy: Copy | None, words: str) -> str:
    if copy is None:
        return words
    part = f" of partition {copy.part + 1}" if copy.stage == "sales" else ""
    return f"{STEPS[copy.stage][0]}{part} in execution {copy.execution + 1} {words}"


def _world_steps(model: Model, state: State) -> Iterator[tuple[str, State]]:
    scenario = model.scenario
    if state.script < len(scenario.script):
        action = scenario.script[state.script]
        after = state._replace(script=state.script + 1)
        if action.verb == "replay":
            after = begin(model, after, action.key, replay=True, event=0)
        elif action.verb != "deploy":
            after = with_key(after, action.key, after.keys[action.key]._replace(seen=False))
        yield " ".join(filter(None, (action.verb, action.version, f"(key {action.key})"))), after
    for key, looks in enumerate(scenario.looks):
        begun = sum(e.key == key and not e.replay for e in state.executions)
        held_back = scenario.late_look and begun == looks - 1
        if begun == looks or (held_back and any(e.status == RUNNING for e in state.executions)):
            continue
        for event in model.events(key, state):
            name = f"execution {len(state.executions) + 1} starts, for an event of key {key}"
            yield name, begin(model, state, key, replay=False, event=event)


def _trace(model: Model, parents: dict[int, int], last: int) -> list[str]:
    path = [last]
    while parents[path[-1]]:
        path.append(parents[path[-1]])
    state, trace = first_state(model), []
    for code in reversed(path[:-1]):
        copy, words, state = next(step for step in steps(model, state) if hash(step[2]) == code)
        trace.append(_words(copy, words))
    return trace


def _report(
    parents: dict[int, int], count: list[int], start: float, broken: str = "", trace: tuple[str, ...] = ()
) -> Report:
    return Report(
        states=len(parents),
        settled=count[0],
        counted=count[1],
        seconds=time.monotonic() - start,
        violation=broken,
        trace=trace,
    )
