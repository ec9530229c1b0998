"""The command line: options before and after the subcommand, and errors that are one sentence."""

import json

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, NoRegionError
from typer.testing import CliRunner

from cli import main
from cli.errors import CommandError, sentence

runner = CliRunner()


@pytest.mark.parametrize(
    "arguments", [["--json", "formats"], ["formats", "--json"], ["--local", "formats", "--json"]]
)
def test_options_stand_before_or_after_the_subcommand(arguments: list[str]) -> None:
    answer = runner.invoke(main.app, arguments)
    assert answer.exit_code == 0, answer.output
    assert {"name": "complete_journey", "prefix": "complete_journey/", "currency": "USD"} in json.loads(
        answer.stdout
    )


def test_formats_are_listed_for_people() -> None:
    answer = runner.invoke(main.app, ["formats"])
    assert "(every other key)" in answer.stdout
    assert "GBP" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["export", "x.txt"], "ends in .csv or .parquet"),
        (["export", "x.csv", "--from", "2017-01"], "--by month"),
        (["export", "x.csv", "--by", "day"], "only --by month"),
        (["export", "x.csv", "--by", "month", "--to", "2017"], "YYYY-MM"),
        (["export", "no/such/folder/x.csv"], "its folder doesn't exist"),
        (["sales", "m", "--from", "2017-13"], "YYYY-MM"),
        (["sales", "m", "--from", "2017-02", "--to", "2017-01"], "exchange the two"),
        (["top", "--currency", "dollars"], "three letters"),
        (["--stack", "no/stack", "runs"], "a stack's name"),
        (["upload", "no-such-file.csv"], "no such file"),
    ],
)
def test_what_can_be_refused_without_asking_anyone_is_refused_at_once(
    arguments: list[str], told: str
) -> None:
    answer = runner.invoke(main.app, arguments)
    assert isinstance(answer.exception, CommandError)
    assert told in str(answer.exception)


def test_an_error_is_one_sentence_on_stderr_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["merchant-sales", "export", "x.txt"])
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "error: x.txt: give a name that ends in .csv or .parquet.\n"


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no\n such  thing"}}, "GetItem")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NoCredentialsError(), "AWS_PROFILE"),
        (NoRegionError(), "AWS_REGION"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "local start"),
        (client_error("ExpiredToken"), "expired"),
        (client_error("InvalidClientTokenId"), "AWS_PROFILE"),
        (client_error("AccessDeniedException"), "don't allow GetItem (no such thing)"),
        (client_error("ResourceNotFoundException"), "make deploy"),
        (client_error("Odd"), "AWS refused GetItem: no such thing (Odd)."),
        (FileNotFoundError(2, "No such file or directory", "x.csv"), "x.csv: No such file or directory."),
    ],
)
def test_an_error_of_aws_or_of_a_file_says_what_to_do(error: Exception, told: str) -> None:
    found = sentence(error)
    assert found is not None
    assert told in found
    assert "\n" not in found


def test_a_mistake_of_the_program_is_no_sentence() -> None:
    assert sentence(KeyError("x")) is None
    assert sentence(ValueError("x")) is None
