"""merchant_sales: write ahead, read the fence, read what earlier runs named, commit, retract, done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.fault.model.execution_steps import answered
from tests.fault.model.model import Bug, Model
from tests.fault.model.state import SUCCEEDED, Copy, State, changed, moved, with_key, with_run

Steps = Iterator[tuple[str, State]]
ABSENT = (0, 0)


def write_ahead(model: Model, state: State, copy: Copy) -> Steps:
    """Put the results if there are none, and go on with what is stored."""
    number = state.executions[copy.execution].key
    revision, run = model.run_of(state, state.executions[copy.execution])
    following = "earlier" if Bug.FENCE_READ_FIRST in model.bugs else "fence"
    if run.results[copy.part] and Bug.RESULTS_OVERWRITTEN not in model.bugs:
        yield "finds results stored", _on(model, state, copy, following, run.results[copy.part])
        return
    for name in model.computed(run):
        results = changed(run.results, copy.part, name)
        stored = with_run(state, number, revision, run._replace(results=results))
        yield f"writes the results {name} ahead", _on(model, stored, copy, following, name)


def fence(model: Model, state: State, copy: Copy) -> Steps:
    """Read the fence; a newer one than the run's own stops the worker."""
    execution = state.executions[copy.execution]
    now = state.keys[execution.key].fence
    following = "write ahead" if Bug.FENCE_READ_FIRST in model.bugs else "earlier"
    if now > execution.run:
        yield f"reads the fence {now} and stops", answered(model, state, copy, "settle")
    if now <= execution.run or Bug.STALE_FENCE_READ in model.bugs:
        words = f"reads the fence {min(now, execution.run)}"
        yield words, _on(model, state, copy, following, *copy.memory)


def earlier_runs(model: Model, state: State, copy: Copy) -> Steps:
    """Query the RUN items before its own, the newest first, back to the newest that SUCCEEDED."""
    execution = state.executions[copy.execution]
    runs = state.keys[execution.key].runs
    asked: list[int] = []
    for revision in range(execution.run - 1, 0, -1):
        succeeded = runs[revision - 1].status == SUCCEEDED
        if succeeded or Bug.RETRACT_SUCCEEDED not in model.bugs:
            asked.append(revision)
        if succeeded or Bug.RETRACT_LAST_RUN in model.bugs:
            break
    after = _listing(model, state, copy, copy.memory[0], (), tuple(asked))
    yield f"queries earlier runs: {', '.join(map(str, asked)) or 'none'}", after


def results_of(model: Model, state: State, copy: Copy) -> Steps:
    """List the results of an earlier run, and read whom they name."""
    name, gone, asked = _memory(copy)
    execution = state.executions[copy.execution]
    run = state.keys[execution.key].runs[asked[0] - 1]
    own = model.parts(execution.run)[copy.part]
    found = {cell for cell in own if model.counted(run, asked[0], cell)}
    words = f"lists results of revision {asked[0]}: {model.names(tuple(sorted(found))) or 'nobody'}"
    yield words, _listing(model, state, copy, name, tuple(sorted({*gone, *found})), asked[1:])


def read(model: Model, state: State, copy: Copy) -> Steps:
    """Read what is stored of the next batch, and pass over what is done or newer."""
    name, retracting, gone, cells = _memory(copy)
    execution = state.executions[copy.execution]
    stored = state.keys[execution.key].stored
    batch, rest = cells[: model.scenario.batch], cells[model.scenario.batch :]
    tombstones = not retracting or Bug.NO_TOMBSTONE not in model.bugs
    wanted = tuple(c for c in batch if stored[c][0] < execution.run and (tombstones or stored[c] != ABSENT))
    words = f"reads {model.names(batch)}"
    if wanted:
        found = tuple(stored[cell] for cell in wanted)
        yield words, moved(state, copy, "commit", name, retracting, gone, wanted + rest, found)
    else:
        yield words + ": done or newer", _next_batch(model, state, copy, name, retracting, gone, rest)


def commit(model: Model, state: State, copy: Copy) -> Steps:
    """One transaction, if what is stored is what was read: put contributions, add differences to totals."""
    name, retracting, gone, cells, found = _memory(copy)
    execution = state.executions[copy.execution]
    item = state.keys[execution.key]
    batch, rest = cells[: len(found)], cells[len(found) :]
    words = f"{'retracts' if retracting else 'commits'} {model.names(batch)}"
    unchanged = all(item.stored[c][0] == known[0] for c, known in zip(batch, found, strict=True))
    if not unchanged and Bug.NO_COMMIT_CONDITION not in model.bugs:
        yield words + ": refused", moved(state, copy, "read", name, retracting, gone, cells)
        return
    stored, totals = item.stored, state.totals
    for cell, (_, before) in zip(batch, found, strict=True):
        amount = 0 if retracting else model.content(name)[cell]
        stored = changed(stored, cell, (execution.run, amount))
        totals = changed(totals, cell, totals[cell] + amount - before)
    state = with_key(state, execution.key, item._replace(stored=stored))._replace(totals=totals)
    yield words, _next_batch(model, state, copy, name, retracting, gone, rest)


def done(model: Model, state: State, copy: Copy) -> Steps:
    """Put the done object."""
    number = state.executions[copy.execution].key
    revision, run = model.run_of(state, state.executions[copy.execution])
    state = with_run(state, number, revision, run._replace(done=changed(run.done, copy.part, True)))
    yield "marks its partition done", answered(model, state, copy, "settle")


def _memory(copy: Copy) -> Any:
    return copy.memory


def _on(model: Model, state: State, copy: Copy, at: str, *memory: object) -> State:
    """Go on; a first revision has no earlier runs to ask for."""
    if at == "earlier" and state.executions[copy.execution].run == 1:
        return _commits(model, state, copy, str(memory[0]), ())
    return moved(state, copy, "runs" if at == "earlier" else at, *memory)


def _listing(
    model: Model, state: State, copy: Copy, name: object, gone: tuple[int, ...], asked: tuple[int, ...]
) -> State:
    if asked:
        return moved(state, copy, "results", name, gone, asked)
    named = model.named(str(name), gone)
    if Bug.RETRACT_BY_MERCHANT in model.bugs:
        own = {
            model.scenario.cells[cell][0] for cell, amount in enumerate(model.content(str(name))) if amount
        }
        named = tuple(cell for cell in gone if model.scenario.cells[cell][0] in own)
    return _commits(model, state, copy, str(name), tuple(c for c in gone if c not in named))


def _commits(model: Model, state: State, copy: Copy, name: str, gone: tuple[int, ...]) -> State:
    """Begin to commit whom the results name; whom they don't name any more comes after that."""
    own = model.parts(state.executions[copy.execution].run)[copy.part]
    return _next_batch(model, state, copy, name, False, gone, model.named(name, own))


def _next_batch(
    model: Model,
    state: State,
    copy: Copy,
    name: str,
    retracting: bool,
    gone: tuple[int, ...],
    cells: tuple[int, ...],
) -> State:
    first = state.executions[copy.execution].run == 1 and copy.at not in ("read", "commit")
    if cells and first:
        found = (ABSENT,) * len(cells[: model.scenario.batch])
        return moved(state, copy, "commit", name, retracting, gone, cells, found)
    if cells:
        return moved(state, copy, "read", name, retracting, gone, cells)
    if gone:
        return moved(state, copy, "read", name, True, (), gone)
    return moved(state, copy, "done")


STEPS = {
    "write ahead": write_ahead,
    "fence": fence,
    "runs": earlier_runs,
    "results": results_of,
    "read": read,
    "commit": commit,
    "done": done,
}
