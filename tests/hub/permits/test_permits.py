"""Groups apply, officers decide, and who plays when is known to the minute."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from permits_of_tests import EAST, EVENING, SQUARE, at

from noisetamer.hub.permits import hours
from noisetamer.hub.permits.permit import PermitError
from noisetamer.hub.permits.permits import MOST_WAITING, Permits
from noisetamer.unit.policy.days import Calendar
from tamer.judge.calendar import Clock, day_number


@pytest.fixture
def permits(tmp_path: Path) -> Iterator[Permits]:
    made = Permits(tmp_path / "permits.sqlite", clock=lambda: at("2026-11-01 09:00"))
    yield made
    made.close()


def test_a_group_plays_when_its_permit_was_approved_and_then_only(permits: Permits) -> None:
    asked = permits.apply(EVENING, EAST)
    assert (asked.state, asked.id) == ("applied", 1)
    assert permits.playing(SQUARE, at("2026-11-03 19:30")) == []
    granted = permits.decide(asked.id, "approved", "officer-li")
    ((group, permit),) = permits.playing(SQUARE, at("2026-11-03 19:00"))
    assert (group.name, group.contact, permit) == ("东门舞队", "leader-1", granted)
    for silent in (
        *("2026-11-03 18:59:59", "2026-11-03 20:30", "2026-11-07 19:30"),  # a Saturday
        *("2026-10-30 19:30", "2027-01-01 19:30"),
    ):
        assert permits.playing(SQUARE, at(silent)) == [], silent
    assert permits.playing("西门广场", at("2026-11-03 19:30")) == []
    permits.decide(asked.id, "revoked", "officer-li", "complaints of the north side")
    assert permits.playing(SQUARE, at("2026-11-04 19:30")) == []


def test_an_amended_permit_holds_as_amended_and_tells_what_it_was(permits: Permits) -> None:
    asked = permits.apply(EVENING, EAST)
    permits.decide(asked.id, "approved", "li")
    shorter = replace(asked, until=20 * 60, limit=600)
    with pytest.raises(PermitError, match="Say why"):
        permits.decide(asked.id, "approved", "li", amended=shorter)
    permits.decide(asked.id, "approved", "li", "exams are near", amended=shorter)
    assert permits.playing(SQUARE, at("2026-11-03 20:10")) == []
    assert [(one.state, one.until) for one in permits.history(asked.id)] == [
        *(("applied", 1230), ("approved", 1230), ("approved", 1200)),
    ]


def test_what_was_decided_once_is_decided(permits: Permits) -> None:
    asked = permits.apply(EVENING, EAST)
    for wrong, reason in (("revoked", "no"), ("refused", "  "), ("applied", "again")):
        with pytest.raises(PermitError):
            permits.decide(asked.id, wrong, "li", reason)
    permits.decide(asked.id, "refused", "li", "no room")
    with pytest.raises(PermitError, match="already"):
        permits.decide(asked.id, "approved", "zhang")
    assert [one.state for one in permits.permits()] == ["refused"]


def test_a_span_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    late = replace(EVENING, days=("sat",), since=23 * 60, until=60)
    calendar = Calendar()
    assert hours.plays(late, calendar, at("2026-11-07 23:00"))
    assert hours.plays(late, calendar, at("2026-11-08 00:59"))
    assert not hours.plays(late, calendar, at("2026-11-07 00:30"))
    assert not hours.plays(late, calendar, at("2026-11-08 23:30"))
    # the last date is that of the beginning
    last = replace(late, last=date(2026, 11, 7))
    assert hours.plays(last, calendar, at("2026-11-08 00:30"))
    early = replace(EVENING, days=("sun",), since=0, until=30)
    assert hours.meet(late, early, calendar) == at("2026-11-08 00:00")
    assert hours.meet(late, replace(early, since=60, until=90), calendar) is None


def test_a_holiday_is_what_the_policy_says_it_is() -> None:
    days = tuple(day_number(2026, 12, day) for day in (10, 12))
    calendar = Calendar(holidays=days[:1], workdays=days[1:])
    on_holidays = replace(EVENING, days=("holiday",))
    on_workdays = replace(EVENING, days=("workday",))
    assert hours.plays(on_holidays, calendar, at("2026-12-10 19:30"))  # a Thursday off
    assert not hours.plays(on_workdays, calendar, at("2026-12-10 19:30"))
    assert hours.plays(on_workdays, calendar, at("2026-12-12 19:30"))  # a Saturday worked
    assert not hours.plays(on_holidays, calendar, at("2026-12-12 19:30"))


def test_hours_are_of_the_squares_clock() -> None:
    change = int(datetime(2027, 3, 28, 1, tzinfo=UTC).timestamp())
    summer = Calendar(Clock(3600, ((change, 7200),)))
    every = replace(EVENING, days=(), first=date(2027, 3, 27), last=date(2027, 3, 29))
    begins = [begin for begin, _ in hours.spans(every, summer, every.first, every.last)]
    assert begins == [
        at("2027-03-27 18:00", UTC),
        at("2027-03-28 17:00", UTC),
        at("2027-03-29 17:00", UTC),
    ]
    assert all(hours.plays(every, summer, begin) for begin in begins)
    assert not any(hours.plays(every, summer, begin - 1) for begin in begins)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"place": " "}, {"since": 600, "until": 600}, {"until": 1441}, {"days": ("Mo",)}),
        *({"last": date(2026, 11, 1)}, {"last": date(2028, 1, 1)}, {"limit": 1200}),
        *({"place": "a\nb"}, {"place": "北\u202e侧"}, {"since": 1440}),
        *({"first": date(1, 1, 1)}, {"last": date(9999, 12, 31)}),
    ],
)
def test_what_cannot_be_is_not_kept(permits: Permits, wrong: dict) -> None:
    with pytest.raises(PermitError):
        permits.apply(replace(EVENING, **wrong), EAST)
    assert (permits.groups(), permits.permits()) == ([], [])


def test_a_square_has_so_many_that_wait_and_no_more(permits: Permits) -> None:
    group = permits.add_group(EAST).id
    for _ in range(MOST_WAITING):
        permits.apply(replace(EVENING, group=group))
    with pytest.raises(PermitError, match="wait"):
        permits.apply(replace(EVENING, group=group))
    permits.decide(1, "refused", "li", "once is enough")
    permits.apply(replace(EVENING, group=group))


def test_a_leader_is_forgotten_and_her_group_is_not(permits: Permits, tmp_path: Path) -> None:
    asked = permits.apply(EVENING, EAST)
    permits.decide(asked.id, "approved", "li")
    assert permits.forget(asked.group).leader == "王阿姨"
    ((group, _),) = permits.playing(SQUARE, at("2026-11-03 19:00"))
    assert (group.name, group.leader, group.contact) == ("东门舞队", "", "")
    files = list(tmp_path.glob("permits.sqlite*"))
    assert files and not any("王阿姨".encode() in file.read_bytes() for file in files)


def test_what_was_said_is_not_unsaid(permits: Permits, tmp_path: Path) -> None:
    permits.decide(permits.apply(EVENING, EAST).id, "approved", "li")
    with sqlite3.connect(tmp_path / "permits.sqlite") as file:
        for statement in (
            "UPDATE application SET level=900",
            "DELETE FROM decision",
            "UPDATE square_group SET name='x'",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="as it was written"):
                file.execute(statement)
