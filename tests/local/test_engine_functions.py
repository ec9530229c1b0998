"""What local/inside adds to the engine's functions, and why."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local.engine import Engine
from tests.local.engine_functions import EngineFunctions, zipped

RAISES = "class RunError(Exception): pass\ndef handler(event, context): raise RunError('a readable sentence')"


def test_a_function_error_carries_its_own_class_name(functions: EngineFunctions) -> None:
    error = functions.call(functions.add(RAISES))
    assert error["errorType"] == "RunError"
    assert error["errorMessage"] == "a readable sentence"
    assert any("RunError('a readable sentence')" in line for line in error["stackTrace"])


def test_a_state_machine_retries_and_catches_by_the_class_name(functions: EngineFunctions) -> None:
    counts = "import tempfile, pathlib\nclass Again(Exception): pass\nclass RunError(Exception): pass\n"
    fails_twice = counts + (
        "calls = 0\n"
        "def handler(event, context):\n"
        "    global calls\n"
        "    calls += 1\n"
        "    if calls < 3: raise Again('once more')\n"
        "    raise RunError(f'after {calls} calls')\n"
    )
    machine = functions.machine(
        {
            "StartAt": "Work",
            "States": {
                "Work": {
                    "Type": "Task",
                    "Resource": functions.add(fails_twice),
                    "Retry": [{"ErrorEquals": ["Again"], "IntervalSeconds": 1, "MaxAttempts": 5}],
                    "Catch": [
                        {"ErrorEquals": ["Runtime.HandlerError"], "Next": "Wrong"},
                        {"ErrorEquals": ["RunError"], "Next": "Caught"},
                    ],
                    "End": True,
                },
                "Wrong": {"Type": "Fail", "Error": "CaughtByTheEnginesOwnName"},
                "Caught": {"Type": "Succeed"},
            },
        }
    )
    run = functions.run(machine)
    assert run["status"] == "SUCCEEDED"
    assert json.loads(json.loads(run["output"])["Cause"])["errorMessage"] == "after 3 calls"


def test_a_function_that_forgot_a_dependency_fails_although_the_engine_has_it(
    functions: EngineFunctions,
) -> None:
    error = functions.call(functions.add("import yaml\ndef handler(event, context): return 1"))
    assert error["errorType"] == "Runtime.ImportModuleError"
    assert error["errorMessage"] == "Unable to import module 'work': No module named 'yaml'"


def test_a_function_finds_boto3_as_on_aws(functions: EngineFunctions) -> None:
    source = "import boto3\ndef handler(*_): return boto3.client('sts').get_caller_identity()['Arn']"
    assert ":assumed-role/role-" in functions.call(functions.add(source))


def test_a_function_process_that_ends_is_named_as_on_aws(functions: EngineFunctions) -> None:
    error = functions.call(functions.add("import os\ndef handler(event, context): os._exit(3)"))
    assert error["errorType"] == "Runtime.ExitError"


def test_iam_is_enforced_for_functions(functions: EngineFunctions) -> None:
    source = "import boto3\ndef handler(event, context): boto3.client('s3').list_objects_v2(Bucket='orders')"
    functions.session.client("s3").create_bucket(Bucket="orders")
    assert "AccessDenied" in functions.call(functions.add(source))["errorMessage"]


BUSY = """
import os, pathlib, time
folder = pathlib.Path(os.environ["HOME"]) / "busy"
folder.mkdir(exist_ok=True)
def handler(event, context):
    mark = folder / str(os.getpid())
    mark.touch()
    time.sleep(0.2)
    most = len(list(folder.iterdir()))
    mark.unlink()
    return most
"""


def test_calls_queue_at_the_set_number_instead_of_starting_a_process_each(functions: EngineFunctions) -> None:
    function = functions.add(BUSY)
    with ThreadPoolExecutor(12) as pool:
        most = max(pool.map(lambda _: functions.call(function), range(12)))
    assert 1 < most <= 3


def test_calls_from_state_machines_queue_too(functions: EngineFunctions) -> None:
    task = {"Type": "Task", "Resource": functions.add(BUSY), "End": True}
    each = {"StartAt": "Work", "States": {"Work": task}}
    fan_out = {"Type": "Map", "ItemsPath": "$", "ItemProcessor": each, "End": True}
    run = functions.run(functions.machine({"StartAt": "FanOut", "States": {"FanOut": fan_out}}), [1] * 12)
    assert max(json.loads(run["output"])) <= 3


def test_a_function_that_calls_functions_never_waits_for_itself(functions: EngineFunctions) -> None:
    inner = functions.add("def handler(event, context): return 'inner'")
    outer = functions.add(
        "import boto3, json, time\n"
        "from botocore.config import Config\n"
        "def handler(event, context):\n"
        "    time.sleep(0.5)\n"
        f"    client = boto3.client('lambda', config=Config(read_timeout=20))\n"
        f"    return json.loads(client.invoke(FunctionName='{inner}')['Payload'].read())\n"
    )
    _allow_everything(functions, outer)
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda _: functions.call(outer), range(3))) == ["inner"] * 3


def _allow_everything(functions: EngineFunctions, function: str) -> None:
    role = functions.session.client("lambda").get_function(FunctionName=function)["Configuration"]["Role"]
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    functions.session.client("iam").put_role_policy(
        RoleName=role.rpartition("/")[2], PolicyName="all", PolicyDocument=json.dumps(allow)
    )


def test_a_layer_is_unpacked_once_for_all_processes(engine: Engine, functions: EngineFunctions) -> None:
    layer = functions.session.client("lambda").publish_layer_version(
        LayerName="marked", Content={"ZipFile": zipped({"python/marked.py": "where = __file__"})}
    )["LayerVersionArn"]
    source = "import marked, time\ndef handler(event, context):\n    time.sleep(0.3)\n    return marked.where"
    function = functions.add(source, layers=[layer])
    with ThreadPoolExecutor(3) as pool:
        found = set(pool.map(lambda _: functions.call(function), range(3)))
    assert len(found) == 1
    assert Path(found.pop()).is_relative_to(engine.folder.scratch / "layers")
