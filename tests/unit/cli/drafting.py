"""Drafts for tests: infer the format of a file, and check the whole file by it, as people do."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from cli import main
from lambdas.domain.order_format import OrderFormat, parse_order_format

runner = CliRunner()


@dataclass(frozen=True)
class Drafted:
    """A draft, what was shown beside it, and what a check of the whole file by it answers."""

    text: str
    shown: str
    order_format: OrderFormat
    checked: dict[str, Any]

    @property
    def columns(self) -> dict[str, str]:
        """The columns that the draft uses."""
        return {field: column for field, column in vars(self.order_format.columns).items() if column}

    @property
    def net_sales(self) -> dict[str, str]:
        """By merchant, of files with one currency."""
        [best] = self.checked["top"].values()
        return {one["merchant_id"]: one["net_sales"] for one in best}


def drafted(path: Path, *words: str) -> Drafted:
    """Draft the format of a file and check the whole file by it."""
    answer = runner.invoke(main.app, ["formats", "infer", str(path), *words])
    assert answer.exit_code == 0, answer.output
    saved = path.parent / "drafted.yaml"
    saved.write_bytes(answer.stdout_bytes)
    checked = runner.invoke(main.app, ["formats", "check", str(saved), str(path), "--json", "-n", "1000"])
    assert checked.exit_code == 0, checked.output
    text = answer.stdout_bytes.decode()
    order_format = parse_order_format(text, "drafted.yaml")
    return Drafted(text, answer.stderr, order_format, json.loads(checked.stdout))


def written(folder: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def lines(line: str, count: int = 60) -> str:
    """Lines made from a pattern: n counts, small repeats, day and month stay below 29 and 13."""
    return "".join(
        line.format(n=n, few=n % 5, half=n // 2, cent=n % 90 + 10, day=n % 28 + 1, month=n % 12 + 1)
        for n in range(count)
    )
