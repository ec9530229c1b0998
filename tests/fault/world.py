"""One world: its services, people who change files, events that may be lost, and whose turn it is."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.fault.clients import DynamoDBClient, EventsClient, Gate, LambdaClient
from tests.fault.executions import RUNNING, Execution, StateMachine
from tests.fault.faults import Faults, Profile
from tests.fault.functions import HANDLERS, ORDERS, RUNS, SALES, VARIABLES, WORK
from tests.fault.order_tables import FORMATS, Format, order_table
from tests.fault.s3_client import S3Client
from tests.fault.scheduler import FOREVER, Scheduler, Worker
from tests.fault.services.dynamodb import DynamoDB
from tests.fault.services.refusals import UnsupportedError
from tests.fault.step_functions_client import StepFunctionsClient
from tests.fault.storage import storage

MOST_STEPS = 60_000
FAIL_RUN_ATTEMPTS = 3
BEGIN = datetime(2024, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class _Hurried:
    """The context of a function whose time is over after a page, or isn't."""

    random: Random
    aws_request_id: str
    invoked_function_arn: str = "Sweep"

    def get_remaining_time_in_millis(self) -> int:
        return self.random.choice([0, 900_000])


class ViolationError(Exception):
    """Something that must hold doesn't."""


def moment_of(step: int) -> datetime:
    """The world's clock at a step: a second a step."""
    return BEGIN + timedelta(seconds=step)


@dataclass
class World:
    """Everything of one seed."""

    seed: int
    told: list[str] | None = None
    pending: list[tuple[str, Callable[[], object]]] = field(default_factory=list)
    files: dict[str, int] = field(default_factory=dict)
    changed_at: dict[str, int] = field(default_factory=dict)
    registered_at: dict[str, int] = field(default_factory=dict)
    order_format: Format = FORMATS[0]
    now_running: Worker | None = None
    alarms: list[BaseException] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    requests: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        """Make the services and clients; nothing happens yet."""
        self.random = Random(self.seed)
        self.faults = Faults(self.random, Profile.drawn(self.random))
        self.scheduler = Scheduler()
        self.deployments = Random(f"deployments of {self.seed}")
        self.variables = dict(VARIABLES)
        self.deploy(FORMATS[0])
        self.s3, self.upload_sizes = storage(Random(f"sizes of {self.seed}"))
        self.dynamodb = DynamoDB({RUNS: {}, SALES: {}})
        self.machine = StateMachine(
            scheduler=self.scheduler,
            faults=self.faults,
            tell=self.tell,
            later=self.later,
            failed=self._announce_failure,
            work_object=self._work_object,
        )
        self.gate = Gate(scheduler=self.scheduler, faults=self.faults, tell=self.tell)
        self.clients: dict[str, Any] = {
            "s3": S3Client(self.gate, self.s3),
            "dynamodb": DynamoDBClient(self.gate, self.dynamodb),
            "stepfunctions": StepFunctionsClient(self.gate, self.machine, moment_of),
            "events": EventsClient(self.gate, self.events),
            "lambda": LambdaClient(self.gate, self.sweep),
        }

    def tell(self, what: str) -> None:
        """A line of the trace."""
        if self.told is not None:
            self.told.append(f"{self.scheduler.step:6}  {what}")

    def now(self) -> datetime:
        """The present moment."""
        return moment_of(self.scheduler.step)

    def later(self, name: str, action: Callable[[], object]) -> None:
        """Something that happens at some later moment, in no order."""
        self.pending.append((name, action))

    def deploy(self, order_format: Format) -> None:
        """Somebody deploys a format, and what runs fan out by: mostly by partition."""
        self.order_format = order_format
        self.variables["FAN_OUT"] = self.deployments.choice(["partition", "partition", "merchant"])
        self.tell(f"DEPLOY {order_format}, fanOut={self.variables['FAN_OUT']}")

    def put(self, key: str, number: int) -> None:
        """Somebody uploads a file."""
        version = self.s3.put_object(Bucket=ORDERS, Key=key, Body=order_table(number).text)["VersionId"]
        self.files[version] = number
        self.tell(f"PUT file {number} as {key} version {version}")
        self._announce_change(key)

    def delete(self, key: str, version_id: str | None = None) -> None:
        """Somebody deletes a key, or removes one of its versions or delete markers for good."""
        gone = self.s3.delete_object(bucket=ORDERS, key=key, version_id=version_id)
        self.tell(f"DELETE {key} {'version ' + gone if version_id else '(delete marker ' + gone + ')'}")
        self._announce_change(key)

    def look(self, key: str, *, replay: bool = False) -> Execution:
        """Start an execution now."""
        return self.machine.start(key, replay=replay)

    def sweep(self, event: dict[str, Any] | None = None) -> None:
        """Start a sweep now; one whose time is over goes on in another call."""
        given = {"cursor": None} if event is None else event
        context = _Hurried(self.random, f"request {next(self.requests)}")
        self.scheduler.spawn(
            f"sweeper Sweep#{given.get('calls', 1)}", lambda: HANDLERS["Sweep"](given, context)
        )

    def run(self, *, until_quiet: bool = True) -> None:
        """Let everything happen until nothing is left to happen but zombies and the dead."""
        last: Worker | None = None
        while until_quiet:
            if self.scheduler.step > MOST_STEPS:
                raise ViolationError(f"the world isn't quiet after {MOST_STEPS} steps")
            workers = self.scheduler.runnable()
            self._hazards()
            if self.pending and (not workers or self.random.random() < self.faults.profile.hurry):
                name, action = self.pending.pop(self.random.randrange(len(self.pending)))
                self.scheduler.step += 1
                self.tell(f"now: {name}")
                action()
            elif workers:
                stay = last in workers and self.random.random() < self.faults.profile.sticky
                worker = last if stay and last else self.random.choice(workers)
                last = worker
                self.scheduler.go(worker)
                if self.alarms:
                    raise self.alarms[0]
                if worker.ended:
                    self._ended(worker)
            elif not self._wake_or_give_up():
                return

    def wake_zombies(self) -> None:
        """Workers that nobody waits for go on, some of them; the others never do."""
        for worker in self.scheduler.workers:
            if self.random.random() < 0.8:
                worker.sleeps_until = 0
                self.faults.counts["zombie goes on"] += 1
                self.tell(f"{worker.name} wakes up")

    def _ended(self, worker: Worker) -> None:
        for error in (worker.error, worker.error and worker.error.__cause__):
            if isinstance(error, UnsupportedError):
                raise error
        self.machine.settle(worker)

    def _hazards(self) -> None:
        profile = self.faults.profile
        if not (profile.timeout or profile.abort):
            return
        for execution in self.machine.executions:
            if execution.status != RUNNING:
                continue
            if self.faults.happens("abort", "execution stopped"):
                self.machine.stop(execution, self.random.choice(["ABORTED", "TIMED_OUT"]))
                continue
            for task in execution.tasks:
                asleep = [w for w in task.workers if w.sleeps_until > self.scheduler.step]
                if (
                    asleep
                    and len(asleep) == len(task.workers)
                    and self.faults.happens("timeout", "task timed out")
                ):
                    if self.random.random() < 0.3:
                        self.machine.stop(execution, "TIMED_OUT")
                    else:
                        self.machine.time_out(execution, task)
                    break

    def _wake_or_give_up(self) -> bool:
        """Nothing can go on: some worker that stalls wakes up, or its task ends without it."""
        for execution in self.machine.executions:
            for task in execution.tasks if execution.status == RUNNING else ():
                if task.workers and self.random.random() < 0.5:
                    self.machine.time_out(execution, task)
                else:
                    for worker in task.workers:
                        worker.sleeps_until = 0
                return True
        naps = [w.sleeps_until for w in self.scheduler.workers if w.sleeps_until < FOREVER]
        if naps:
            self.scheduler.step = max(self.scheduler.step, min(naps))
        return bool(naps)

    def _announce_change(self, key: str) -> None:
        self.changed_at[key] = self.scheduler.step
        if self.faults.happens("event_lost", "event lost"):
            return
        for _ in range(2 if self.faults.happens("event_twice", "event twice") else 1):
            self.later("event", lambda: self.look(key))

    def _work_object(self, key: str) -> bytes:
        body = self.s3.buckets[WORK][key][-1].body
        return body if body is not None else b""

    def _announce_failure(self, execution: Execution) -> None:
        if self.faults.happens("fail_run_lost", "fail_run lost"):
            return
        detail = {
            "executionArn": execution.arn,
            "input": json.dumps({"key": execution.key, "replay": execution.replay}),
        }
        self.later("fail_run", lambda: self._fail_run(execution, {"detail": detail}, 1))
        if self.faults.happens("redrive", "redrive"):
            self.later("redrive", lambda: self._redrive(execution))

    def _redrive(self, execution: Execution) -> None:
        if execution.redriven < 3:
            self.machine.redrive(execution)

    def _fail_run(self, execution: Execution, event: dict[str, Any], attempt: int) -> None:
        def body() -> None:
            try:
                answer = HANDLERS["FailRun"](event, None)
            except BaseException:  # a crash too
                if attempt < FAIL_RUN_ATTEMPTS:
                    self.later("fail_run again", lambda: self._fail_run(execution, event, attempt + 1))
                raise
            # One that found the execution redriven says nothing of a failure after that.
            execution.told |= RUNNING not in (answer["status"], execution.status)

        self.scheduler.spawn(f"{execution.name} FailRun#{attempt}", body)
