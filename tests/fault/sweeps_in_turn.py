"""A world in which only sweeps happen, each with so many calls of one page."""

from __future__ import annotations

from typing import Any

from lambdas.adapters.dynamodb import Item, from_item, to_item
from lambdas.domain.measures import Measure
from lambdas.domain.stored_names import sweep_item
from lambdas.sweep import handler as sweep
from tests.fault.functions import RUNS
from tests.fault.world import World


class Context:
    """Of a function whose time is over after each page."""

    invoked_function_arn = "Sweep"

    def __init__(self, request: str) -> None:
        self.aws_request_id = request

    def get_remaining_time_in_millis(self) -> int:
        """None."""
        return 0


class Log:
    """The log, kept."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def info(self, *_: object, **__: object) -> None:
        """Nobody asks."""

    def warning(self, message: str, extra: dict[str, Any]) -> None:
        """Keep it."""
        self.warnings.append(f"{message}: {extra}")


class Sweeps:
    """The sweeps of a world where nothing else happens."""

    def __init__(self, world: World) -> None:
        self.world, self.waiting, self.requests = world, list[dict[str, Any]](), 0
        aws: Any = vars(sweep)["aws"]()
        self.log, self.metrics = Log(), aws.metrics
        vars(aws)["logger"] = self.log
        vars(aws)["call_later"] = lambda _, event: self.waiting.append(event)

    def begin(self) -> dict[str, Any]:
        """The first call of a sweep that is due; the next waits in `waiting`."""
        return self.call({"cursor": None})

    def call(self, event: dict[str, Any]) -> dict[str, Any]:
        """One call of the function."""
        self.requests += 1
        context = Context(f"request {self.requests}")
        worker = self.world.scheduler.spawn("sweeper Sweep#1", lambda: sweep.handler(event, context))
        while not worker.ended:
            self.world.scheduler.go(worker)
        if worker.error:
            raise worker.error
        answer: dict[str, Any] = worker.answer
        return answer

    def due(self) -> tuple[bool, set[str]]:
        """A whole sweep: whether it came to the end, and what it looked at."""
        before = len(self.world.machine.executions)
        answer = self.begin()
        while self.waiting:
            answer = self.call(self.waiting.pop(0))
        return answer["done"], {one.key for one in self.world.machine.executions[before:]}

    @property
    def place(self) -> Item:
        """The item that is kept."""
        name = sweep_item()
        return from_item(self.world.dynamodb.tables[RUNS].get(name["pk"], {}).get(name["sk"], {}))

    def change_place(self, **values: Any) -> None:
        """As if it had been kept otherwise."""
        name = sweep_item()
        self.world.dynamodb.tables[RUNS][name["pk"]][name["sk"]] = to_item(self.place | values)

    def unfinished(self) -> list[float]:
        """What was measured of the sweeps before each."""
        return [value for measure, value in self.metrics.values if measure is Measure.SWEEPS_UNFINISHED]
