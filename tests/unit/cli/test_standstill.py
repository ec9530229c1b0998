"""`watch` and `upload --wait` say when nothing is finished any more, and again while that lasts."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cli.run_progress import Progress
from cli.standstill import Standstill, stands_since


def test_a_standstill_is_told_every_five_minutes() -> None:
    standstill = Standstill()
    moments = [(0, 10), (0, 299), (0, 300), (0, 310), (0, 600), (1, 610), (1, 900), (1, 910)]
    told = [(now, standstill.told(done, now)) for done, now in moments]
    assert [now for now, words in told if words] == [300, 600, 910]
    assert "nothing was finished for 10 minutes" in dict(told)[600]
    assert "nothing was finished for 5 minutes" in dict(told)[910]


def test_a_standstill_that_lasts_already_is_told_at_once() -> None:
    standstill = Standstill(-3600)
    assert "for 60 minutes" in standstill.told(0, 1)
    assert standstill.told(0, 290) == ""
    assert "for 65 minutes" in standstill.told(0, 302)


@pytest.mark.parametrize(
    ("item", "progress", "seconds"),
    [
        ({}, Progress(splits=2), 3600),
        ({}, Progress(splits=2, splits_done=1), 0),
        ({"sharded_at": "2024-01-01T00:50:00.000Z"}, Progress(splits=2, splits_done=2, partitions=3), 600),
        ({"sharded_at": "2024-01-01T00:50:00.000Z"}, Progress(partitions=3, partitions_done=1), 0),
    ],
)
def test_what_is_stored_of_a_run_says_since_when_it_stands(
    item: dict[str, Any], progress: Progress, seconds: float
) -> None:
    item = {"started_at": "2024-01-01T00:00:00.000Z", **item}
    assert stands_since(item, progress, datetime(2024, 1, 1, 1, tzinfo=UTC)) == seconds
