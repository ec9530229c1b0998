"""Finds what makes a state machine's definition unfit to run; the local engine would take it all the same."""

from collections.abc import Iterator
from typing import Any

State = dict[str, Any]


def faults_in(definition: State) -> list[str]:
    """List what is wrong: a start or target that doesn't exist, a lost state, a dead end, a repeated name."""
    faults = _faults(definition)
    names = list(_names(definition))
    return faults + [f"{name} repeats a name" for name in sorted(set(names)) if names.count(name) > 1]


def _faults(definition: State) -> list[str]:
    states: dict[str, State] = definition["States"]
    start = definition.get("StartAt")
    if start not in states:
        return [f"StartAt names {start}, which is no state"]
    faults = []
    reached, waiting = {start}, [start]
    while waiting:
        name = waiting.pop()
        targets = _targets(states[name])
        if not targets and not _ends(states[name]):
            faults.append(f"{name} neither ends nor leads on")
        for target in targets:
            if target not in states:
                faults.append(f"{name} leads to {target}, which is no state")
            elif target not in reached:
                reached.add(target)
                waiting.append(target)
        for inner in _inner(states[name]):
            faults += _faults(inner)
    return faults + [f"{name} can't be reached" for name in states if name not in reached]


def _targets(state: State) -> list[str]:
    places = [state, *state.get("Choices", []), *state.get("Catch", [])]
    return [place[key] for place in places for key in ("Next", "Default") if key in place]


def _ends(state: State) -> bool:
    return state["Type"] in ("Succeed", "Fail") or state.get("End") is True


def _inner(state: State) -> list[State]:
    return [*state.get("Branches", []), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]


def _names(definition: State) -> Iterator[str]:
    for name, state in definition["States"].items():
        yield name
        for inner in _inner(state):
            yield from _names(inner)
