"""`watch` says when a run stands still, and again while it does."""

from cli.run_progress import Progress
from cli.watch import Stall


def test_a_run_that_finishes_nothing_is_told_every_five_minutes() -> None:
    stall = Stall()
    moments = [(0, 10), (0, 299), (0, 300), (0, 310), (0, 600), (1, 610), (1, 900), (1, 910)]
    told = [(now, stall.told(Progress(partitions=4, partitions_done=done), now)) for done, now in moments]
    assert [now for now, words in told if words] == [300, 600, 910]
    assert "nothing was finished for 10 minutes" in dict(told)[600]
    assert "nothing was finished for 5 minutes" in dict(told)[910]
