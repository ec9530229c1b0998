"""The protocol holds in every interleaving of small worlds, and each way to get it wrong is found.

The larger worlds: `python -m tests.fault.model --full`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fault.model.explore import Report, explore, steps
from tests.fault.model.model import Bug, Model, Scenario, first_state
from tests.fault.model.properties import settled
from tests.fault.model.scenarios import FOUND_IN, QUICK
from tests.fault.model.state import State


@pytest.fixture(scope="module")
def explored(request: pytest.FixtureRequest) -> Iterator[list[Report]]:
    """What the explorations gave; their sum is told at the end."""
    reports: list[Report] = []
    yield reports
    states = sum(report.states for report in reports)
    terminal = request.config.pluginmanager.get_plugin("terminalreporter")
    capture = request.config.pluginmanager.get_plugin("capturemanager")
    if terminal and capture:
        with capture.global_and_fixture_disabled():
            terminal.write_line(f"\nmodel check: {len(reports)} scenarios, {states:,} states, 0 violations")


@pytest.mark.parametrize("scenario", QUICK, ids=lambda scenario: scenario.name)
def test_the_protocol_holds_in_every_state(scenario: Scenario, explored: list[Report]) -> None:
    report = explore(Model(scenario=scenario))
    assert not report.violation, str(report)
    assert report.counted, "no way leads to where every key counts what it holds, so little was checked"
    explored.append(report)


@pytest.mark.parametrize("bug", Bug, ids=lambda bug: bug.value)
def test_a_planted_bug_is_found(bug: Bug) -> None:
    assert explore(Model(scenario=FOUND_IN[bug], bugs=frozenset({bug}))).violation


@pytest.mark.parametrize("scenario", [s for s in QUICK if "two copies of merchant_sales" in s.name])
def test_steps_taken_at_once_leave_out_no_settled_world(scenario: Scenario) -> None:
    model = Model(scenario=scenario)
    assert _settled_worlds(model, reduced=True) == _settled_worlds(model, reduced=False)


def _settled_worlds(model: Model, *, reduced: bool) -> set[tuple[object, ...]]:
    """What the services hold in each settled state, wherever the workers stand."""
    first = first_state(model)
    seen, waiting = {first}, [first]
    worlds: set[tuple[object, ...]] = set()
    while waiting:
        state: State = waiting.pop()
        if settled(model, state):
            worlds.add(state[:4])
        for _, _, after in steps(model, state, reduced=reduced):
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return worlds
