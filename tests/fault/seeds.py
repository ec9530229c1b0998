"""A seed from its first upload to the table after all is healed."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from duckdb import DuckDBPyConnection

from lambdas.domain.database import connect
from lambdas.domain.order_format import OrderFormat, parse_order_format
from tests.fault import checks, functions
from tests.fault.order_tables import FILES, FORMATS, order_table
from tests.fault.serial_model import counted
from tests.fault.services.dynamodb import Change
from tests.fault.services.refusals import UnsupportedError
from tests.fault.world import ViolationError, World

KEYS = ("a.csv", "b.csv", "sub/c.csv")
DATABASE_BYTES = 256 << 20
MOST_DEEDS = 12


@dataclass(frozen=True, kw_only=True)
class Report:
    """What became of a seed."""

    seed: int
    faults: Counter[str]
    steps: int
    executions: int
    violation: str
    trace: tuple[str, ...]


@dataclass(frozen=True)
class Runner:
    """One process's database and scratch folder, for any number of seeds."""

    connection: DuckDBPyConnection
    scratch: Path

    def run(self, seed: int, *, trace: bool = False, remember: bool = True) -> Report:
        """Run a seed; the same seed does the same, always."""
        world = World(seed, told=[] if trace else None)
        self._install(world, remember=remember)
        violation = ""
        try:
            _story(world)
        except (ViolationError, UnsupportedError) as e:
            violation = f"{type(e).__name__}: {e}"
            world.tell(violation)
        world.scheduler.stop()
        return Report(
            seed=seed,
            faults=world.faults.counts,
            steps=world.scheduler.step,
            executions=len(world.machine.executions),
            violation=violation,
            trace=tuple(world.told or ()),
        )

    def _install(self, world: World, *, remember: bool) -> None:
        def changed(changes: Sequence[Change]) -> None:
            try:
                checks.after_transaction(world, changes)
            except ViolationError as e:
                world.alarms.append(e)
                raise

        def formats() -> list[OrderFormat]:
            return [parse_order_format(world.order_format.text, "fault.yaml")]

        world.dynamodb.changed = changed
        functions.install(
            functions.FaultAws(
                world.clients, Random(world.seed), world.gate.pause, world.variables, world.upload_sizes
            ),
            now=world.now,
            formats=formats,
            connection=self.connection,
            scratch=self.scratch,
            remember=remember,
        )


@contextmanager
def runner() -> Iterator[Runner]:
    """A runner with one DuckDB connection."""
    with (
        tempfile.TemporaryDirectory() as folder,
        connect(Path(folder), memory_bytes=DATABASE_BYTES, threads=1) as connection,
    ):
        (Path(folder) / "calls").mkdir()
        yield Runner(connection, Path(folder) / "calls")


def _story(world: World) -> None:
    random = world.random
    keys = KEYS[: random.choice([1, 1, 2, 2, 3])]
    for _ in range(random.randint(2, MOST_DEEDS)):
        world.later("somebody", lambda: _somebody(world, keys))
    world.run()
    checks.when_quiet(world)
    if random.random() < 0.7:
        world.wake_zombies()
        world.run()
        checks.when_quiet(world)
    if random.random() < 0.5:  # else whoever heals has to find what no event told of
        for key in world.changed_at:
            if random.random() < 0.8:
                world.look(key)
    world.run()
    checks.when_quiet(world)
    world.faults.calm()
    _heal(world)
    checks.when_healed(world, list(world.changed_at))
    _wake_and_heal(world)
    checks.when_healed(world, list(world.changed_at))
    for key in list(world.changed_at):
        world.delete(key)
    world.run()
    _wake_and_heal(world)
    checks.when_healed(world, list(world.changed_at))
    checks.nothing_left(world)


def _wake_and_heal(world: World) -> None:
    """Zombies go on; a plan_run of an ended execution may even register a run.

    A look has to find that run where fail_run was lost. Where fail_run came late, the run is FAILED, which
    only a replay puts right.
    """
    world.wake_zombies()
    world.run()
    checks.when_quiet(world)
    _heal(world)


def _somebody(world: World, keys: tuple[str, ...]) -> None:
    """One thing that people do: mostly uploads."""
    random = world.random
    key = random.choice(keys)
    versions = world.s3.buckets[functions.ORDERS].get(key, [])
    deeds = {"put": 10, "delete": 3, "remove": 3, "again": 1, "format": 2, "replay": 2, "sweep": 1}
    deed = random.choices(list(deeds), list(deeds.values()))[0]
    if deed == "sweep":
        world.sweep()
    elif deed == "format":
        world.deploy(random.choice(FORMATS))
    elif deed == "put" or not versions:
        world.put(key, random.randrange(FILES))
    elif deed == "again":
        world.put(key, next((world.files[v.version_id] for v in versions if v.body), 0))
    elif deed == "delete":
        world.delete(key)
    elif deed == "remove":
        world.delete(key, random.choice([versions[-1], random.choice(versions)]).version_id)
    else:
        world.look(key, replay=True)


def _heal(world: World) -> None:
    """Without faults: sweep or look at every key, run again what isn't counted, replace what can't be."""
    if world.random.random() < 0.5:
        world.sweep()  # goes on where one before it may have ended
        world.run()
        world.sweep()
    else:
        for key in list(world.changed_at):
            world.look(key)
    world.run()
    checks.when_quiet(world)
    for key in list(world.changed_at):
        status = checks.state_of(world, key).get("status")
        if status == "FAILED" or (status and world.random.random() < 0.5):
            world.look(key, replay=True)
    world.run()
    checks.when_healed(world, list(world.changed_at))
    for key in list(world.changed_at):
        if checks.state_of(world, key).get("status") == "FAILED":
            good = [n for n in range(FILES) if counted(order_table(n), world.order_format) is not None]
            world.put(key, world.random.choice(good))
    world.run()
