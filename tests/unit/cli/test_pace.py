"""The time left follows the pace of late, and is left out while nothing moves."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from cli.pace import Pace

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def times_left(looks: Iterable[tuple[float, int]], of: int) -> dict[float, float | None]:
    """The time left at each look: seconds since the beginning, and how much was done then."""
    pace = Pace(began=BEGAN)
    return {at: pace.seconds_left(BEGAN + timedelta(seconds=at), done, of) for at, done in looks}


def test_a_steady_stage_goes_on_as_it_did() -> None:
    left = times_left([(at, at // 10) for at in range(0, 601, 5)], of=100)
    assert left[5] is None
    assert left[10] == 990
    assert left[300] == 700
    assert left[600] == 400


def test_a_standstill_is_silence_and_does_not_count_once_it_is_over() -> None:
    busy = [(float(at), at) for at in range(0, 101, 2)]
    still = [(float(at), 100) for at in range(110, 1001, 10)]
    again = [(float(at), at - 900) for at in range(1002, 1101, 2)]
    left = times_left([*busy, *still, *again], of=400)
    assert left[100] == 300
    assert all(left[at] is None for at in range(160, 1001, 10))
    assert left[1100] == 200
    at_once = left[1010]
    assert at_once is not None
    assert at_once <= 6 * 290


def test_few_steps_around_a_standstill_do_not_hide_it() -> None:
    left = times_left([(10, 1), (20, 2), (79, 2), (81, 2), (600, 2), (620, 2), (625, 3)], of=4)
    assert left[79] is not None
    assert (left[81], left[620]) == (None, None)
    assert left[625] == 60


def test_steps_that_take_long_are_no_standstill() -> None:
    left = times_left([(at, at // 600) for at in range(0, 3001, 10)], of=10)
    assert left[600] == 5400
    assert left[3000] == 3000
    assert all(left[at] is not None for at in range(600, 3001, 10))


def test_who_comes_late_sees_the_average_until_a_minute_is_seen() -> None:
    left = times_left([(600, 50), (630, 50), (660, 50)], of=100)
    assert left[600] == 600
    assert left[630] == 1200
    assert left[660] is None


def test_looks_at_the_same_moment_and_clocks_that_go_back_are_borne() -> None:
    left = times_left([(-5, 0), (0, 1), (10, 1), (10, 2), (9, 2)], of=4)
    assert left[9] == 10
