"""Files made to do harm end in a sentence, or in counts, within bounds of memory."""

from __future__ import annotations

import pytest

from tests.unit.hostile_file import read_apart

MOST_BYTES = 1_500_000_000


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("zstd bomb", "unpacks to more than 1,000 times its size"),
        ("gzip bomb of JSON", "is no JSON array"),
        ("100,000 columns", "at most 20,000 are read"),
        ("long scalar", "an element is longer than"),
        ("random bytes", "which is not a column of this file"),
        ("broken quotes", "of its lines have broken quotes"),
        ("100,000 keys", "takes more memory than there is"),
    ],
)
def test_it_fails_with_a_sentence(name: str, words: str) -> None:
    outcome = read_apart(name)
    assert words in outcome.error
    assert outcome.peak_bytes < MOST_BYTES


@pytest.mark.parametrize(
    ("name", "lines", "rejected"),
    [("20,000 columns", 1000, 0), ("quotes and commas", 1, 1), ("long line of JSON", 2, 1)],
)
def test_it_is_read_all_the_same(name: str, lines: int, rejected: int) -> None:
    outcome = read_apart(name)
    assert (outcome.error, outcome.lines, outcome.rejected) == ("", lines, rejected)
    assert outcome.peak_bytes < MOST_BYTES
