"""The Batch job: whose work it does, how it ends, and how its reason gets to people."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from lambdas.adapters.aws import Aws
from lambdas.adapters.executions import Executions
from lambdas.adapters.settings import Settings
from lambdas.adapters.work_files import WorkFiles
from lambdas.domain.errors import OrderFileError, RunError
from lambdas.domain.job_failure import JobFailure
from lambdas.domain.order_file import OrderFile
from lambdas.domain.plan import make_plan
from lambdas.domain.stored_names import job_failure_object, shards_object
from lambdas.merchant_sales import handler as merchant_sales
from lambdas.oversize_orders import job
from lambdas.shard_orders import handler as shard_orders
from tests.fault.services.s3 import S3
from tests.unit.order_files import LIMITS, order_format

PLAN = make_plan(
    order_file=OrderFile(bucket="orders", key="shop/a.csv", version_id="v1", size_bytes=1000),
    revision=1,
    replaced_bytes=0,
    formats=[order_format()],
    limits=LIMITS,
)
RUN = PLAN.run_id
SHARD = ["shard", RUN, "0"]


class Client:
    """The S3 client, over buckets in memory."""

    def __init__(self) -> None:
        self.s3 = S3({"work": {}})

    def __getattr__(self, name: str) -> Any:
        """All that needs no translation."""
        return getattr(self.s3, name)

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        """A page of keys."""
        return self.s3.list_objects_v2(limit=request.pop("MaxKeys"), **request)


@pytest.fixture
def work() -> WorkFiles:
    files = WorkFiles(client=Client(), bucket="work")  # type: ignore[arg-type]
    files.put_plan(PLAN)
    return files


@pytest.fixture
def run_job(work: WorkFiles, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs the job with a piece of work that ends as it is told."""
    aws = Aws(Settings({"POWERTOOLS_SERVICE_NAME": "test"}))
    aws.__dict__["work_files"] = work
    monkeypatch.setattr(job, "aws", lambda: aws)

    def run(error: Exception | None, **variables: str) -> int:
        def work_of(event: dict[str, Any], context: object) -> dict[str, Any]:
            del event, context
            if error:
                raise error
            return {}

        monkeypatch.setattr(shard_orders, "handler", work_of)
        return job.main(SHARD, {"AWS_BATCH_JOB_ID": "job-1", **variables})

    return run


@pytest.mark.parametrize(
    ("arguments", "variables", "work", "event"),
    [
        (SHARD, {}, shard_orders.handler, {"run_id": RUN, "split": 0, "begins_inside": False}),
        (["shard", RUN, "7"], {}, shard_orders.handler, {"run_id": RUN, "split": 7, "begins_inside": False}),
        (
            SHARD,
            {"AWS_BATCH_JOB_ARRAY_INDEX": "3"},
            shard_orders.handler,
            {"run_id": RUN, "split": 3, "begins_inside": False},
        ),
        (
            ["sales", RUN, "00000000", "ffffffff"],
            {},
            merchant_sales.handler,
            {"run_id": RUN, "lo": "00000000", "hi": "ffffffff"},
        ),
    ],
)
def test_its_arguments_say_whose_work_it_does(
    arguments: list[str], variables: dict[str, str], work: object, event: dict[str, Any]
) -> None:
    assert job.task_of(arguments, variables) == (work, event)


@pytest.mark.parametrize("arguments", [[], ["shard"], ["sales", RUN, "0"], ["settle", RUN]])
def test_wrong_arguments_are_told_what_is_expected(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="Expected `shard RUN_ID SPLIT` or `sales RUN_ID LO HI`"):
        job.task_of(arguments, {})


def test_a_job_that_did_its_work_ends_with_0_and_leaves_nothing(
    run_job: Callable[..., int], work: WorkFiles
) -> None:
    assert run_job(None) == 0
    assert work.job_failure(RUN, "job-1") is None


@pytest.mark.parametrize("error", [OrderFileError("It is damaged."), RunError("It is gone."), KeyError("x")])
def test_a_job_that_failed_ends_with_1_and_says_why(
    run_job: Callable[..., int], work: WorkFiles, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    assert run_job(error) == 1
    failure = work.job_failure(RUN, "job-1")
    assert failure == JobFailure(kind=type(error).__name__, message=str(error))
    [logged] = caplog.records
    assert (logged.levelname, logged.getMessage(), logged.__dict__["run_id"]) == ("ERROR", str(error), RUN)
    # A mistake of people's needs no trace, a mistake of ours does.
    assert bool(logged.exc_info) == isinstance(error, KeyError)


def test_the_child_of_an_array_names_its_split(run_job: Callable[..., int], work: WorkFiles) -> None:
    child = {"AWS_BATCH_JOB_ID": "job-1:5", "AWS_BATCH_JOB_ARRAY_INDEX": "5"}
    assert run_job(OrderFileError("It is damaged."), **child) == 1
    failure = work.job_failure(RUN, "job-1")
    assert failure == JobFailure(kind="OrderFileError", message="It is damaged.", split=5)


def test_a_split_that_was_sharded_before_is_not_sharded_again(
    run_job: Callable[..., int], work: WorkFiles
) -> None:
    work.client.put_object(Bucket="work", Key=shards_object(RUN, PLAN.splits[3]), Body=b"frames")
    assert run_job(KeyError("again"), AWS_BATCH_JOB_ARRAY_INDEX="3") == 0
    assert run_job(KeyError("for the first time"), AWS_BATCH_JOB_ARRAY_INDEX="4") == 1


class StepFunctions:
    """One failed execution without Map Runs."""

    def __init__(self, cause: object) -> None:
        self.cause = cause if isinstance(cause, str) else json.dumps(cause)

    def describe_execution(self, **request: str) -> dict[str, str]:
        """How it stands."""
        del request
        return {"status": "FAILED", "error": "States.TaskFailed", "cause": self.cause}

    def list_map_runs(self, **request: str) -> dict[str, list[Any]]:
        """None."""
        del request
        return {"mapRuns": []}

    class exceptions:  # noqa: N801  the client's name
        """What the client raises."""

        class ExecutionDoesNotExist(Exception):  # noqa: N818  the client's name
            """Never here."""


def reason(work: WorkFiles, cause: object) -> str:
    return Executions(StepFunctions(cause), work).ending("arn").reason  # type: ignore[arg-type]


FAILED_JOB = {
    "JobId": "job-1",
    "Parameters": {"run_id": RUN, "split": "0"},
    "StatusReason": "Essential container in task exited",
    "Container": {"ExitCode": 1},
}


def test_the_reason_of_a_failed_run_is_the_sentence_of_its_job(work: WorkFiles) -> None:
    work.put_job_failure(RUN, "job-1", JobFailure(kind="OrderFileError", message="It is damaged."))
    assert reason(work, FAILED_JOB) == "It is damaged."


def test_the_reason_of_a_failed_array_job_names_the_split(work: WorkFiles) -> None:
    work.put_job_failure(RUN, "job-1:5", JobFailure(kind="OrderFileError", message="It is damaged.", split=5))
    assert reason(work, FAILED_JOB) == "Split 5: It is damaged."


def test_another_jobs_sentence_is_not_taken_for_this_ones(work: WorkFiles) -> None:
    work.put_job_failure(RUN, "job-0", JobFailure(kind="OrderFileError", message="It was damaged."))
    assert "Essential container in task exited, exit code 1" in reason(work, FAILED_JOB)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"Container": {"ExitCode": 137, "Reason": "OutOfMemoryError: Container killed"}},
            "(the Batch job failed: OutOfMemoryError: Container killed, exit code 137)",
        ),
        (
            {"StatusReason": "Your Spot Task was interrupted.", "Container": {}},
            "Your Spot Task was interrupted",
        ),
        ({"StatusReason": "Array Child Job failed", "Container": None}, "Array Child Job failed"),
        ({"Parameters": None}, "Essential container in task exited"),
    ],
)
def test_where_a_job_could_say_nothing_batchs_words_have_to_do(
    work: WorkFiles, changes: dict[str, Any], told: str
) -> None:
    assert told in reason(work, FAILED_JOB | changes)


def test_failures_lie_beside_the_plan_and_expire_with_it() -> None:
    assert job_failure_object(RUN, "job-1:5") == f"runs/{RUN}/failures/job-1:5.json"
