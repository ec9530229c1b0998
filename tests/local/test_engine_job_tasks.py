"""What local/inside adds so that state machines run Batch jobs, and templates may define them."""

import json
import time
from typing import Any

import pytest

from local.engine import Engine
from tests.local.engine_functions import EngineFunctions
from tests.local.engine_jobs import EngineJobs

SLEEP = ["python", "-c", "import time; print('up', flush=True); time.sleep(60)"]


@pytest.fixture
def jobs(engine: Engine) -> EngineJobs:
    return EngineJobs.on(engine.session())


def machine(functions: EngineFunctions, jobs: EngineJobs, definition: str, **more: Any) -> str:
    """A state machine of one state that runs a job."""
    parameters = {"JobName": "test", "JobQueue": jobs.queue, "JobDefinition": definition}
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::batch:submitJob.sync",
        "Parameters": parameters | more.pop("parameters", {}),
        "End": True,
        **more,
    }
    return functions.machine({"StartAt": "Job", "States": {"Job": state}})


def test_a_task_waits_for_its_job_and_takes_parameters_and_array_size_from_the_state(
    functions: EngineFunctions, jobs: EngineJobs
) -> None:
    program = "import os, sys; print(sys.argv[1:], os.environ['AWS_BATCH_JOB_ARRAY_INDEX'])"
    definition = jobs.define(["python", "-c", program, "Ref::run_id"])
    more = {"Parameters": {"run_id.$": "$.run_id"}, "ArrayProperties": {"Size.$": "$.splits"}}
    arn = machine(functions, jobs, definition, parameters=more)
    ended = functions.run(arn, {"run_id": "r", "splits": 2})
    assert ended["status"] == "SUCCEEDED"
    job = json.loads(ended["output"])
    assert (job["Status"], job["Parameters"]) == ("SUCCEEDED", {"run_id": "r"})
    assert jobs.log(jobs.job(f"{job['JobId']}:1")) == ["['r'] 1"]


def test_a_failed_job_is_the_cause_of_the_tasks_failure(functions: EngineFunctions, jobs: EngineJobs) -> None:
    definition = jobs.define(["python", "-c", "raise SystemExit(1)"], parameters={"run_id": "r"})
    ended = functions.run(machine(functions, jobs, definition))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed")
    job = json.loads(ended["cause"])
    assert (job["StatusReason"], job["Container"]["ExitCode"]) == ("Essential container in task exited", 1)
    assert (job["Parameters"], "JobId" in job) == ({"run_id": "r"}, True)


def test_a_job_that_cannot_be_submitted_fails_the_task(functions: EngineFunctions, jobs: EngineJobs) -> None:
    ended = functions.run(machine(functions, jobs, "nothing"))
    assert (ended["error"], "nothing" in ended["cause"]) == ("Batch.ClientException", True)


def test_a_task_that_takes_too_long_ends_its_job(functions: EngineFunctions, jobs: EngineJobs) -> None:
    ended = functions.run(machine(functions, jobs, jobs.define(SLEEP), TimeoutSeconds=1))
    assert ended["error"] == "States.Timeout"
    assert "timed out" in _the_failed_job(jobs)["statusReason"]


def test_a_stopped_execution_ends_its_job(functions: EngineFunctions, jobs: EngineJobs) -> None:
    states = jobs.session.client("stepfunctions")
    arn = machine(functions, jobs, jobs.define(SLEEP), TimeoutSeconds=60)
    execution = states.start_execution(stateMachineArn=arn)["executionArn"]
    _wait_for(lambda: jobs.session.client("batch").list_jobs(jobQueue=jobs.queue)["jobSummaryList"])
    states.stop_execution(executionArn=execution)
    assert "stopped" in _the_failed_job(jobs)["statusReason"]
    assert states.describe_execution(executionArn=execution)["status"] == "ABORTED"


def _the_failed_job(jobs: EngineJobs) -> dict[str, Any]:
    batch = jobs.session.client("batch")
    [job] = _wait_for(lambda: batch.list_jobs(jobQueue=jobs.queue, jobStatus="FAILED")["jobSummaryList"])
    found: dict[str, Any] = job
    return found


def _wait_for(found: Any) -> Any:
    deadline = time.monotonic() + 20
    while not (answer := found()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return answer


def template(*, vcpus: str, keep: bool) -> str:
    """A compute environment, a queue onto it and a job definition."""
    container = {
        "Image": "python",
        "Command": ["python", "-c", "import os; print(os.environ['CITY'])"],
        "Environment": [{"Name": "CITY", "Value": "b"}],
        "ResourceRequirements": [{"Type": "VCPU", "Value": vcpus}],
    }
    resources = {
        "Fargate": {
            "Type": "AWS::Batch::ComputeEnvironment",
            "Properties": {
                "Type": "managed",
                "ComputeResources": {"Type": "FARGATE", "MaxvCpus": 4, "Subnets": ["subnet-1"]},
            },
        },
        "Queue": {
            "Type": "AWS::Batch::JobQueue",
            "Properties": {
                "Priority": 1,
                "ComputeEnvironmentOrder": [{"Order": 1, "ComputeEnvironment": {"Ref": "Fargate"}}],
            },
        },
        "Job": {
            "Type": "AWS::Batch::JobDefinition",
            "Properties": {
                "Type": "container",
                "ContainerProperties": container,
                "Parameters": {"run_id": "r"},
                "ResourceRetentionPolicy": {"SkipDeregisterOnUpdate": keep},
            },
        },
    }
    outputs = {name: {"Value": {"Ref": name}} for name in ("Queue", "Job")}
    return json.dumps({"Resources": resources, "Outputs": outputs})


@pytest.mark.parametrize("keep", [True, False])
def test_a_template_defines_jobs_and_an_update_makes_the_next_revision(engine: Engine, keep: bool) -> None:
    formation, batch = engine.session().client("cloudformation"), engine.session().client("batch")
    name = f"jobs-{keep}"
    formation.create_stack(StackName=name, TemplateBody=template(vcpus="1", keep=keep))
    first = _outputs(formation, name)
    jobs = EngineJobs(engine.session(), first["Queue"])
    job = jobs.run(first["Job"])
    assert (job["status"], job["parameters"], jobs.log(job)) == ("SUCCEEDED", {"run_id": "r"}, ["b"])
    formation.update_stack(StackName=name, TemplateBody=template(vcpus="2", keep=keep))
    second = _outputs(formation, name)
    assert (second["Queue"], second["Job"][:-1]) == (first["Queue"], first["Job"][:-1])
    family = first["Job"].rsplit("/", 1)[-1].split(":")[0]
    revisions = batch.describe_job_definitions(jobDefinitionName=family)["jobDefinitions"]
    assert [revision["status"] for revision in revisions] == ["ACTIVE" if keep else "INACTIVE", "ACTIVE"]
    formation.delete_stack(StackName=name)
    _wait_for(lambda: not batch.describe_job_queues(jobQueues=[first["Queue"]])["jobQueues"])


def _outputs(formation: Any, name: str) -> dict[str, str]:
    def settled() -> dict[str, Any] | None:
        stack: dict[str, Any] = formation.describe_stacks(StackName=name)["Stacks"][0]
        return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

    stack = _wait_for(settled)
    assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), stack
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
