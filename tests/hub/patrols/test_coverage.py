"""Each point of each round is visited, late or missed, and named."""

from datetime import date

import pytest

from noisetamer.hub.patrols.check_in import CheckIn, Round
from noisetamer.hub.patrols.coverage import Held, Sum, summed, total, walks
from noisetamer.unit.policy.days import Calendar, local_day, midnight

HERE = Calendar()
DAY = date(2026, 11, 23)  # a Monday
T0 = midnight(HERE, DAY)
ROUND = Round(1, "square", "晚巡", (1, 2, 3), (), 19 * 60, 20 * 60)
NIGHT = Round(2, "square", "夜巡", (1,), ("mon",), 23 * 60, 60)


def at(point: int, hour: float, proof: str = "panel") -> CheckIn:
    t = int(T0 + 3600 * hour)
    return CheckIn(t, point, "square", t, t, "li", proof)


@pytest.mark.parametrize(
    ("hour", "state"),
    [(18.9, "missed"), (19.0, "visited"), (19.99, "visited"), (20.1, "late"), (20.51, "missed")],
)
def test_a_point_is_visited_late_or_missed(hour: float, state: str) -> None:
    (walk,) = walks([Held(ROUND, 0, None)], HERE, DAY, DAY, [at(1, hour)])
    assert walk.state(1, T0 + 24 * 3600) == state
    assert walk.state(2, T0 + 24 * 3600) == "missed"
    assert walk.state(2, walk.end) == "open"  # he may still come


def test_what_was_missed_is_named_and_summed() -> None:
    found = [at(1, 19.1), at(2, 20.2, "weak")]
    walked = walks([Held(ROUND, 0, None)], HERE, DAY, DAY, found)
    now = T0 + 86_400
    assert walked[0].missed(now) == [3]
    sums = summed(walked, now)
    assert sums[2] == Sum(1, 0, 1, 0, 1)
    assert total(sums.values()) == Sum(3, 1, 1, 1, 1)
    assert total(sums.values()).share == pytest.approx(2 / 3)
    assert total([]).share is None


def test_a_night_round_belongs_to_the_day_on_which_it_begins() -> None:
    days = (DAY, date(2026, 11, 24))
    (walk,) = walks([Held(NIGHT, 0, None)], HERE, *days, [at(1, 24.5)])
    assert (walk.day, walk.state(1, walk.end)) == (DAY, "visited")


def test_a_late_visit_of_one_round_that_is_in_time_for_the_next_counts_once() -> None:
    after = Round(3, "square", "二巡", (1,), (), 20 * 60, 21 * 60)
    first, second = walks(
        [Held(ROUND, 0, None), Held(after, 0, None)], HERE, DAY, DAY, [at(1, 20.2)]
    )
    now = T0 + 86_400
    assert (first.state(1, now), second.state(1, now)) == ("missed", "visited")


def test_a_round_is_due_as_long_as_it_held() -> None:
    noon = T0 + 12 * 3600
    assert walks([Held(ROUND, noon + 86_400, None)], HERE, DAY, DAY, []) == []
    assert walks([Held(ROUND, 0, noon)], HERE, DAY, DAY, []) == []
    assert len(walks([Held(ROUND, 0, noon + 86_400)], HERE, DAY, DAY, [])) == 1
    assert local_day(HERE, T0) == DAY
