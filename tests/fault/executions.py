"""The state machine: tasks, retries, the Map, failing, being stopped, redriven; and what describes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lambdas.domain.errors import OrderFileError, RunError, TimeIsUpError
from tests.fault.faults import Faults
from tests.fault.functions import HANDLERS
from tests.fault.scheduler import Scheduler, Worker
from tests.fault.services.refusals import ExecutionDoesNotExist, refusal

ARN = "arn:aws:states:eu-central-1:123456789012:execution:SalesRun:"
ATTEMPTS = 4
"""The first attempt and three retries of every task."""
RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED = "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"


@dataclass(frozen=True)
class Clock:
    """The context of a function, whose time may be up whenever it asks."""

    faults: Faults

    def get_remaining_time_in_millis(self) -> int:
        """All of it, or nothing."""
        return 0 if self.faults.happens("time_is_up", "time is up") else 900_000


@dataclass
class Task:
    """A state that waits for the answer of a function; a Map has one for each partition."""

    state: str
    request: dict[str, Any]
    attempt: int = 0
    workers: list[Worker] = field(default_factory=list)


@dataclass
class Execution:
    """One execution; `told` says whether fail_run has dealt with its failure."""

    name: str
    key: str
    replay: bool
    began: int
    status: str = RUNNING
    tasks: list[Task] = field(default_factory=list)
    error: str = ""
    cause: str = ""
    told: bool = False
    redriven: int = 0
    ended_at: int = 0

    @property
    def arn(self) -> str:
        """Its ARN."""
        return ARN + self.name


@dataclass(kw_only=True)
class StateMachine:
    """All executions; `later` takes what is to happen at some later moment, `failed` is told who failed."""

    scheduler: Scheduler
    faults: Faults
    tell: Callable[[str], None]
    later: Callable[[str, Callable[[], object]], None]
    failed: Callable[[Execution], None]
    work_object: Callable[[str], bytes]
    executions: list[Execution] = field(default_factory=list)

    def start(self, key: str, *, replay: bool) -> Execution:
        """A new execution."""
        execution = Execution(f"e{len(self.executions) + 1}", key, replay, self.scheduler.step)
        self.executions.append(execution)
        self.tell(f"{execution.name} starts: look at {key}{' (replay)' if replay else ''}")
        self._enter(execution, "PlanRun", [{"key": key, "replay": replay, "execution": execution.arn}])
        return execution

    def describe_execution(self, arn: str) -> dict[str, Any]:
        """Step Functions' answer."""
        found = next((execution for execution in self.executions if execution.arn == arn), None)
        if found is None:
            raise refusal("DescribeExecution", "ExecutionDoesNotExist", kind=ExecutionDoesNotExist)
        return {"status": found.status, "error": found.error, "cause": found.cause}

    def settle(self, worker: Worker) -> bool:
        """Take what an ended worker says, if somebody waits for it."""
        for execution in self.executions:
            for task in execution.tasks:
                if worker in task.workers and execution.status == RUNNING:
                    task.workers.remove(worker)
                    self._answered(execution, task, worker)
                    return True
        return False

    def time_out(self, execution: Execution, task: Task) -> None:
        """The task's time limit is over; its workers go on, and nobody listens to them."""
        self.tell(f"{execution.name}: {task.state} takes too long")
        task.workers.clear()
        self._retry(execution, task, "States.Timeout", "the task took too long")

    def stop(self, execution: Execution, status: str) -> None:
        """End an execution by hand or by its time limit; its workers go on."""
        self._end(execution, status, "", "")

    def redrive(self, execution: Execution) -> None:
        """Go on with the tasks that haven't succeeded."""
        if execution.status in (RUNNING, SUCCEEDED):
            return
        self.tell(f"{execution.name} is redriven")
        execution.status, execution.told, execution.redriven = RUNNING, False, execution.redriven + 1
        for task in list(execution.tasks):
            task.attempt = 0
            task.workers.clear()
            self._invoke(execution, task)

    def _enter(self, execution: Execution, state: str, requests: list[dict[str, Any]]) -> None:
        execution.tasks = [Task(state, request) for request in requests]
        for task in execution.tasks:
            self._invoke(execution, task)

    def _invoke(self, execution: Execution, task: Task) -> None:
        task.attempt += 1
        for copy in ("", "'") if self.faults.happens("copy", "two copies of a worker") else ("",):
            part = "".join(f" {task.request[name]}" for name in ("lo", "split") if name in task.request)
            again = f"#{task.attempt}" if task.attempt > 1 else ""
            name = f"{execution.name} {task.state}{part}{again}{copy}"
            task.workers.append(
                self.scheduler.spawn(
                    name,
                    lambda: HANDLERS[task.state](json.loads(json.dumps(task.request)), Clock(self.faults)),
                )
            )

    def _answered(self, execution: Execution, task: Task, worker: Worker) -> None:
        if worker.error is None and not worker.crashed:
            task.workers.clear()
            execution.tasks.remove(task)
            self._go_on(execution, task, worker.answer)
        elif not task.workers:
            error = worker.error
            kind = type(error).__name__ if error else "Runtime.ExitError"
            self.tell(f"{worker.name} ends: {kind} {error or ''}")
            if isinstance(error, (OrderFileError, RunError)):
                task.attempt = ATTEMPTS
            elif isinstance(error, TimeIsUpError):
                task.attempt -= 1  # tried again without an end
            cause = json.dumps({"errorType": kind, "errorMessage": str(error or "")})
            self._retry(execution, task, kind, cause)

    def _retry(self, execution: Execution, task: Task, error: str, cause: str) -> None:
        if task.attempt >= ATTEMPTS:
            self._end(execution, FAILED, error, cause)
            return

        def again() -> None:
            if execution.status == RUNNING and task in execution.tasks and not task.workers:
                self._invoke(execution, task)

        self.later(f"{execution.name}: {task.state} is retried", again)

    def _go_on(self, execution: Execution, task: Task, answer: dict[str, Any]) -> None:
        self.tell(f"{execution.name}: {task.state} answers {answer}")
        run = {"run_id": answer.get("run_id", task.request.get("run_id"))}
        if task.state == "PlanRun" and not answer["run_needed"]:
            execution.status = SUCCEEDED
        elif task.state == "PlanRun" and answer["lane"] == "one_split":
            self._enter(execution, "ShardOrders", [run | {"split": 0, "begins_inside": False}])
        elif task.state == "PlanRun" and answer["lane"] == "many_splits":
            self._enter_list(execution, "ShardSplits", run, answer["splits_key"])
        elif task.state == "PlanRun" or (task.state.startswith(("Shard", "Reshard")) and not execution.tasks):
            self._enter(execution, "IndexShards", [run])
        elif task.state == "IndexShards" and not answer["cuts_proven"]:
            self._enter_list(execution, "ReshardSplits", run, answer["splits_key"])
        elif task.state == "IndexShards" and answer["partitions"]:
            self._enter(execution, "ComputeSales", [run | part for part in answer["partitions"]])
        elif task.state == "IndexShards" or (task.state == "ComputeSales" and not execution.tasks):
            self._enter(execution, "SettleRun", [run])
        elif task.state == "SettleRun":
            execution.status = SUCCEEDED

    def _enter_list(self, execution: Execution, state: str, run: dict[str, Any], key: str) -> None:
        """A Distributed Map: a task for each line of a list in the work bucket."""
        items = [json.loads(line) for line in self.work_object(key).splitlines()]
        self._enter(execution, state, [run | item for item in items])

    def _end(self, execution: Execution, status: str, error: str, cause: str) -> None:
        self.tell(f"{execution.name} has {status} {cause}")
        execution.status, execution.error, execution.cause = status, error, cause
        execution.ended_at = self.scheduler.step
        for task in execution.tasks:
            task.workers.clear()
        self.failed(execution)
