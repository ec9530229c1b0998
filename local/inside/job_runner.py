"""Runs submitted Batch jobs in turn: dependencies, so many at once, retries, arrays, and how each ends."""

import contextvars
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from local.inside.job_records import FINAL, Record, is_tried_again

Attempt = Callable[..., Record]

logger = logging.getLogger("merchant-sales")


@dataclass
class Job:
    """A job that waits or runs."""

    record: Record
    context: contextvars.Context
    """Of the request that submitted it: account and region."""
    array: Record | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    stop_reason: str = ""


class JobRunner:
    """The jobs of one engine; closed for good when the engine ends."""

    def __init__(self, attempt: Attempt, *, jobs_at_once: int, find: Callable[[str], Record | None]) -> None:
        """`attempt` runs one attempt of a record; `find` knows the records of all jobs by id."""
        self._attempt, self._find = attempt, find
        self._free = jobs_at_once
        self._changed = threading.Condition()
        self._waiting: list[Job] = []
        self._running: list[Job] = []
        self._closed = False

    def submit(self, records: Iterable[Record], array: Record | None = None) -> None:
        """Take one job, or an array job's children."""
        with self._changed:
            self._waiting += [Job(record, contextvars.copy_context(), array) for record in records]
            self._start_what_can()

    def terminate(self, job_id: str, reason: str, *, running_too: bool = True) -> None:
        """End a job, and an array's children, wherever they are; one that has ended stays as it is."""
        with self._changed:
            for job in [job for job in self._waiting if _is_of(job, job_id)]:
                self._waiting.remove(job)
                self._end(job, "FAILED", reason)
            for job in self._running if running_too else ():
                if _is_of(job, job_id):
                    job.stop_reason = reason
                    job.stop.set()
            self._start_what_can()

    def wait(self, record: Record, *, goes_on: Callable[[], bool]) -> bool:
        """Wait until a job has ended; False as soon as `goes_on` says no, or when the engine ends."""
        with self._changed:
            while record["status"] not in FINAL and not self._closed and goes_on():
                self._changed.wait(0.2)
            return not self._closed and record["status"] in FINAL

    def close(self) -> None:
        """Kill every process. The records stay as they are: the next start finds them interrupted."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            for job in self._running:
                job.stop.set()
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._running, timeout=10)

    @property
    def closed(self) -> bool:
        """Whether the engine ends."""
        return self._closed

    def _start_what_can(self) -> None:
        """Start what has its dependencies and room; called with the lock held."""
        for job in list(self._waiting):
            state = self._dependencies(job)
            if state == "FAILED":
                self._waiting.remove(job)
                self._end(job, "FAILED", "Dependent Job failed")
            elif state == "SUCCEEDED" and self._free:
                self._waiting.remove(job)
                self._free -= 1
                self._running.append(job)
                self._set(job, "RUNNING")
                threading.Thread(target=job.context.copy().run, args=(self._run, job), daemon=True).start()
            else:
                self._set(job, "RUNNABLE" if state == "SUCCEEDED" else "PENDING")
        self._changed.notify_all()

    def _dependencies(self, job: Job) -> str:
        """SUCCEEDED when there are none left, FAILED when one has failed, else PENDING."""
        states = [job.context.copy().run(self._state_of, job, found) for found in job.record["dependsOn"]]
        if "FAILED" in states:
            return "FAILED"
        return "SUCCEEDED" if all(state == "SUCCEEDED" for state in states) else "PENDING"

    def _state_of(self, job: Job, dependency: Record) -> str:
        job_id, kind = dependency.get("jobId", ""), dependency.get("type")
        index = job.record.get("arrayProperties", {}).get("index")
        if kind == "SEQUENTIAL":
            parent = job.record["jobId"].rsplit(":", 1)[0]
            job_id = f"{parent}:{index - 1}" if index else ""
        elif kind == "N_TO_N":
            job_id = f"{job_id}:{index}"
        found = self._find(job_id) if job_id else None
        return str(found["status"]) if found else "SUCCEEDED"

    def _run(self, job: Job) -> None:
        array_size = job.array["arrayProperties"]["size"] if job.array else None
        try:
            attempt = self._attempt(job.record, array_size=array_size, stop=job.stop)
        except Exception as error:
            logger.exception("job %s", job.record["jobId"])
            attempt = _not_made(job.record, f"The engine could not run the job: {error!r}")
        with self._changed:
            self._running.remove(job)
            self._free += 1
            if not self._closed:
                self._settle(job, attempt)
                self._start_what_can()
            self._changed.notify_all()

    def _settle(self, job: Job, attempt: Record) -> None:
        record = job.record
        if job.stop.is_set():
            attempt["statusReason"] = job.stop_reason
        record["attempts"].append(attempt)
        record["container"] |= attempt["container"]
        record.setdefault("startedAt", attempt["startedAt"])
        if attempt["container"]["exitCode"] == 0:
            self._end(job, "SUCCEEDED", attempt["statusReason"])
        elif not job.stop.is_set() and is_tried_again(record, attempt):
            self._waiting.append(job)
        else:
            self._end(job, "FAILED", attempt["statusReason"])

    def _set(self, job: Job, status: str) -> None:
        record, before = job.record, job.record["status"]
        record["status"] = status
        if job.array is not None:
            summary = job.array["arrayProperties"]["statusSummary"]
            summary[before] = max(0, summary.get(before, 0) - 1)
            summary[status] = summary.get(status, 0) + 1

    def _end(self, job: Job, status: str, reason: str) -> None:
        self._set(job, status)
        job.record["statusReason"] = reason
        job.record["stoppedAt"] = _newest(job.record)
        if job.array is not None:
            _end_array(job.array)


def _is_of(job: Job, job_id: str) -> bool:
    own = str(job.record["jobId"])
    return own == job_id or own.startswith(f"{job_id}:")


def _not_made(record: Record, reason: str) -> Record:
    moment = record["createdAt"]
    container = {"exitCode": 1, "reason": reason}
    return {"startedAt": moment, "stoppedAt": moment, "statusReason": reason, "container": container}


def _newest(record: Record) -> int:
    return int(record["attempts"][-1]["stoppedAt"] if record["attempts"] else record["createdAt"])


def _end_array(array: Record) -> None:
    """End an array job with the last of its children."""
    properties = array["arrayProperties"]
    ended = {status: properties["statusSummary"].get(status, 0) for status in FINAL}
    if sum(ended.values()) < properties["size"]:
        array["status"] = "PENDING"
        return
    array["status"] = "FAILED" if ended["FAILED"] else "SUCCEEDED"
    array["statusReason"] = "Array Child Job failed" if ended["FAILED"] else "Array Child Jobs succeeded"
