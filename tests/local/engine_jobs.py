"""Puts job definitions into an engine without the CDK, and runs jobs of them."""

import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

from local.session import EngineSession

TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
LOG_GROUP = "/aws/batch/job"
Job = dict[str, Any]

WAIT = """
import pathlib, sys, time
while not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.05)
"""
"""A job that runs until a file exists: a test says when, however slow the computer is."""
SHOW_CREDENTIALS = f"""
import os, urllib.request
print(urllib.request.urlopen(os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"]).read().decode(), flush=True)
{WAIT}
"""
"""A job that prints its role's credentials, which hold while it runs, and waits."""


@dataclass(frozen=True)
class EngineJobs:
    """The jobs of one queue of an engine."""

    session: EngineSession
    queue: str

    @classmethod
    def on(cls, session: EngineSession, *, spot: bool = False) -> "EngineJobs":
        """A new queue onto Fargate or Fargate Spot."""
        batch, name = session.client("batch"), f"queue-{uuid.uuid4().hex[:8]}"
        environment = batch.create_compute_environment(
            computeEnvironmentName=name,
            type="MANAGED",
            computeResources={
                "type": "FARGATE_SPOT" if spot else "FARGATE",
                "maxvCpus": 4,
                "subnets": ["subnet-1"],
            },
        )["computeEnvironmentArn"]
        order = [{"order": 1, "computeEnvironment": environment}]
        batch.create_job_queue(jobQueueName=name, priority=1, computeEnvironmentOrder=order)
        return cls(session, name)

    def define(self, command: list[str], *, role: str | None = None, **options: Any) -> str:
        """A job definition; its ARN."""
        container: dict[str, Any] = {"image": "python", "command": command}
        container |= {"jobRoleArn": role} if role else {}
        container["environment"] = options.pop("environment", [])
        answer = self.session.client("batch").register_job_definition(
            jobDefinitionName=f"job-{uuid.uuid4().hex[:8]}",
            type="container",
            containerProperties=container,
            **options,
        )
        return str(answer["jobDefinitionArn"])

    def role(self, *statements: dict[str, Any]) -> str:
        """A role that jobs take, with these grants."""
        iam, name = self.session.client("iam"), f"role-{uuid.uuid4().hex[:8]}"
        trust = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
        arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_role_policy(RoleName=name, PolicyName="grants", PolicyDocument=policy)
        return arn

    def submit(self, definition: str, **options: Any) -> str:
        """Submit a job; its id."""
        answer = self.session.client("batch").submit_job(
            jobName="test", jobQueue=self.queue, jobDefinition=definition, **options
        )
        return str(answer["jobId"])

    def job(self, job_id: str) -> Job:
        """What is known of a job."""
        [found] = self.session.client("batch").describe_jobs(jobs=[job_id])["jobs"]
        job: Job = found
        return job

    def when(self, job_id: str, *statuses: str, limit_seconds: float = 30) -> Job:
        """The job as soon as it has one of these statuses."""
        deadline = time.monotonic() + limit_seconds
        while (job := self.job(job_id))["status"] not in statuses:
            assert time.monotonic() < deadline, job
            time.sleep(0.05)
        return job

    def ended(self, job_id: str) -> Job:
        """The job as soon as it has ended."""
        return self.when(job_id, "SUCCEEDED", "FAILED")

    def run(self, definition: str, **options: Any) -> Job:
        """Submit a job and wait for its end."""
        return self.ended(self.submit(definition, **options))

    def first_line(self, job_id: str, group: str = LOG_GROUP) -> str:
        """The first line that a running job writes."""
        self.when(job_id, "RUNNING")
        deadline = time.monotonic() + 30
        while "logStreamName" not in (job := self.job(job_id))["container"] or not self.log(job, group):
            assert time.monotonic() < deadline, job
            time.sleep(0.05)
        return self.log(job, group)[0]

    def log(self, job: Job, group: str = LOG_GROUP) -> list[str]:
        """The lines that a job's last attempt has written."""
        events = self.session.client("logs").get_log_events(
            logGroupName=group, logStreamName=job["container"]["logStreamName"]
        )
        return [event["message"] for event in events["events"]]
