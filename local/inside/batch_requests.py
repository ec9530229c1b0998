"""Answers Batch's requests about jobs: the engine calls every submitted job SUCCEEDED without running it."""

from collections.abc import Callable
from typing import Any

from local.inside.job_records import FINAL, Record, children_of, new_record
from local.inside.job_runner import JobRunner

Answer = tuple[int, dict[str, str], bytes]
ARRAY_SIZES = range(2, 10_001)
INTERRUPTED = "The engine ended while the job waited or ran"
_KEPT_OF_DEFINITIONS = ("parameters", "platformCapabilities", "propagateTags", "retryStrategy", "timeout")


class RefusedRequestError(Exception):
    """A request that Batch answers with a ClientException."""


class BatchRequests:
    """The requests about jobs, over the engine's own stores."""

    def __init__(self, batch: Any, runner: JobRunner) -> None:
        """Take the engine's Batch and what runs its jobs."""
        self._batch, self._runner = batch, runner

    def apply(self) -> None:
        """Put the answers in, and mark jobs that an end of the engine interrupted."""
        batch = self._batch
        register, restore = batch._register_job_definition, batch._restore_state
        batch._register_job_definition = lambda p: self._register(register, p)
        batch._restore_state = lambda data: restore(_interrupted(data))
        batch._DISPATCH |= {
            "/v1/registerjobdefinition": batch._register_job_definition,
            "/v1/deregisterjobdefinition": self._answering(self.deregister),
            "/v1/submitjob": self._answering(self.submit),
            "/v1/describejobs": self._answering(self._describe),
            "/v1/listjobs": self._answering(self._list),
            "/v1/terminatejob": self._answering(lambda p: self._terminate(p, running_too=True)),
            "/v1/canceljob": self._answering(lambda p: self._terminate(p, running_too=False)),
        }

    def submit(self, p: Record) -> Record:
        """Submit a job: {jobId, jobName, jobArn}."""
        batch = self._batch
        if not p.get("jobName"):
            raise RefusedRequestError("jobName is required")
        size = (p.get("arrayProperties") or {}).get("size")
        if size is not None and size not in ARRAY_SIZES:
            raise RefusedRequestError(f"Array size {size} is not from {ARRAY_SIZES[0]} to {ARRAY_SIZES[-1]}")
        job_id = batch.new_uuid()
        record = new_record(
            p,
            self._definition(p.get("jobDefinition", "")),
            queue_arn=self._queue(p.get("jobQueue", ""))["jobQueueArn"],
            job_id=job_id,
            job_arn=batch._job_arn(job_id),
            now_ms=batch._now_ms(),
        )
        batch._jobs[job_id] = record
        children = children_of(record) if size else []
        for child in children:
            batch._jobs[child["jobId"]] = child
        self._runner.submit(children or [record], record if size else None)
        return {name: record[name] for name in ("jobId", "jobName", "jobArn")}

    def deregister(self, p: Record) -> Record:
        """Make a revision of a job definition INACTIVE."""
        self._definition(p.get("jobDefinition", ""))["status"] = "INACTIVE"
        return {}

    def _register(self, register: Callable[[Record], Answer], p: Record) -> Answer:
        """Register it with the properties that the engine drops."""
        answer = register(p)
        if answer[0] == 200:
            newest = self._batch._job_definitions[p["jobDefinitionName"]][-1]
            newest |= {name: p[name] for name in _KEPT_OF_DEFINITIONS if name in p}
        return answer

    def _describe(self, p: Record) -> Record:
        return {"jobs": [self._batch._jobs[job] for job in p.get("jobs") or [] if job in self._batch._jobs]}

    def _list(self, p: Record) -> Record:
        """A queue's jobs, or an array's children; RUNNING ones where no status is named, as Batch does."""
        array, status = p.get("arrayJobId"), p.get("jobStatus") or "RUNNING"
        queue = None if array else self._queue(p.get("jobQueue", ""))["jobQueueArn"]
        found = []
        for job in self._batch._jobs.values():
            parent, _, child = job["jobId"].partition(":")
            belongs = (child and parent == array) if array else (not child and job["jobQueue"] == queue)
            if belongs and job["status"] == status:
                found.append(_summary(job))
        return {"jobSummaryList": found}

    def _terminate(self, p: Record, *, running_too: bool) -> Record:
        if not p.get("jobId") or not p.get("reason"):
            raise RefusedRequestError("jobId and reason are required")
        self._runner.terminate(p["jobId"], p["reason"], running_too=running_too)
        return {}

    def _queue(self, name_or_arn: str) -> Record:
        queue: Record | None = self._batch._job_queues.get(name_or_arn.rsplit("/", 1)[-1])
        if queue is None:
            raise RefusedRequestError(f"JobQueue {name_or_arn} not found")
        return queue

    def _definition(self, name_or_arn: str) -> Record:
        """The revision that is named, or the newest; it must be ACTIVE."""
        name, _, revision = name_or_arn.rsplit("/", 1)[-1].partition(":")
        for found in reversed(self._batch._job_definitions.get(name, [])):
            if found["status"] == "ACTIVE" and (not revision or found["revision"] == int(revision)):
                definition: Record = found
                return definition
        raise RefusedRequestError(f"JobDefinition {name_or_arn} is not there or not ACTIVE")

    def _answering(self, work: Callable[[Record], Record]) -> Callable[[Record], Answer]:
        def answer(p: Record) -> Answer:
            try:
                found: Answer = self._batch._json(200, work(p))
            except RefusedRequestError as error:
                found = self._batch.error_response_json("ClientException", str(error), 400)
            return found

        return answer


def _summary(job: Record) -> Record:
    names = ("jobId", "jobArn", "jobName", "status", "statusReason", "createdAt", "startedAt", "stoppedAt")
    return {name: job[name] for name in (*names, "arrayProperties", "jobDefinition") if name in job}


def _interrupted(data: Any) -> Any:
    """The saved state with the jobs FAILED that hadn't ended: their processes are gone."""
    jobs = (data or {}).get("jobs")
    for job in list(jobs._data.values()) if jobs is not None else []:
        if job["status"] not in FINAL:
            job |= {"status": "FAILED", "statusReason": INTERRUPTED}
    return data
