"""Each figure of a month's report is what was put in."""

from typing import Any

import pytest
from small_year import DAYS, YEAR, SmallYear

from noisetamer.demo.year.town import DAY
from noisetamer.hub.month_report.facts import NOT_THERE, MonthFacts
from noisetamer.hub.month_report.gather import Asked, gather

pytestmark = pytest.mark.host

MONTH = "2026-11"
END = YEAR.start + DAYS * DAY


@pytest.fixture(scope="module")
def square(a_year: SmallYear) -> dict[str, Any]:
    """Its box came in that month."""
    return a_year.true["squares"][0]


@pytest.fixture(scope="module")
def told(a_year: SmallYear, square: dict[str, Any]) -> MonthFacts:
    asked = Asked(square["square"], MONTH, "+08:00")
    return gather(a_year.data, asked, END, lambda *_: None)[0]


def test_seconds_count_or_have_their_reason(told: MonthFacts, square: dict[str, Any]):
    (box,) = told.boxes
    seconds = dict(square["seconds"])
    assert box.whole.valid == seconds.pop("valid")
    lost = dict(box.lost)
    assert lost.pop(NOT_THERE) == square["box_from"] - told.month.since
    assert lost == seconds
    assert box.simulated


def test_what_is_over_the_limit_is_over_that_of_the_policy(
    told: MonthFacts, square: dict[str, Any]
):
    (box,) = told.boxes
    true = square["incidents"]["seconds_over_the_limit_by_month"][MONTH]
    assert sum(day.over or 0 for day in box.days) == true


def test_incidents_and_what_became_of_warnings(told: MonthFacts, square: dict[str, Any]):
    true = square["incidents"]["by_month"][MONTH]
    assert told.warnings.spells == true
    assert sum(day.incidents for day in told.boxes[0].days) == true
    heard = sum(arm["warnings_heard"] for arm in square["trial"]["arms"])
    # some are said when the music has just ended
    assert heard <= told.warnings.together.given


def test_complaints_before_and_since(told: MonthFacts, square: dict[str, Any]):
    true = square["complaints"]
    assert told.complaints.count == true["by_month"].get(MONTH, 0)
    change = told.complaints.change
    if change:
        assert (change.before, change.after) == (true["before"], true["after"])
        assert change.split.isoformat() == square["box_from_day"]


def test_rounds_and_the_points_that_were_missed(told: MonthFacts, square: dict[str, Any]):
    true = square["patrols"]
    due = sum(one.due for one in told.rounds)
    done = sum(one.done for one in told.rounds)
    assert (due - done, done) == (len(true["missed"]), true["check_ins"])
    for one in told.rounds:
        names = [name for _, round, name in true["missed"] if round == one.name]
        assert dict(one.missed) == {name: names.count(name) for name in set(names)}


def test_questions_of_the_open_day(told: MonthFacts, square: dict[str, Any]):
    raised = [one for one in square["questions"] if one[0] == "2026-11-15"]
    assert [one.text for one in told.open_day.questions] == [one[1] for one in raised]
