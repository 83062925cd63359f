"""Which limit holds when, and what else hangs on the hour. Runs in both Pythons."""

import hashlib

import pytest

from tamer.judge import policy
from tamer.judge.calendar import DAY, day_number
from tamer.judge.rules import ruling

pytestmark = pytest.mark.pure

MONDAY = (2026, 11, 23)
TUESDAY = (2026, 11, 24)
FRIDAY = (2026, 11, 27)
SATURDAY = (2026, 11, 28)

DANCE = {"name": "dance", "from": "19:00", "to": "21:00", "limit": 68}


def at(date, time, offset=8 * 3600):
    """Unix time of a local time of day such as "21:30" or "21:30:59"."""
    hour, minute, second = ([int(part) for part in time.split(":")] + [0])[:3]
    return day_number(*date) * DAY + hour * 3600 + minute * 60 + second - offset


def limit(rules, date, time):
    return ruling(rules, at(date, time)).limit


def why(rules, date, time):
    return ruling(rules, at(date, time)).why


def test_day_and_night_change_to_the_second():
    shipped = policy.read({})
    for time, expected in (
        ("00:00", 550),
        ("05:59:59", 550),
        ("06:00", 650),
        ("21:59:59", 650),
        ("22:00", 550),
        ("23:59:59", 550),
    ):
        assert limit(shipped, TUESDAY, time) == expected, time


def test_hours_of_day_and_night_are_the_policys():
    rules = policy.read({"hours": {"day_from": "07:00", "night_from": "00:30"}})
    assert limit(rules, TUESDAY, "06:59") == 550
    assert limit(rules, TUESDAY, "23:00") == 650
    assert limit(rules, TUESDAY, "00:29") == 650
    assert limit(rules, TUESDAY, "00:30") == 550


def test_every_class_has_its_limits_by_day_and_by_night():
    for standard, name, day, night in (
        ("GB 3096-2008", "0", 500, 400),
        ("GB 3096-2008", "4b", 700, 600),
        ("GB 22337-2008", "3", 650, 550),
        ("GB 12523-2025", "", 700, 550),
    ):
        rules = policy.read({"area": {"standard": standard, "class": name}})
        assert limit(rules, TUESDAY, "12:00") == day
        assert limit(rules, TUESDAY, "23:00") == night


def test_the_reason_is_told_in_words():
    of_class = policy.read({"area": {"class": "2"}})
    assert why(of_class, TUESDAY, "12:00") == "day, class 2 of GB 3096-2008"
    assert why(of_class, TUESDAY, "22:00") == "night, class 2 of GB 3096-2008"
    assert why(policy.read({}), TUESDAY, "12:00") == "day, general limit"
    site = policy.read({"area": {"standard": "GB 12523-2025"}})
    assert why(site, TUESDAY, "22:00") == "night, GB 12523-2025"


def test_a_venue_rule_holds_in_its_hours():
    rules = policy.read({"venue": [DANCE]})
    assert limit(rules, TUESDAY, "18:59:59") == 650
    assert limit(rules, TUESDAY, "19:00") == 680
    assert limit(rules, TUESDAY, "20:59:59") == 680
    assert limit(rules, TUESDAY, "21:00") == 650
    assert why(rules, TUESDAY, "20:00") == "venue rule dance"


def test_the_first_venue_rule_that_matches_holds():
    early = {"name": "early", "from": "19:00", "to": "19:30", "limit": 60}
    rules = policy.read({"venue": [early, DANCE]})
    assert [limit(rules, TUESDAY, time) for time in ("19:29", "19:30")] == [600, 680]
    rules = policy.read({"venue": [DANCE, early]})
    assert limit(rules, TUESDAY, "19:29") == 680


def test_a_venue_rule_may_hold_on_some_days_only():
    rules = policy.read({"venue": [dict(DANCE, days=["fri", "sat"])]})
    found = [limit(rules, date, "20:00") for date in (MONDAY, FRIDAY, SATURDAY)]
    assert found == [650, 680, 680]


def test_a_span_over_midnight_belongs_to_the_day_on_which_it_begins():
    late = {"name": "late", "from": "22:00", "to": "01:00", "limit": 70, "days": ["fri"]}
    rules = policy.read({"venue": [late]})
    assert limit(rules, FRIDAY, "00:30") == 550
    assert limit(rules, FRIDAY, "22:00") == 700
    assert limit(rules, SATURDAY, "00:30") == 700
    assert limit(rules, SATURDAY, "01:00") == 550
    assert limit(rules, SATURDAY, "22:00") == 550


def test_a_rule_of_all_day_holds_all_day():
    rules = policy.read({"venue": [dict(DANCE, **{"from": "00:00", "to": "24:00"})]})
    assert {limit(rules, TUESDAY, time) for time in ("00:00", "12:00", "23:59:59")} == {680}


def test_holidays_and_workdays():
    rules = policy.read(
        {
            "holidays": ["2027-02-17"],  # a Wednesday
            "workdays": ["2027-02-20"],  # a Saturday, worked for it
            "venue": [
                dict(DANCE, limit=72, days=["holiday"]),
                dict(DANCE, limit=64, days=["workday"]),
                dict(DANCE, limit=69, days=["sat", "sun"]),
            ],
        }
    )
    for day, expected in ((16, 640), (17, 720), (20, 640), (21, 690)):
        assert limit(rules, (2027, 2, day), "20:00") == expected, day


def test_a_venue_rule_may_return_to_the_class():
    rules = policy.read(
        {
            "area": {"class": "1"},
            "limit": {"day": 65, "night": 55},
            "venue": [dict(DANCE, limit="class")],
        }
    )
    assert limit(rules, TUESDAY, "20:00") == 550
    assert why(rules, TUESDAY, "20:00") == "venue rule dance: day, class 1 of GB 3096-2008"


def test_outside_the_allowed_hours_no_venue_rule_holds():
    rules = policy.read(
        {"venue": [DANCE], "allowed": [{"from": "07:00", "to": "20:30", "days": ["tue"]}]}
    )
    assert limit(rules, TUESDAY, "20:29") == 680
    assert limit(rules, TUESDAY, "20:30") == 650
    assert why(rules, TUESDAY, "20:30") == "outside the allowed hours: day, general limit"
    assert limit(rules, MONDAY, "20:00") == 650


GAOKAO = {"name": "gaokao", "from": "2027-06-07", "to": "2027-06-09", "limit": 55}


def test_quiet_days_go_over_venue_rules_and_silence_the_voice():
    rules = policy.read({"venue": [DANCE], "quiet": [GAOKAO]})
    for day, expected, speak in (
        (6, 680, True),
        (7, 550, False),
        (9, 550, False),
        (10, 680, True),
    ):
        found = ruling(rules, at((2027, 6, day), "20:00"))
        assert (found.limit, found.speak) == (expected, speak), day
    assert why(rules, (2027, 6, 8), "20:00") == "quiet day gaokao"


def test_quiet_days_that_let_the_box_speak():
    rules = policy.read({"quiet": [dict(GAOKAO, speak=True)]})
    assert ruling(rules, at((2027, 6, 8), "20:00")).speak


def test_a_quiet_day_never_makes_a_place_louder():
    rules = policy.read({"limit": {"day": 60, "night": 45}, "quiet": [dict(GAOKAO, limit=50)]})
    assert limit(rules, (2027, 6, 8), "20:00") == 500
    assert limit(rules, (2027, 6, 8), "23:00") == 450
    assert why(rules, (2027, 6, 8), "23:00") == "quiet day gaokao: night, general limit"


def test_a_quiet_day_without_a_limit_has_the_classs():
    quiet = {"name": "exam", "from": "2027-06-08", "to": "2027-06-08"}
    rules = policy.read(
        {"area": {"class": "1"}, "limit": {"day": 65, "night": 55}, "quiet": [quiet]}
    )
    found = ruling(rules, at((2027, 6, 8), "20:00"))
    assert (found.limit, found.why) == (550, "quiet day exam: day, class 1 of GB 3096-2008")


def test_sudden_noise_has_a_limit_at_night_only():
    rules = policy.read({"area": {"class": "2"}})
    assert ruling(rules, at(TUESDAY, "21:59")).sudden is None
    assert ruling(rules, at(TUESDAY, "22:00")).sudden == 650
    assert ruling(policy.read({"sudden": {"on": False}}), at(TUESDAY, "22:00")).sudden is None


def test_volume_pause_lamp_dimming_and_background_go_by_the_hour():
    rules = policy.read(
        {
            "speaking": {"pause": [["23:00", "05:00"]]},
            "spotlight": {"off": [["23:30", "05:30"]]},
            "background": {"hours": [["16:00", "18:00"]]},
        }
    )
    for time, speak, volume, lamp, dim, learn in (
        ("04:59", False, -12, False, 64, False),
        ("05:00", True, -12, False, 64, False),
        ("05:30", True, -12, True, 64, False),
        ("06:00", True, 0, True, 256, False),
        ("16:00", True, 0, True, 256, True),
        ("18:00", True, 0, True, 256, False),
        ("22:00", True, -12, True, 64, False),
        ("23:00", False, -12, True, 64, False),
        ("23:30", False, -12, False, 64, False),
    ):
        found = ruling(rules, at(TUESDAY, time))
        asked = (found.speak, found.volume, found.lamp, found.dim, found.learn)
        assert asked == (speak, volume, lamp, dim, learn), time


def test_a_policy_without_spotlight_never_lights_it():
    assert not ruling(policy.read({"red": {"spotlight": False}}), at(TUESDAY, "12:00")).lamp


def test_a_background_that_is_off_is_never_learned():
    rules = policy.read({"background": {"on": False, "hours": [["00:00", "24:00"]]}})
    assert not ruling(rules, at(TUESDAY, "12:00")).learn


BERLIN = {
    "utc_offset": "+01:00",
    "clock_changes": [["2027-03-28T01:00Z", "+02:00"], ["2027-10-31T01:00Z", "+01:00"]],
    "venue": [{"name": "fair", "from": "01:30", "to": "02:30", "limit": 70}],
}
SPRING, AUTUMN = (2027, 3, 28), (2027, 10, 31)


def test_the_day_begins_by_the_local_clock_in_winter_and_in_summer():
    rules = policy.read(BERLIN)
    for date, offset in ((SPRING, 7200), (AUTUMN, 3600), (TUESDAY, 3600)):
        day_begins = at(date, "06:00", offset)
        assert ruling(rules, day_begins - 1).limit == 550
        assert ruling(rules, day_begins).limit == 650


def test_hours_that_the_clock_skips_or_repeats():
    rules = policy.read(BERLIN)
    change = at(SPRING, "02:00", 3600)  # 02:00 becomes 03:00
    assert [ruling(rules, t).limit for t in (change - 1, change)] == [700, 550]
    change = at(AUTUMN, "03:00", 7200)  # 03:00 becomes 02:00
    assert [ruling(rules, t).limit for t in (change - 1, change)] == [550, 700]
    assert ruling(rules, change + 1800).limit == 550


def test_a_ruling_holds_until_the_next_one():
    rules = policy.read({"venue": [DANCE]})
    found = ruling(rules, at(TUESDAY, "20:15:30"))
    assert (found.since, found.until) == (at(TUESDAY, "19:00"), at(TUESDAY, "21:00"))
    assert ruling(rules, found.since) == found == ruling(rules, found.until - 1)


EVERY_RULE = dict(
    BERLIN,
    area={"class": "1"},
    limit={"day": 62, "night": "class"},
    venue=[
        dict(DANCE, days=["holiday", "sat"], limit=72),
        {"name": "late", "from": "22:30", "to": "00:30", "limit": "class", "days": ["fri"]},
        dict(DANCE, days=["workday"]),
    ],
    allowed=[{"from": "06:30", "to": "23:30"}],
    holidays=["2027-03-26"],
    workdays=["2027-03-27"],
    quiet=[{"name": "exam", "from": "2027-03-30", "to": "2027-03-31", "limit": 50}],
    background={"hours": [["14:00", "15:00"]]},
    speaking={"pause": [["23:00", "05:00"]]},
    spotlight={"off": [["23:30", "05:30"]]},
)


def test_a_fortnight_with_every_rule_is_ruled_alike_in_both_pythons():
    rules = policy.read(EVERY_RULE)
    fingerprint = hashlib.sha256()
    begin = at((2027, 3, 21), "00:00")
    for t in range(begin, begin + 14 * DAY, 613):
        told = [str(value) for value in ruling(rules, t)]
        fingerprint.update(" ".join(told).encode())
    assert fingerprint.digest()[:4] == b"\xa0P\xb6\xae"
