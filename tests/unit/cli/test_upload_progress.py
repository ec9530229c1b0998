"""How far uploads are, from what is stored about their keys and runs."""

from pathlib import Path

import pytest

from cli.errors import CommandError
from cli.run_progress import Progress
from cli.upload import keys_of
from cli.upload_display import PlainLines
from cli.upload_progress import Stage, Upload, covers, pause_seconds, summary
from lambdas.adapters.dynamodb import Item


def upload(**known: object) -> Upload:
    values = {"path": Path("a.csv"), "key": "p/a.csv", "keyhash": "0" * 32, "size_bytes": 100, "before": {}}
    return Upload(**values | known)  # type: ignore[arg-type]


SHARDED: Item = {"status": "RUNNING", "sharded_at": "2026-01-01T00:00:00.000Z", "partitions": 4}
THREE_DONE, ALL_DONE = (Progress(partitions=4, partitions_done=done) for done in (3, 4))
ON_THE_WAY = [
    (upload(), Stage.UPLOADING),
    (upload(sent_bytes=50), Stage.UPLOADING),
    (upload(version_id="v"), Stage.UPLOADED),
    (upload(version_id="v", run={"status": "RUNNING"}), Stage.SHARDING),
    (upload(version_id="v", run=SHARDED), Stage.COMPUTING),
    (
        upload(version_id="v", run=SHARDED, progress=Progress(partitions=4, partitions_done=3)),
        Stage.COMPUTING,
    ),
    (upload(version_id="v", run=SHARDED, progress=ALL_DONE), Stage.SETTLING),
    (upload(version_id="v", run=SHARDED | {"status": "SUCCEEDED"}, settled=True), Stage.SETTLED),
]


@pytest.mark.parametrize(("known", "stage"), ON_THE_WAY)
def test_the_stage_follows_from_what_is_stored(known: Upload, stage: Stage) -> None:
    assert known.stage is stage


def test_the_bar_never_goes_back() -> None:
    parts = [known.part_done for known, _ in ON_THE_WAY]
    assert parts == sorted(parts)
    assert (parts[0], parts[-1]) == (0, 1)


def test_an_empty_file_can_be_on_its_way_too() -> None:
    assert upload(size_bytes=0).part_done == 0


def test_the_words_are_those_of_the_run_while_it_goes_on() -> None:
    progress = Progress(partitions=4, partitions_done=3, lines=10)
    going_on = upload(version_id="v", run=SHARDED, progress=progress)
    assert going_on.words == progress.words == "computing sales, 3 of 4 partitions; 0 of 10 lines"
    assert upload(version_id="v", run=SHARDED).words == "computing sales"


def test_a_revision_of_this_version_or_of_what_the_key_holds_now_covers_an_upload() -> None:
    assert covers({"version_id": "mine"}, version_id="mine", present_version_id="mine")
    assert covers({"version_id": "later"}, version_id="mine", present_version_id="later")
    assert covers({"version_id": "deleted"}, version_id="mine", present_version_id="deleted")
    assert not covers({"version_id": "earlier"}, version_id="mine", present_version_id="mine")
    assert not covers({}, version_id="mine", present_version_id="mine")


def test_a_look_that_failed_is_a_failure_with_its_reason() -> None:
    failed = upload(version_id="v", look_error="No permission to look.", settled=True)
    assert (failed.status, failed.reason) == ("FAILED", "No permission to look.")


def test_one_line_sums_up_all_files() -> None:
    assert summary([upload(), upload(version_id="v"), upload(version_id="v"), upload(settled=True)]) == (
        "1 of 4 settled, 1 uploading, 2 waiting for its run"
    )


def test_what_failed_is_not_called_settled(capsys: pytest.CaptureFixture[str]) -> None:
    failed = upload(version_id="v", run=SHARDED | {"status": "FAILED"}, settled=True)
    lost = upload(version_id="v", look_error="No permission to look.", settled=True)
    done = upload(version_id="v", run=SHARDED | {"status": "SUCCEEDED"}, settled=True)
    assert [one.words for one in (failed, lost, done)] == ["FAILED", "FAILED", "settled"]
    assert summary([failed, lost, done, upload()]) == "1 of 4 settled, 2 FAILED, 1 uploading"
    PlainLines().show([failed])
    PlainLines().show([failed, done])
    assert capsys.readouterr().err == "p/a.csv: FAILED\n1 of 2 settled, 1 FAILED\n"


def test_aws_is_asked_ever_more_rarely() -> None:
    assert [pause_seconds(waited, local=True) for waited in (0, 1000)] == [0.5, 0.5]
    assert [pause_seconds(waited, local=False) for waited in (0, 60, 1000)] == [1.0, 3.0, 10.0]


def test_a_key_is_the_prefix_and_the_name_without_folders(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    assert keys_of([tmp_path / "a.csv"], "shop/") == ["shop/a.csv"]


def test_what_is_no_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "a.csv").touch()
    for files, told in [
        ([tmp_path / "none.csv"], "no such file"),
        ([tmp_path], "is a folder"),
        ([Path()], "names no file"),
        ([tmp_path / "a.csv", tmp_path / "b" / "a.csv"], "Two files would both become 'x/a.csv'"),
    ]:
        with pytest.raises(CommandError, match=told):
            keys_of(files, "x/")
    with pytest.raises(CommandError, match="1024 bytes"):
        keys_of([tmp_path / "a.csv"], "é" * 512)
