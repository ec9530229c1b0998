"""What local/inside adds to the engine's Batch: jobs run, as processes, with what Batch gives them."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.engine import Engine
from tests.local.conftest import EngineMaker
from tests.local.engine_jobs import SHOW_CREDENTIALS, WAIT, EngineJobs

SPOT_RULES: dict[str, Any] = {
    "attempts": 3,
    "evaluateOnExit": [
        {"onStatusReason": "Your Spot Task was interrupted*", "action": "RETRY"},
        {"onReason": "*", "action": "EXIT"},
    ],
}
FIRST_ATTEMPT_SLEEPS = """
import os, sys, time
print(os.getpid(), flush=True)
if os.environ["AWS_BATCH_JOB_ATTEMPT"] == "1": time.sleep(60)
"""


@pytest.fixture
def jobs(engine: Engine) -> EngineJobs:
    return EngineJobs.on(engine.session())


def python(program: str, *arguments: str) -> list[str]:
    return ["python", "-c", program, *arguments]


def test_a_job_runs_with_its_parameters_and_environment_and_logs(jobs: EngineJobs) -> None:
    program = "import os, sys; print(sys.argv[1:], os.environ['SHOP'], os.environ['CITY'])"
    definition = jobs.define(
        python(program, "Ref::run_id", "Ref::split", "Ref::unknown"),
        parameters={"split": "0"},
        environment=[{"name": "SHOP", "value": "a"}, {"name": "CITY", "value": "b"}],
    )
    override = {"environment": [{"name": "CITY", "value": "c"}]}
    job = jobs.run(definition, parameters={"run_id": "r"}, containerOverrides=override)
    assert (job["status"], job["container"]["exitCode"]) == ("SUCCEEDED", 0)
    assert jobs.log(job) == ["['r', '0', 'Ref::unknown'] a c"]


def test_a_job_finds_the_standard_library_and_nothing_of_the_engine(jobs: EngineJobs) -> None:
    job = jobs.run(jobs.define(python("import json\nimport boto3")))
    assert job["status"] == "FAILED"
    assert jobs.log(job)[-1] == "ModuleNotFoundError: No module named 'boto3'"


def test_a_failed_job_tells_its_exit_code_and_is_tried_as_often_as_its_definition_says(
    jobs: EngineJobs,
) -> None:
    job = jobs.run(jobs.define(python("raise SystemExit(3)"), retryStrategy={"attempts": 2}))
    assert [attempt["container"]["exitCode"] for attempt in job["attempts"]] == [3, 3]
    assert (job["status"], job["statusReason"]) == ("FAILED", "Essential container in task exited")


def test_rules_say_which_failures_are_tried_again(jobs: EngineJobs) -> None:
    rules = [{"onExitCode": "4", "action": "RETRY"}, {"onReason": "*", "action": "EXIT"}]
    strategy = {"attempts": 3, "evaluateOnExit": rules}
    program = "import os; raise SystemExit(4 if os.environ['AWS_BATCH_JOB_ATTEMPT'] == '1' else 5)"
    job = jobs.run(jobs.define(python(program), retryStrategy=strategy))
    assert [attempt["container"]["exitCode"] for attempt in job["attempts"]] == [4, 5]


@pytest.mark.parametrize(("spot", "attempts", "status"), [(True, 2, "SUCCEEDED"), (False, 1, "FAILED")])
def test_a_job_that_is_killed_on_spot_was_interrupted_and_runs_again(
    engine: Engine, spot: bool, attempts: int, status: str
) -> None:
    jobs = EngineJobs.on(engine.session(), spot=spot)
    job_id = jobs.submit(jobs.define(python(FIRST_ATTEMPT_SLEEPS), retryStrategy=SPOT_RULES))
    os.kill(int(jobs.first_line(job_id)), signal.SIGKILL)
    job = jobs.ended(job_id)
    assert (len(job["attempts"]), job["status"]) == (attempts, status)
    first = job["attempts"][0]
    assert first["container"]["exitCode"] == 137
    assert first["statusReason"].startswith("Your Spot Task was interrupted") == spot


def test_a_job_that_takes_too_long_ends_for_good(jobs: EngineJobs) -> None:
    timeout = {"attemptDurationSeconds": 1}
    job = jobs.run(
        jobs.define(python("import time; time.sleep(60)"), timeout=timeout, retryStrategy={"attempts": 3})
    )
    assert len(job["attempts"]) == 1
    assert (job["status"], job["statusReason"]) == ("FAILED", "Job attempt duration exceeded timeout")


def test_the_children_of_an_array_job_know_their_index(jobs: EngineJobs) -> None:
    program = "import os; print(os.environ['AWS_BATCH_JOB_ARRAY_INDEX'], os.environ['AWS_BATCH_JOB_ID'])"
    job = jobs.run(jobs.define(python(program)), arrayProperties={"size": 3})
    assert job["status"] == "SUCCEEDED"
    assert job["arrayProperties"]["statusSummary"]["SUCCEEDED"] == 3
    children = [jobs.job(f"{job['jobId']}:{index}") for index in range(3)]
    assert [jobs.log(child) for child in children] == [[f"{i} {job['jobId']}:{i}"] for i in range(3)]


def test_an_array_job_fails_with_a_child_once_all_have_ended(jobs: EngineJobs) -> None:
    program = "import os; raise SystemExit(int(os.environ['AWS_BATCH_JOB_ARRAY_INDEX']) == 1)"
    job = jobs.run(jobs.define(python(program)), arrayProperties={"size": 3})
    assert (job["status"], job["statusReason"]) == ("FAILED", "Array Child Job failed")
    summary = job["arrayProperties"]["statusSummary"]
    assert (summary["SUCCEEDED"], summary["FAILED"]) == (2, 1)
    listed = jobs.session.client("batch").list_jobs(arrayJobId=job["jobId"], jobStatus="FAILED")
    assert [child["jobId"] for child in listed["jobSummaryList"]] == [f"{job['jobId']}:1"]


def test_a_job_waits_for_those_it_depends_on_and_fails_with_them(jobs: EngineJobs, tmp_path: Path) -> None:
    quick, end = jobs.define(python("pass")), tmp_path / "end"
    first = jobs.submit(jobs.define(python(WAIT, str(end))))
    second = jobs.submit(quick, dependsOn=[{"jobId": first}])
    jobs.when(first, "RUNNING")
    assert jobs.job(second)["status"] == "PENDING"
    end.touch()
    began = jobs.ended(second)["startedAt"]
    assert began >= jobs.job(first)["stoppedAt"]
    broken = jobs.submit(jobs.define(python("raise SystemExit(1)")))
    assert jobs.run(quick, dependsOn=[{"jobId": broken}])["statusReason"] == "Dependent Job failed"


def test_a_job_can_be_terminated_and_listed(jobs: EngineJobs) -> None:
    batch = jobs.session.client("batch")
    job_id = jobs.submit(jobs.define(python("import time; time.sleep(60)"), retryStrategy={"attempts": 3}))
    jobs.when(job_id, "RUNNING")
    [listed] = batch.list_jobs(jobQueue=jobs.queue)["jobSummaryList"]
    assert listed["jobId"] == job_id
    batch.cancel_job(jobId=job_id, reason="only waiting jobs can be cancelled")
    batch.terminate_job(jobId=job_id, reason="enough")
    job = jobs.ended(job_id)
    assert (job["status"], job["statusReason"], len(job["attempts"])) == ("FAILED", "enough", 1)
    assert batch.list_jobs(jobQueue=jobs.queue)["jobSummaryList"] == []


def test_a_job_may_do_what_its_role_may_and_only_while_it_runs(jobs: EngineJobs, tmp_path: Path) -> None:
    end = tmp_path / "end"
    s3 = jobs.session.client("s3")
    s3.create_bucket(Bucket="job-roles")
    s3.put_object(Bucket="job-roles", Key="open", Body=b"")
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::job-roles/open"}
    job_id = jobs.submit(jobs.define(python(SHOW_CREDENTIALS, str(end)), role=jobs.role(read)))
    role = json.loads(jobs.first_line(job_id))
    client = boto3.client(
        "s3",
        endpoint_url=jobs.session.endpoint,
        region_name="us-east-1",
        aws_access_key_id=role["AccessKeyId"],
        aws_secret_access_key=role["SecretAccessKey"],
        aws_session_token=role["Token"],
    )
    assert client.get_object(Bucket="job-roles", Key="open")["ResponseMetadata"]["HTTPStatusCode"] == 200
    with pytest.raises(ClientError, match="AccessDenied"):
        client.put_object(Bucket="job-roles", Key="open", Body=b"")
    end.touch()
    assert jobs.ended(job_id)["status"] == "SUCCEEDED"
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        client.get_object(Bucket="job-roles", Key="open")


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({"jobDefinition": "nothing"}, "JobDefinition nothing is not there"),
        ({"jobQueue": "nothing"}, "JobQueue nothing not found"),
        ({"arrayProperties": {"size": 1}}, "Array size 1 is not from 2 to 10000"),
    ],
)
def test_what_cannot_be_submitted_is_refused(jobs: EngineJobs, request_: dict[str, Any], told: str) -> None:
    valid = {"jobName": "j", "jobQueue": jobs.queue, "jobDefinition": jobs.define(python("pass"))}
    with pytest.raises(ClientError, match=told):
        jobs.session.client("batch").submit_job(**valid | request_)


def test_a_stop_of_the_engine_ends_its_jobs_and_the_next_start_finds_them_failed(
    make_engine: EngineMaker,
) -> None:
    engine = make_engine()
    engine.start()
    jobs = EngineJobs.on(engine.session())
    job_id = jobs.submit(jobs.define(python(FIRST_ATTEMPT_SLEEPS)))
    process = int(jobs.first_line(job_id))
    engine.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    engine.start()
    job = EngineJobs(engine.session(), jobs.queue).job(job_id)
    assert (job["status"], job["statusReason"]) == ("FAILED", "The engine ended while the job waited or ran")


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for the process there")
def test_jobs_end_soon_after_an_engine_that_was_killed(make_engine: EngineMaker) -> None:
    engine = make_engine()
    engine.start()
    jobs = EngineJobs.on(engine.session())
    process = int(jobs.first_line(jobs.submit(jobs.define(python(FIRST_ATTEMPT_SLEEPS)))))
    pid = engine.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    deadline = time.monotonic() + 20
    while Path(f"/proc/{process}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
