"""The embedded engine for tests: a state folder and a port of its own, ended and removed in any case."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.deployment import Deployment
from local.engine import Engine
from local.install import ROOT
from local.session import EngineSession
from local.settings import EngineSettings
from tests.local.engine_functions import EngineFunctions

EngineMaker = Callable[..., Engine]


@contextmanager
def ended_engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineMaker]:
    """Makes engines that aren't started yet, and ends and removes them all in any case."""
    made: list[Engine] = []

    def make(**settings: object) -> Engine:
        options = {"state_dir": tmp_path_factory.mktemp("engine"), "port": 0, "wait_scale": 0.05, **settings}
        made.append(Engine(EngineSettings(**options)))  # type: ignore[arg-type]
        return made[-1]

    try:
        yield make
    finally:
        for engine in made:
            engine.reset()


@pytest.fixture
def make_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineMaker]:
    """Makes engines that aren't started; they end with the test."""
    with ended_engines(tmp_path_factory) as make:
        yield make


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A running engine without the stack, shared by tests that only add functions to it."""
    with ended_engines(tmp_path_factory) as make:
        engine = make(calls_at_once=3)
        engine.start()
        yield engine


@pytest.fixture
def functions(engine: Engine) -> EngineFunctions:
    """Makes functions and state machines in the shared engine."""
    return EngineFunctions(engine.session())


@dataclass(frozen=True)
class Deployed:
    """The stack in a running engine."""

    engine: Engine
    session: EngineSession
    outputs: dict[str, str]


@pytest.fixture(scope="session")
def stack_context() -> dict[str, str]:
    """The CDK context of the deployed stack: so small that the samples need both kinds of Map, and cuts."""
    return {"partitionBytes": "1000000", "inlinePartitions": "2", "splitBytes": "400000"}


@pytest.fixture(scope="session")
def cdk_output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CDK's folder of all deployments: what the functions import is packaged once for them all."""
    return tmp_path_factory.mktemp("cdk") / "cdk.out"


@pytest.fixture(scope="session")
def deployed(
    tmp_path_factory: pytest.TempPathFactory, cdk_output: Path, stack_context: dict[str, str]
) -> Iterator[Deployed]:
    """The real stack, deployed by the real CDK into an engine of its own."""
    with deployed_stack(tmp_path_factory, cdk_output, stack_context) as stack:
        yield stack


@contextmanager
def deployed_stack(
    tmp_path_factory: pytest.TempPathFactory,
    cdk_output: Path,
    context: Mapping[str, str],
    app_folder: Path = ROOT,
) -> Iterator[Deployed]:
    """Deploys the stack with a context of its own into an engine of its own."""
    with ended_engines(tmp_path_factory) as make:
        engine = make()
        engine.start()
        deployment = Deployment(engine, context=context, app_folder=app_folder, output=cdk_output)
        deployment.deploy()
        yield Deployed(engine, engine.session(), deployment.outputs())


SMALL_APP = """
import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

app = cdk.App()
stack = cdk.Stack(app, "Small")
bucket = s3.Bucket(stack, "Bucket", versioned=True, enforce_ssl=True)
cdk.CfnOutput(stack, "BucketName", value=bucket.bucket_name)
app.synth()
"""


@pytest.fixture
def small_app(tmp_path: Path) -> Path:
    """A CDK app of one bucket, quick to deploy."""
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "app.py").write_text(SMALL_APP)
    (folder / "cdk.json").write_text('{"app": "python app.py"}')
    return folder
