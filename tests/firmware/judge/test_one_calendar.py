"""Day, night, hours and days are what rules and the local clock say, at every minute."""

import datetime
from zoneinfo import ZoneInfo

import pytest

from tamer.judge import policy
from tamer.judge.calendar import place
from tamer.judge.rules import ruling
from tamer.record.reading import MISSING, VALID, Second
from tamer.record.statistics import Days

CHANGES = [["2027-03-28T01:00Z", "+02:00"], ["2027-10-31T01:00Z", "+01:00"]]
BERLIN = {"utc_offset": "+01:00", "clock_changes": CHANGES}
HALF_AN_HOUR = [["2027-04-03T15:00Z", "+10:30"], ["2027-10-02T15:30Z", "+11:00"]]
LORD_HOWE = {"utc_offset": "+11:00", "clock_changes": HALF_AN_HOUR}

# The days in which clocks change, one after the other, and the days beside them.
DAYS = {
    "Europe/Berlin": (BERLIN, ["2027-03-27", "2027-10-30"]),
    "Australia/Lord_Howe": (LORD_HOWE, ["2027-04-03", "2027-10-02"]),
}
HOURS = [
    {"day_from": "06:00", "night_from": "22:00"},
    {"day_from": "06:30", "night_from": "22:30"},
    # The night begins in an hour that is skipped, ends in one that comes twice.
    {"day_from": "02:15", "night_from": "02:45"},
    {"day_from": "22:00", "night_from": "06:00"},
    {"day_from": "05:00", "night_from": "24:00"},
]


@pytest.mark.parametrize("hours", HOURS, ids=lambda hours: "to".join(hours.values()))
@pytest.mark.parametrize("zone", DAYS)
def test_every_minute_of_the_days_in_which_a_clock_changes(zone: str, hours: dict[str, str]):
    table, dates = DAYS[zone]
    rules = policy.read({**table, "hours": hours})
    for date in dates:
        begins = datetime.datetime.fromisoformat(date).replace(tzinfo=ZoneInfo(zone))
        first = round(begins.timestamp())
        whole_hours = not any(edge % 60 for edge in rules.hours)
        days = Days(lambda t: place(rules.clock, rules.hours, t), whole_hours)
        told = []
        local_days: dict[datetime.date, list[int]] = {}
        for t in range(first, first + 3 * 86400, 60):
            local = datetime.datetime.fromtimestamp(t, ZoneInfo(zone))
            here = place(rules.clock, rules.hours, t)
            assert here.night == ruling(rules, t).night
            opens = datetime.datetime.fromtimestamp(here.hour, ZoneInfo(zone))
            assert (opens.date(), opens.hour) == (local.date(), local.hour)
            night = local_days.setdefault(local.date(), [0, 0])
            night[here.night] += 60
            level = 500 if here.night else 600
            told += days.add(Second(t, level, level, level, level, VALID))
        over = [day for day in told[1::2] if day]
        assert len(over) >= 2
        for day in over:
            date_of = datetime.datetime.fromtimestamp(day.t, ZoneInfo(zone)).date()
            in_day, in_night = local_days[date_of]
            assert (day.day.seconds, day.night.seconds) == (in_day, in_night)
            assert day.whole.seconds == in_day + in_night == 60 * day.whole.valid
            assert day.day.LAeq == (600 if in_day else MISSING)
            assert day.night.LAeq == (500 if in_night else MISSING)
