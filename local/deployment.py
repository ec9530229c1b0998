"""Deploys the stack into a running engine with the real CDK command line, when its sources changed."""

import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError

from local.engine import Engine
from local.errors import LocalEngineError
from local.install import ROOT
from local.locks import held
from local.session import ACCESS_KEY, REGION, environment
from local.sources import fingerprint
from local.steps import Progress, run_step, silent

ACCOUNT = "000000000000"
STACK = "MerchantSales"
BOOTSTRAP_LIMIT_SECONDS = 120.0
DEPLOY_LIMIT_SECONDS = 600.0
_MARK = "/merchant-sales/deployed-from"
_NODE_VERSIONS = ",".join(str(version) for version in range(16, 40))  # jsii compares, "1" silences nothing
_DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}
_EVENT = re.compile(r"\|\s*(\d+(?:/\d+)?)\s*\|[^|]*\|\s*(\w+)\s*\|\s*(\S+)\s*\|\s*(.*)")


class Deployment:
    """The stack in one engine."""

    def __init__(
        self,
        engine: Engine,
        *,
        context: Mapping[str, str] | None = None,
        app_folder: Path = ROOT,
        stack: str = STACK,
        output: Path | None = None,
        limit_seconds: float = DEPLOY_LIMIT_SECONDS,
        progress: Progress = silent,
    ) -> None:
        """`context` are CDK context values, e.g. {"partitionBytes": "65536"}.

        Without it `target` is host and `mapConcurrency` the number of this computer's cores. What the CDK
        finds packaged in its `output` folder (default: one beside the engine's state) it packages once.
        """
        self._engine = engine
        cores = str(os.cpu_count() or 1)
        self._context = {"target": "host", "mapConcurrency": cores, **(context or {})}
        self._app_folder = app_folder
        self._stack = stack
        self._output = output or engine.folder.deployment / "cdk.out"
        self._limit_seconds = limit_seconds
        self._progress = progress

    def deploy(self) -> bool:
        """Bring the stack up to date and save the engine's state; False when it is up to date."""
        folder = self._engine.folder
        limit = BOOTSTRAP_LIMIT_SECONDS + self._limit_seconds
        busy = f"Another deployment into {folder.path} is still going on after {limit:g} s."
        with held(folder.deploy_lock, limit_seconds=limit, busy=busy):
            try:
                return self._deploy()
            except BotoCoreError as error:
                raise LocalEngineError(
                    f"The engine stopped answering during the deployment ({error}). "
                    f"Log: {folder.log}. Then run `merchant-sales local start` again."
                ) from error

    def _deploy(self) -> bool:
        session = self._engine.session()
        mark = fingerprint(self._app_folder, self._context)
        if self._deployed_from(session) == mark:
            return False
        cdk = self._cdk()
        self._remove_half_done(session)
        if _stack_status(session, "CDKToolkit") not in _DONE:
            self._progress("bootstrapping the CDK")
            command = [cdk, "bootstrap", f"aws://{ACCOUNT}/{REGION}"]
            self._run("cdk bootstrap", command, BOOTSTRAP_LIMIT_SECONDS, self.log.parent)
        self._progress("deploying the stack")
        self._run("cdk deploy", self._deploy_command(cdk), self._limit_seconds, self._app_folder)
        session.client("ssm").put_parameter(Name=self._mark_name, Value=mark, Type="String", Overwrite=True)
        self._engine.save()
        return True

    def destroy(self) -> None:
        """Take the stack away as `cdk destroy` does.

        The buckets that go with it are emptied first: on AWS a function of the CDK's does that.
        """
        session, s3 = self._engine.session(), self._engine.session().client("s3")
        for bucket in _buckets_to_delete(session, self._stack):
            pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
            for page in pages:
                for one in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                    s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
        command = [self._cdk(), "destroy", self._stack, *self._options(), "--force"]
        self._run("cdk destroy", command, self._limit_seconds, self._app_folder)
        self._engine.save()

    def outputs(self) -> dict[str, str]:
        """The stack's outputs by name; raises LocalEngineError when the stack isn't there."""
        stack = _describe(self._engine.session(), self._stack)
        if stack is None:
            raise LocalEngineError(
                f"The stack {self._stack} isn't in the embedded engine. Run: merchant-sales local start"
            )
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    @property
    def log(self) -> Path:
        """What the CDK says."""
        return self._engine.folder.deployment / "cdk.log"

    @property
    def _mark_name(self) -> str:
        return f"{_MARK}/{self._stack}"

    def _deployed_from(self, session: Any) -> str | None:
        """The fingerprint of what is deployed: kept in the engine, so it goes back when the engine does."""
        if _stack_status(session, self._stack) not in _DONE:
            return None
        ssm = session.client("ssm")
        try:
            return str(ssm.get_parameter(Name=self._mark_name)["Parameter"]["Value"])
        except ssm.exceptions.ParameterNotFound:
            return None

    def _remove_half_done(self, session: Any) -> None:
        """Delete a stack that the end of the engine caught in the middle: no update would be accepted."""
        for stack in ("CDKToolkit", self._stack):
            status = _stack_status(session, stack)
            if status is not None and status not in _DONE:
                self._progress(f"removing the stack {stack}, which is {status}")
                session.client("cloudformation").delete_stack(StackName=stack)

    def _cdk(self) -> str:
        command = ROOT / "node_modules" / ".bin" / "cdk"
        if not command.exists():
            raise LocalEngineError(
                f"The CDK command line isn't installed ({command} is missing). "
                "Run `make install` (or `npm ci`) in the repository."
            )
        return str(command)

    def _deploy_command(self, cdk: str) -> list[str]:
        how = ["--require-approval", "never", "--progress", "events", "--method", "direct"]
        return [cdk, "deploy", self._stack, *self._options(), *how]

    def _options(self) -> list[str]:
        context = [word for pair in self._context.items() for word in ("--context", "=".join(pair))]
        return [*context, "--output", str(self._output)]

    def _run(self, name: str, command: list[str], limit_seconds: float, cwd: Path) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        follower = _Follower(self.log, self._progress)
        run_step(
            name,
            [*command, "--no-notices", "--no-version-reporting"],
            log=self.log,
            limit_seconds=limit_seconds,
            cwd=cwd,
            env=self._variables(),
            watch=follower.follow,
            advice="Then run `merchant-sales local start` again.",
        )

    def _variables(self) -> dict[str, str]:
        """The caller's environment without its AWS settings; the app runs with this interpreter."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
        folder = self._engine.folder.deployment
        return {
            **kept,
            **environment(self._engine.endpoint),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)]),
            "AWS_CONFIG_FILE": str(folder / "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(folder / "no-credentials"),
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            # Checks the template against AWS's schemas for a quarter of the time; `cdk synth` does that too.
            "CDK_VALIDATION": "false",
            "CI": "true",
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": _NODE_VERSIONS,
        }


class _Follower:
    """Turns the lines the CDK adds to its log into progress lines."""

    def __init__(self, log: Path, progress: Progress) -> None:
        self._log = log
        self._read = log.stat().st_size if log.exists() else 0
        self._progress = progress

    def follow(self) -> None:
        """Report the newest completed resource since the last call, and every failed one."""
        with self._log.open("rb") as file:
            file.seek(self._read)
            new = file.read().rpartition(b"\n")[0]
        self._read += len(new)
        events = [found.groups() for found in _EVENT.finditer(new.decode(errors="replace"))]
        completed = [event for event in events if event[1].endswith("_COMPLETE")]
        for count, status, kind, name in [*(e for e in events if e[1].endswith("_FAILED")), *completed[-1:]]:
            self._progress(f"  {count} {status.lower()} {kind} {name}".rstrip())


def _describe(session: Any, stack: str) -> dict[str, Any] | None:
    client = session.client("cloudformation")
    try:
        described: dict[str, Any] = client.describe_stacks(StackName=stack)["Stacks"][0]
    except client.exceptions.ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return described


def _buckets_to_delete(session: Any, stack: str) -> list[str]:
    """The buckets of the stack that its template doesn't retain."""
    client = session.client("cloudformation")
    template = client.get_template(StackName=stack)["TemplateBody"]
    resources = (json.loads(template) if isinstance(template, str) else template)["Resources"]
    listed = client.list_stack_resources(StackName=stack)["StackResourceSummaries"]
    return [
        one["PhysicalResourceId"]
        for one in listed
        if one["ResourceType"] == "AWS::S3::Bucket"
        and resources[one["LogicalResourceId"]].get("DeletionPolicy") == "Delete"
    ]


def _stack_status(session: Any, stack: str) -> str | None:
    described = _describe(session, stack)
    status = described["StackStatus"] if described else None
    return None if status == "DELETE_COMPLETE" else status
