"""What is explored: a scenario, and the planted bugs that are switched on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from tests.fault.model.state import DELETED, Execution, Key, Run, State

Cell = tuple[str, str]
"""A merchant and a currency."""


class Bug(Enum):
    """Ways to get the protocol wrong; each of them has to be found."""

    ORDER_BY_EVENT = "a key is ordered by the event instead of by the look"
    LOOKS_NOT_RAISED = "`looks` is not raised when there is nothing to do"
    OWN_REGISTRATION = "a retried plan_run takes its own registration for a duplicate"
    FENCE_IN_PLAN_RUN = "the fence is set in plan_run"
    RESULTS_OVERWRITTEN = "a retry overwrites the results"
    RETRACT_LAST_RUN = "only the last run is retracted"
    RETRACT_SUCCEEDED = "only SUCCEEDED runs are retracted"
    NO_TOMBSTONE = "nothing is put where nothing is stored"
    RETRACT_BY_MERCHANT = "retracted by merchant instead of by merchant and currency"
    STALE_FENCE_READ = "the fence is read eventually consistent"
    NO_COMMIT_CONDITION = "the commit has no condition"
    FENCE_READ_FIRST = "the fence is read before the write-ahead"
    LISTED_PARTITIONS = "settle_run trusts the partition list, which a late index_shards has emptied"
    ABANDONED_RUN = "a look leaves a RUNNING run whose execution has ended as it is"


class Action(NamedTuple):
    """What people do to a key.

    put (a version; a delete marker is the version "deleted"), remove (a version, for good), replay, or deploy
    (the next order format).
    """

    verb: str
    version: str = ""
    key: int = 0


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What happens to the keys, what their versions contain, and how many copies of the workers there are."""

    name: str
    script: tuple[Action, ...]
    """In this order, each at any moment."""
    looks: tuple[int, ...] = (2,)
    """By key: how many looks its events start at most, at any moment after its first change."""
    cells: tuple[Cell, ...] = (("a", "USD"), ("b", "USD"))
    contents: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Amounts by cell, 0 where a version does not name it. V' is V read by the next format, V* what another
    attempt makes of it."""
    partitions: tuple[tuple[tuple[int, ...], ...], ...] = (((0, 1),),)
    """By revision, the last for all later ones: the cells of each partition."""
    copies: Mapping[str, int] = field(default_factory=dict)
    """Of each worker; 2 where it is not said."""
    invalid: frozenset[str] = frozenset()
    give_ups: int = 0
    """How many executions lose both copies of a worker, time out or are stopped."""
    give_up_at: str = ""
    """Only at this stage; at any if it is not said."""
    redrives: int = 0
    fail_run_lost: bool = False
    late_look: bool = False
    """The last look starts when all other executions have ended."""
    batch: int = 1
    """How many contributions one transaction takes."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """A scenario under the protocol with these bugs."""

    scenario: Scenario
    bugs: frozenset[Bug] = frozenset()

    @cached_property
    def held(self) -> list[list[str]]:
        """By key and number of actions that have happened: what the key holds then."""
        return [[versions[-1] for versions in history] for history in self._histories]

    @cached_property
    def there(self) -> list[list[tuple[str, ...]]]:
        """By key and number of actions: the versions that can be read then."""
        return [[tuple(versions) for versions in history] for history in self._histories]

    @cached_property
    def changes(self) -> list[list[int]]:
        """By key and number of actions: how many changes the key has seen."""
        count = [0] * len(self.scenario.looks)
        history = [[0] for _ in count]
        for action in self.scenario.script:
            count[action.key] += action.verb in ("put", "delete", "remove")
            for key, changes in enumerate(history):
                changes.append(count[key])
        return history

    @cached_property
    def _histories(self) -> list[list[list[str]]]:
        now: list[list[str]] = [[DELETED] for _ in self.scenario.looks]
        histories = [[list(versions)] for versions in now]
        for action in self.scenario.script:
            if action.verb == "put":
                now[action.key].append(action.version)
            elif action.verb == "remove":
                now[action.key].remove(action.version)
            for key, history in enumerate(histories):
                history.append(list(now[key]))
        return histories

    def parts(self, revision: int) -> tuple[tuple[int, ...], ...]:
        """The partitions of a run."""
        partitions = self.scenario.partitions
        return partitions[min(revision, len(partitions)) - 1]

    def first_step(self, stage: str) -> str:
        """Where the workers of a stage begin, if a bug has moved that."""
        return "fence" if stage == "sales" and Bug.FENCE_READ_FIRST in self.bugs else ""

    def names(self, cells: tuple[int, ...]) -> str:
        """Merchants and currencies in words."""
        return ", ".join("/".join(self.scenario.cells[cell]) for cell in cells)

    def events(self, key: int, state: State) -> Sequence[int]:
        """The events that may be delivered; what they say makes no difference, unless a bug reads it."""
        changes = self.changes[key][state.script]
        return range(1, changes + 1) if Bug.ORDER_BY_EVENT in self.bugs else [0] * bool(changes)

    def held_after_event(self, key: int, event: int) -> str:
        """What an event says that the key holds: the version that was put, or nothing after a removal."""
        step = self.changes[key].index(event)
        action = self.scenario.script[step - 1]
        return action.version if action.verb == "put" else DELETED

    def copies(self, stage: str) -> int:
        """How many copies there are of a stage's workers."""
        return self.scenario.copies.get(stage, 2)

    def content(self, name: str) -> tuple[int, ...]:
        """The amounts of a content; none where the key holds nothing."""
        return self.scenario.contents.get(name, (0,) * len(self.scenario.cells))

    def computed(self, run: Run) -> list[str]:
        """What an attempt at this run may compute: one content, unless the code is not deterministic."""
        name = run.version + "'" * run.order_format
        name = name if name in self.scenario.contents else run.version
        return [n for n in (name, name + "*") if n == name or n in self.scenario.contents]

    def named(self, name: str, cells: tuple[int, ...]) -> tuple[int, ...]:
        """Which of these cells a content names."""
        content = self.content(name)
        return tuple(cell for cell in cells if content[cell])

    def counted(self, run: Run, revision: int, cell: int) -> int:
        """What the stored results of a run say of a cell."""
        for part, cells in enumerate(self.parts(revision)):
            if cell in cells:
                return self.content(run.results[part])[cell]
        return 0

    def run_of(self, state: State, execution: Execution) -> tuple[int, Run]:
        """Revision and RUN item of the run that an execution's plan_run answered with."""
        return execution.run, state.keys[execution.key].runs[execution.run - 1]


def first_state(model: Model) -> State:
    """Nothing has happened yet."""
    cells = len(model.scenario.cells)
    keys = tuple(Key(0, 0, (), ((0, 0),) * cells) for _ in model.scenario.looks)
    return State(0, keys, (0,) * cells, (), (), model.scenario.give_ups, model.scenario.redrives)
