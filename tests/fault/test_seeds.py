"""The real functions hold what the design promises, whatever goes wrong: seeded worlds of faults.

More of them: `make fault SEEDS=2000 START=n`.
"""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fault.campaign import campaign
from tests.fault.plants import PLANTS
from tests.fault.seeds import runner

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("start", "seeds"), [(0, 200), (random.randrange(10**6, 10**9), 20)], ids=["fixed", "random"]
)
def test_nothing_breaks_the_promises(start: int, seeds: int, capsys: pytest.CaptureFixture[str]) -> None:
    failed = campaign(range(start, start + seeds), processes=2, trace=False, remember=True, plant=None)
    told = capsys.readouterr().out
    assert not failed, told
    with capsys.disabled():
        print(f"\nfault: from seed {start}: {told.splitlines()[-1]}")  # noqa: T201


def test_a_seed_does_the_same_each_time_and_without_the_memory_too() -> None:
    with runner() as first, runner() as second:
        for seed in range(3):
            trace = first.run(seed, trace=True).trace
            assert len(trace) > 50
            again = second.run(seed, trace=True, remember=False).trace
            different = [pair for pair in itertools.zip_longest(trace, again) if pair[0] != pair[1]]
            assert not different, different[0]


@pytest.mark.parametrize("bug", PLANTS)
def test_a_planted_bug_is_caught(bug: str) -> None:
    command = [sys.executable, "-m", "tests.fault", "--seeds", "200", "--start", "0", "--plant", bug]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.endswith(" 1 violations\n"), done.stdout + done.stderr
