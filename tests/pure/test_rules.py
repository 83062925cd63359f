"""Which limit holds when. Runs in both Pythons."""

from tamer.judge import rules

MIDNIGHT = 1795449600  # 2026-11-25 00:00 in China
DAY, NIGHT = 650, 550


def limit(rule, hour, minute=0, second=0):
    return rules.limit_at(rule, MIDNIGHT + hour * 3600 + minute * 60 + second)


def test_a_night_over_midnight_begins_and_ends_to_the_second():
    for hour, minute, second, expected in (
        (6, 0, 0, DAY),
        (12, 0, 0, DAY),
        (21, 59, 59, DAY),
        (22, 0, 0, NIGHT),
        (23, 59, 59, NIGHT),
        (24, 0, 0, NIGHT),
        (29, 59, 59, NIGHT),
        (30, 0, 0, DAY),
    ):
        assert limit(rules.DEFAULT, hour, minute, second) == expected, (hour, minute, second)


def test_a_rest_at_noon_is_a_night_too():
    rule = rules.from_settings({"night_from": 12 * 60, "night_to": 14 * 60 + 30})
    assert limit(rule, 11, 59, 59) == DAY
    assert limit(rule, 12) == NIGHT
    assert limit(rule, 14, 29, 59) == NIGHT
    assert limit(rule, 14, 30) == DAY
    assert limit(rule, 0) == DAY


def test_a_night_that_ends_when_it_begins_never_comes():
    rule = rules.from_settings({"night_from": 360, "night_to": 360})
    assert [limit(rule, hour) for hour in range(24)] == [DAY] * 24


def test_hours_are_those_of_the_place():
    in_london = rules.from_settings({"utc_offset": 0})
    assert limit(in_london, 6) == NIGHT  # 06:00 in China, 22:00 in London
    assert limit(in_london, 14) == DAY


def test_settings_change_only_what_they_name():
    assert rules.from_settings({}) == rules.DEFAULT
    rule = rules.from_settings({"day": 700, "guard": 15})
    assert (rule.day, rule.guard) == (700, 15)
    assert rule[1:4] == rules.DEFAULT[1:4]
    assert rule[5:] == rules.DEFAULT[5:]
