"""The fuzzer's targets hold for what it has found once, and it runs."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS, called

FOUND = {
    "array": [b"\x00" + b"[" * 200_000, b"\x03" + b'"a\nb"', b"\x01" + b'{"a":"\\"}', b"\x02nul"],
    "text": [b"\x02\xff\xfea\x00\x00\xd8b\x00", b"\x03a\x00\x00\xd8", b"\x06+2AA-", b"\x00\x1f\x8b\x08\x00"],
    "heading": [b'"a\n', b"\n\n", b'a,"b"c\n', b"\xff"],
    "records": [b'"a""b\n"c', b'a,"b"c\nd', b' "a" ,b\n\n\n"', b'""'],
    "order_format": [
        b"columns: {merchant_id: a, amount: a}\ndates: '%'",
        b"? [a]\n: b",
        b"a: &a [*a]",
        b"\x00",
    ],
    "expression": [
        b"\na::int[]",
        b"\xffa::struct(x int)",
        b"\n7E",
        b"\na * .5e",
        b"\nsum(a)",
        b"\n(SELECT 1)",
    ],
}


@pytest.mark.parametrize(("name", "data"), [(name, data) for name, them in FOUND.items() for data in them])
def test_a_target_holds_for(name: str, data: bytes) -> None:
    called(name, data)


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this Python"
)
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_the_fuzzer_finds_nothing_in_two_seconds(name: str) -> None:
    command = [sys.executable, "-m", "tests.fuzz", name, "--seconds", "2"]
    ended = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr[-2000:]
