"""`--json` stands before or after every subcommand."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from cli import main
from tests.unit.cli.drafting import lines

runner = CliRunner()


def commands(group: Any, *path: str) -> Iterator[tuple[str, Any]]:
    """Every command with its words, groups too."""
    yield " ".join(path), group
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, *path, name)


def test_every_command_takes_the_option() -> None:
    found = dict(commands(get_command(main.app), "merchant-sales"))
    assert "merchant-sales local env" in found
    without = [
        name for name, command in found.items() if all("--json" not in one.opts for one in command.params)
    ]
    assert without == []


@pytest.mark.parametrize(
    "words", [["--json", "formats", "infer"], ["formats", "--json", "infer"], ["formats", "infer", "--json"]]
)
def test_a_draft_is_a_text_of_the_document(words: list[str], tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text("shop,amount\n" + lines("S{few},{n}.{cent}\n"))
    answer = runner.invoke(main.app, [*words, str(orders)])
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)
    assert (found["format"], found["missing"]) == ("orders", [])
    assert "columns:\n  merchant_id: shop\n  amount: amount\n" in found["yaml"]
    orders.write_text("a,b\nx,y\n")
    answer = runner.invoke(main.app, [*words, str(orders)])
    assert answer.exit_code == 1
    assert "amount" in json.loads(answer.stdout)["missing"]
