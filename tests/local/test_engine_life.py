"""Starting, stopping and coming back, whatever happened before."""

import json
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from local import processes
from local.engine import Engine
from local.errors import LocalEngineError
from local.settings import EngineSettings
from tests.local.conftest import EngineMaker
from tests.local.engine_functions import EngineFunctions


def _buckets(engine: Engine) -> set[str]:
    return {bucket["Name"] for bucket in engine.session().client("s3").list_buckets()["Buckets"]}


def _kill(engine: Engine) -> None:
    pid = engine.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while engine.status().running:
        time.sleep(0.01)


def test_starting_twice_leaves_one_engine(make_engine: EngineMaker) -> None:
    engine = make_engine()
    assert engine.start() is True
    first = engine.status()
    assert engine.start() is False
    assert engine.status() == first


def test_two_starts_at_the_same_time_leave_one_engine(make_engine: EngineMaker) -> None:
    engine = make_engine()
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(lambda _: Engine(engine.settings).start(), range(2))) == [False, True]
    assert len(processes.naming(engine.folder.path, "local.inside")) == 1


def test_a_stop_saves_and_the_next_start_brings_everything_back(make_engine: EngineMaker) -> None:
    engine = make_engine()
    engine.start()
    s3 = engine.session().client("s3")
    s3.create_bucket(Bucket="kept")
    s3.put_object(Bucket="kept", Key="a b/ü+.csv", Body=b"1,2")
    assert engine.stop() is True
    engine.start()
    answer = engine.session().client("s3").get_object(Bucket="kept", Key="a b/ü+.csv")
    assert answer["Body"].read() == b"1,2"


def test_a_stop_leaves_no_process_no_port_and_no_scratch_files(make_engine: EngineMaker) -> None:
    engine = make_engine()
    engine.start()
    functions = EngineFunctions(engine.session())
    function = functions.add("import time\ndef handler(event, context): time.sleep(60)")
    threading.Thread(target=_ignore_errors, args=(functions, function), daemon=True).start()
    while not processes.naming(engine.folder.scratch):
        time.sleep(0.05)
    port = engine.status().port
    assert port is not None
    began = time.monotonic()
    assert engine.stop() is True
    assert time.monotonic() - began < 15
    assert engine.stop() is False
    while processes.naming(engine.folder.path) and time.monotonic() - began < 30:
        time.sleep(0.05)  # a busy computer takes a moment to bury what was killed
    assert processes.naming(engine.folder.path) == []
    assert not engine.folder.scratch.exists()
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", port))


def _ignore_errors(functions: EngineFunctions, function: str) -> None:
    try:
        functions.call(function)
    except Exception:  # the engine ends during this call: any of botocore's errors may come
        return


def test_after_a_kill_it_goes_back_to_the_last_save_as_a_whole(make_engine: EngineMaker) -> None:
    said: list[str] = []
    engine = Engine(make_engine().settings, progress=said.append)
    engine.start()
    s3 = engine.session().client("s3")
    s3.create_bucket(Bucket="orders")
    s3.put_object(Bucket="orders", Key="saved", Body=b"old")
    engine.save()
    s3.put_object(Bucket="orders", Key="saved", Body=b"new")
    s3.put_object(Bucket="orders", Key="lost", Body=b"x")
    s3.create_bucket(Bucket="lost")
    _kill(engine)
    engine.start()
    s3 = engine.session().client("s3")
    assert _buckets(engine) == {"orders"}
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="orders")["Contents"]] == ["saved"]
    assert s3.get_object(Bucket="orders", Key="saved")["Body"].read() == b"old"
    assert any("ended without saving" in line for line in said)


def test_functions_end_with_a_killed_engine(make_engine: EngineMaker) -> None:
    engine = make_engine()
    engine.start()
    functions = EngineFunctions(engine.session())
    function = functions.add("import time\ndef handler(event, context): time.sleep(60)")
    threading.Thread(target=_ignore_errors, args=(functions, function), daemon=True).start()
    while not processes.naming(engine.folder.scratch):
        time.sleep(0.05)
    time.sleep(1)
    _kill(engine)
    deadline = time.monotonic() + 5
    while processes.naming(engine.folder.scratch):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_stale_file_that_names_another_process_is_no_engine(make_engine: EngineMaker) -> None:
    engine = make_engine()
    engine.folder.path.mkdir(exist_ok=True)
    stale = {"pid": os.getpid(), "port": 1, "started": "x"}
    (engine.folder.path / "engine.json").write_text(json.dumps(stale))
    assert engine.status().running is False
    assert engine.stop() is False
    assert engine.start() is True


@pytest.mark.parametrize("damage", ["", "{", '{"pid": "x"}', "[]"])
def test_a_damaged_file_is_no_engine(make_engine: EngineMaker, damage: str) -> None:
    engine = make_engine()
    engine.folder.path.mkdir(exist_ok=True)
    (engine.folder.path / "engine.json").write_text(damage)
    assert engine.status().running is False


def test_a_half_written_state_is_replaced_by_the_last_whole_one(make_engine: EngineMaker) -> None:
    engine = make_engine()
    engine.start()
    engine.session().client("s3").create_bucket(Bucket="kept")
    engine.save()
    _kill(engine)
    (engine.folder.state / "s3.json").unlink()
    (engine.folder.state / "s3.json").write_text('{"half')
    (engine.folder.path / "restore-00000099").mkdir()  # a restore point that wasn't completed
    engine.start()
    assert _buckets(engine) == {"kept"}


def test_the_next_free_port_is_taken_when_the_usual_one_is_not_free(make_engine: EngineMaker) -> None:
    engine = make_engine(port=None)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", 4566))
            other.listen()
        except OSError:
            pass  # somebody else has it: just as well
        engine.start()
    assert engine.status().port in range(4567, 4767)


def test_an_asked_for_port_that_is_taken_is_an_error_that_says_so(make_engine: EngineMaker) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(LocalEngineError, match=f"Port {port} is taken"):
            make_engine(port=port).start()


def test_reset_empties_it(make_engine: EngineMaker) -> None:
    engine = make_engine()
    engine.start()
    engine.session().client("s3").create_bucket(Bucket="gone")
    engine.reset()
    assert engine.status().running is False
    engine.start()
    assert _buckets(engine) == set()


def test_without_an_engine_the_error_says_how_to_start_it(make_engine: EngineMaker) -> None:
    with pytest.raises(LocalEngineError, match="merchant-sales local start"):
        make_engine().session()


def test_the_callers_aws_settings_do_not_reach_it(
    make_engine: EngineMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREALKEY")
    engine = make_engine()
    assert isinstance(engine.settings, EngineSettings)
    engine.start()
    functions = EngineFunctions(engine.session())
    source = "import os\ndef handler(*_): return [v for v in os.environ.values() if 'AKIAREAL' in v]"
    assert functions.call(functions.add(source)) == []
