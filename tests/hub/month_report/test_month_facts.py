"""What the report says is what was put in: levels, reasons, warnings, pacts, complaints."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from a_month import DAY, HOUR, LIMIT, SQUARE, UNIT, MonthFolder

from noisetamer.base.errors import UserError
from noisetamer.hub.around import around_of
from noisetamer.hub.complaints.complaint import Complaint
from noisetamer.hub.month_report.beside import rounds
from noisetamer.hub.month_report.facts import NOT_KEPT, NOT_THERE, MonthFacts, Rounds
from noisetamer.hub.month_report.gather import Asked, gather
from noisetamer.hub.month_report.month import Month, month
from noisetamer.hub.month_report.station import MET, NOT_MET, verdicts
from noisetamer.hub.open_day.question import Question
from noisetamer.hub.patrols.check_in import CheckIn, Point, Round
from noisetamer.hub.patrols.coverage import Held, walks
from noisetamer.hub.permits.permit import Group, Permit
from noisetamer.hub.store import roll_ups
from noisetamer.hub.store.minutes import NOT_RECEIVED
from noisetamer.unit.policy.days import Calendar
from tamer.record.reading import RAIN, WIND

pytestmark = pytest.mark.host
EAST = timezone(timedelta(hours=8))
BEGIN = int(datetime(2026, 11, 1, tzinfo=EAST).timestamp())
LATER = float(BEGIN + 40 * DAY)
"""The month is over."""
SOON = float(BEGIN + 6 * DAY)


def read(folder: MonthFolder, now: float = LATER, **asked: str) -> MonthFacts:
    words = {"square": SQUARE, "month": "2026-11", "zone": "+08:00"} | asked
    return gather(folder.folder, Asked(**words), now, lambda *_: None)[0]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> MonthFolder:
    """The second and third of November, from 18 to 22 h: 50.0 dB, the hour from 19 h 70.0 dB;
    in the first hour of the third day rain, wind and nothing at all."""
    made = MonthFolder(tmp_path_factory.mktemp("month") / "hub")
    made.enrol()
    for day in (1, 2):
        t = BEGIN + day * DAY + 18 * HOUR
        levels, flags = np.full(4 * HOUR, 500), np.zeros(4 * HOUR, np.int64)
        levels[HOUR : 2 * HOUR] = 700
        if day == 2:
            flags[:100], flags[100:300], flags[300:1000] = RAIN, WIND, NOT_RECEIVED
        made.seconds(t, levels, flags)
        made.warned(t + HOUR, 60, True)
        made.warned(t + HOUR + 600, 130, True)
        made.warned(t + HOUR + 1200, 90, False)
        made.incident(t + HOUR, t + HOUR + 130)
    made.tell(BEGIN + 2 * DAY + HOUR, "self-check", verdict="good", deviations=[-6, 2], levels=[1])
    made.tell(BEGIN + 2 * DAY + 2 * HOUR, "clock", boot_at=BEGIN, source="hub", step=-2500)
    made.book.close()
    return made


@pytest.fixture(scope="module")
def facts(folder: MonthFolder) -> MonthFacts:
    return read(folder)


def test_each_second_of_the_month_is_valid_or_has_one_reason(facts: MonthFacts):
    (box,) = facts.boxes
    assert box.whole.seconds == 30 * DAY
    assert box.whole.valid == 8 * HOUR - 1000
    assert box.whole.valid + sum(box.lost.values()) == 30 * DAY
    assert (box.lost["rain"], box.lost["wind"]) == (100, 200)
    assert box.lost[NOT_THERE] == DAY + 18 * HOUR
    assert sum(day.levels.valid for day in box.days) == box.whole.valid


def test_levels_are_those_that_were_put_in_and_a_day_without_any_has_none(facts: MonthFacts):
    (box,) = facts.boxes
    first, second = box.days[:2]
    assert (first.levels.valid, first.levels.LAeq, first.evening) == (0, None, None)
    # 1 h of 70 dB and 3 h of 50 dB
    assert second.levels.LAeq == second.levels.Ld == 641
    assert (second.levels.L90, second.levels.L10, second.levels.LAFmax) == (500, 700, 730)
    assert second.levels.Ln is None
    assert second.over == HOUR
    assert [cell.LAeq for cell in box.week[0][18:21]] == [500, 700, 500]
    assert box.week[2][19].LAeq is None
    at_seven = next(slot for slot in box.evening if slot.minute == 19 * 60)
    assert (at_seven.days, at_seven.middle, at_seven.limit) == (2, 700, LIMIT)


def test_a_warning_counts_as_followed_by_quiet_within_two_minutes(facts: MonthFacts):
    warnings = facts.warnings
    assert (warnings.together.given, warnings.together.judged) == (6, 6)
    assert warnings.together.quiet == 2
    share = warnings.together.share
    assert share.value == pytest.approx(1 / 3)
    assert share.low is not None and share.high is not None
    assert share.low < 1 / 3 < share.high
    assert (warnings.spells, warnings.alone) == (6, 6)
    assert [one.warnings for one in facts.incidents] == [1, 1]


def test_the_station_is_held_against_what_stands_in_the_data(facts: MonthFacts):
    (box,) = facts.boxes
    found = {one.limit.of: one for one in verdicts(box.station)}
    assert found["clock error"].value == 2.5
    assert found["clock error"].verdict == NOT_MET
    assert found["self-check deviation"].value == 0.6
    assert found["self-check deviation"].verdict == NOT_MET
    assert found["hourly capture"].value is not None
    assert found["hourly capture"].verdict == NOT_MET
    # 7 of its hours; the one with rain has 2600 of 3600 valid
    assert box.station.captured == 7
    assert all(one.limit.source for one in found.values())
    assert MET not in {one.verdict for one in found.values()}


def test_what_stands_around_the_square_comes_along(folder: MonthFolder):
    around = around_of(folder.folder)
    group = around.permits.add_group(Group(0, SQUARE, "晨曦舞队", "王阿姨"))
    asked = Permit(
        *(0, group.id, SQUARE, "舞台", (), 19 * 60, 20 * 60),
        *(date(2026, 10, 1), date(2026, 11, 5), 690),
        at=BEGIN - DAY,
    )
    kept = around.permits.apply(asked)
    around.permits.decide(kept.id, "approved", "chen", at=BEGIN - DAY)
    around.complaints.add(
        Complaint(0, SQUARE, BEGIN + day * DAY, "110", number=str(day))
        for day in (*range(-70, 0), 3, 4)
    )
    # at 50 dB, below the limit, from one side
    around.complaints.add(
        Complaint(0, SQUARE, BEGIN + DAY + 18 * HOUR + 300 * n, "12345", str(n), side="北")
        for n in range(1, 9)
    )
    around.open_day.raise_question(Question(0, SQUARE, date(2026, 11, 15), "更轻一点？"))
    around.close()
    facts = read(folder)
    (pact,) = facts.pacts
    # 70.0 dB on the two evenings that were heard, of the five that there are
    assert (pact.kept, pact.broken, pact.unknown, pact.loudest) == (0, 2, 3, 700)
    assert pact.group == "晨曦舞队"
    assert facts.complaints.count == 10
    (spot,) = facts.blind_spots
    assert (spot.side, spot.count, spot.below, spot.level) == ("北", 8, 8, 500)
    change = facts.complaints.change
    assert change is not None and change.split == date(2026, 11, 2)
    assert (change.before, change.days_before, change.after) == (70, 71, 10)
    low, value, high = change.ratio.low, change.ratio.value, change.ratio.high
    assert low is not None and value is not None and high is not None
    assert low < value < 0.5 < high
    assert facts.open_day.held == date(2026, 11, 15)
    assert facts.open_day.next == date(2026, 12, 15)


def test_rounds_are_judged_as_on_their_own_page_late_visits_too():
    begin = BEGIN + 20 * HOUR
    points = [Point(n, SQUARE, name, "weak") for n, name in enumerate(("门", "岗亭", "后巷"), 1)]
    round = Round(1, SQUARE, "晚间", (1, 2, 3), (), 20 * 60, 21 * 60)
    visits = [
        CheckIn(n, n, SQUARE, t, t, "li", proof)
        for n, t, proof in ((1, begin - 30, "panel"), (2, begin + HOUR + 600, "weak"))
    ]
    days = (date(2026, 11, 1), date(2026, 11, 2))
    walked, to_come = (walks([Held(round, 0, None)], Calendar(), *days, of) for of in (visits, []))
    assert rounds(walked, points, begin + 3 * HOUR) == (Rounds("晚间", 3, 2, 1, (("后巷", 1),)),)
    assert rounds(to_come, points, begin - HOUR) == ()


def test_a_month_that_runs_is_known_up_to_now(folder: MonthFolder):
    now = BEGIN + 5 * DAY + 1234
    facts = read(folder, now)
    assert not facts.whole
    assert facts.until == now
    (box,) = facts.boxes
    assert box.whole.valid + sum(box.lost.values()) == 5 * DAY + 1234
    assert len(box.days) == 6


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"square": "北门"}, "its squares are: 东门广场"),
        ({"month": "2027-03"}, "has not begun yet"),
        ({"month": "2026-09"}, "no second of 2026-09"),
        ({"month": "November"}, "write it like 2026-11"),
        ({"month": "2026-13"}, "write it like 2026-11"),
        ({"zone": "Mars/Base"}, "no time zone known here"),
    ],
)
def test_what_cannot_be_reported_is_one_sentence(
    folder: MonthFolder, asked: dict[str, str], says: str
):
    with pytest.raises(UserError, match=says):
        read(folder, LATER, **asked)


def test_a_month_in_which_the_clock_changes_has_an_hour_more():
    berlin = month("2026-10", ZoneInfo("Europe/Berlin"))
    assert berlin.until - berlin.since == 31 * DAY + HOUR
    day = date(2026, 10, 25)
    assert berlin.midnight(date(2026, 10, 26)) - berlin.midnight(day) == 25 * HOUR
    assert Month(2026, 12, UTC).after == date(2027, 1, 1)


def test_a_day_of_25_hours_is_one_day(tmp_path: Path):
    made = MonthFolder(tmp_path / "hub")
    made.enrol()
    zone = ZoneInfo("Europe/Berlin")
    begin = int(datetime(2026, 10, 25, tzinfo=zone).timestamp())
    made.seconds(begin + 23 * HOUR, np.full(2 * HOUR, 550), np.zeros(2 * HOUR, np.int64))
    made.book.close()
    (box,) = read(made, month="2026-10", zone="Europe/Berlin").boxes
    found = {day.date: day.levels for day in box.days}
    changed, after = found[date(2026, 10, 25)], found[date(2026, 10, 26)]
    assert (changed.seconds, changed.valid, changed.LAeq) == (25 * HOUR, 2 * HOUR, 550)
    assert after.valid == 0


def test_of_a_deleted_day_the_sums_count_and_why_the_rest_did_not_is_not_kept(tmp_path: Path):
    made = MonthFolder(tmp_path / "hub")
    made.enrol()
    flags = np.zeros(HOUR, np.int64)
    flags[:100], flags[100:120] = RAIN, NOT_RECEIVED
    made.seconds(BEGIN + DAY, np.full(HOUR, 500), flags)
    made.seconds(BEGIN + 2 * DAY, np.full(HOUR, 500), np.zeros(HOUR, np.int64))
    made.book.close()
    with closing(sqlite3.connect(made.folder / "hub.sqlite", isolation_level=None)) as store:
        for summed in list(roll_ups.to_sum_up(store, LATER)):
            roll_ups.put(store, summed)
        store.execute("DELETE FROM minute WHERE minute < ?", ((BEGIN + 2 * DAY) // 60,))
    (box,) = read(made, SOON).boxes
    assert box.whole.valid == 2 * HOUR - 120
    assert (box.lost[NOT_KEPT], box.lost[NOT_THERE]) == (100, DAY)
    assert box.whole.valid + sum(box.lost.values()) == 6 * DAY


def test_what_a_replaced_box_heard_is_its_successors(tmp_path: Path):
    made = MonthFolder(tmp_path / "hub")
    made.enrol()
    made.enrol("SIM-0009")
    made.units.revoke(UNIT, "SIM-0009")
    made.seconds(BEGIN, np.full(HOUR, 500), np.zeros(HOUR, np.int64))
    made.seconds(BEGIN + HOUR, np.full(HOUR, 600), np.zeros(HOUR, np.int64), "SIM-0009")
    made.book.close()
    (box,) = read(made, SOON).boxes
    assert (box.unit, box.whole.valid) == ("SIM-0009", 2 * HOUR)
    assert NOT_THERE not in box.lost
