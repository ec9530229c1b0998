"""Deploying with the real CDK: once, again, after changes, after unclean ends and within a time limit."""

import os
import signal
import time
from pathlib import Path

import pytest

from local.deployment import Deployment
from local.engine import Engine
from local.errors import LocalEngineError
from local.steps import run_step
from tests.local.conftest import EngineMaker


def _deployment(engine: Engine, app: Path, **options: float) -> Deployment:
    return Deployment(engine, app_folder=app, stack="Small", **options)  # type: ignore[arg-type]


def test_a_stack_is_deployed_once_and_survives_a_kill(make_engine: EngineMaker, small_app: Path) -> None:
    engine = make_engine()
    engine.start()
    assert _deployment(engine, small_app).deploy() is True
    assert _deployment(engine, small_app).deploy() is False
    bucket = _deployment(engine, small_app).outputs()["BucketName"]

    pid = engine.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    engine.start()
    assert _deployment(engine, small_app).deploy() is False
    engine.session().client("s3").put_object(Bucket=bucket, Key="key", Body=b"")

    changed = (small_app / "app.py").read_text().replace("BucketName", "OtherName")
    (small_app / "app.py").write_text(changed)
    assert _deployment(engine, small_app).deploy() is True
    assert _deployment(engine, small_app).outputs() == {"OtherName": bucket}


def test_a_deployment_has_a_time_limit_that_leaves_nothing_running(
    make_engine: EngineMaker, small_app: Path
) -> None:
    (small_app / "app.py").write_text("import time; time.sleep(600)")
    engine = make_engine()
    engine.start()
    began = time.monotonic()
    with pytest.raises(LocalEngineError, match="cdk deploy did not end within 5 s") as error:
        _deployment(engine, small_app, limit_seconds=5).deploy()
    assert "cdk.log" in str(error.value)
    assert "local start" in str(error.value)
    assert time.monotonic() - began < 60


def test_an_error_of_the_app_is_shown(make_engine: EngineMaker, small_app: Path) -> None:
    (small_app / "app.py").write_text("raise SystemExit('formats/x.yaml: no such key')")
    engine = make_engine()
    engine.start()
    with pytest.raises(LocalEngineError, match="no such key"):
        _deployment(engine, small_app).deploy()


def test_without_the_stack_the_error_says_how_to_deploy_it(engine: Engine, small_app: Path) -> None:
    with pytest.raises(LocalEngineError, match="The stack Small isn't in the embedded engine"):
        _deployment(engine, small_app).outputs()


def test_a_step_that_takes_too_long_ends_with_all_its_processes(tmp_path: Path) -> None:
    log = tmp_path / "step.log"
    began = time.monotonic()
    with pytest.raises(LocalEngineError, match=r"Sleeping did not end within 0.5 s and was stopped"):
        run_step(
            "Sleeping", ["sh", "-c", "sleep 60 & sleep 60"], log=log, limit_seconds=0.5, advice="Sleep less."
        )
    assert time.monotonic() - began < 5
    assert "Sleeping" in log.read_text()


def test_a_step_whose_command_is_missing_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LocalEngineError, match=r"cannot run no-such-command .* Install it\."):
        run_step("Trying", ["no-such-command"], log=tmp_path / "log", limit_seconds=1, advice="Install it.")


def test_after_a_failed_deployment_the_next_one_begins_anew(
    make_engine: EngineMaker, small_app: Path
) -> None:
    good = (small_app / "app.py").read_text()
    broken = good.replace("app.synth()", 'cdk.CfnResource(stack, "No", type="AWS::No::Such")\napp.synth()')
    engine = make_engine()
    engine.start()
    (small_app / "app.py").write_text(broken)
    with pytest.raises(LocalEngineError, match="AWS::No::Such"):
        _deployment(engine, small_app).deploy()
    (small_app / "app.py").write_text(good)
    assert _deployment(engine, small_app).deploy() is True
