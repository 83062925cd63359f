"""A policy file becomes a Policy, or one sentence with its key. Runs in both Pythons."""

import pytest

from tamer.judge import policy, schema
from tamer.judge.calendar import day_number

pytestmark = pytest.mark.pure

# Each key with a value that is not the shipped one.
FULL = {
    "version": 1,
    "name": '治噪 "A"',
    "utc_offset": "-03:30",
    "clock_changes": [["2027-03-28T01:00Z", "+02:00"], ["2027-10-31T01:00Z", "+01:00"]],
    "area": {"standard": "GB 22337-2008", "class": "4"},
    "hours": {"day_from": "07:00", "night_from": "23:00"},
    "limit": {"day": 66.5, "night": "class"},
    "venue": [
        {"name": "evening dance", "from": "19:00", "to": "21:00", "limit": 68, "days": ["fri"]},
        {"name": "late", "from": "22:00", "to": "00:30", "limit": "class"},
    ],
    "allowed": [{"from": "06:30", "to": "21:30", "days": ["workday", "holiday"]}],
    "holidays": ["2027-02-17", "2027-02-16"],
    "workdays": ["2027-02-20"],
    "quiet": [{"name": "gaokao", "from": "2027-06-07", "to": "2027-06-09", "limit": 55}],
    "guard_band": 1.5,
    "near": 4,
    "hysteresis": 2.5,
    "trigger": {"quantity": "LCeq", "over": 9, "of": 12},
    "amber": {"over": 4, "of": 7},
    "release": {"obeyed": 3, "calm": 6},
    "sudden": {"above": 12, "on": False},
    "background": {"difference": 4, "on": False, "hours": [["16:00", "18:00"]]},
    "red": {"spotlight": False},
    "polite": {"message": "polite_en", "after": 4, "times": 2},
    "firm": {"message": "warning_en", "gap": 5},
    "trial": {
        "name": "light first",
        "arm": [
            {"name": "voice", "weight": 3, "gap": 6},
            {"name": "light", "after": 20, "polite": "polite_zh", "firm": "warning_zh"},
        ],
    },
    "hand_over": [{"to": "police", "ineffective": 7, "within": 900, "wait": 30}],
    "speaking": {
        "longest_per_hour": 300,
        "longest_message": 10,
        "least_gap": 4,
        "pause": [["23:00", "06:00"]],
    },
    "volume": [{"from": "00:00", "to": "24:00", "volume": -6}],
    "spotlight": {"least_on": 8, "off": [["23:30", "05:30"]]},
    "panel": {
        "dim_from": "21:00",
        "dim_to": "07:00",
        "dim": 0.5,
        "text": "请小声",
        "digits": True,
    },
    "budget": {"limit": 67.5, "minutes": 15},
}


def refusal(table):
    try:
        policy.read(table)
    except ValueError as why:
        return str(why)
    return None


def test_an_empty_table_is_a_usable_policy():
    shipped = policy.read({})
    assert shipped.limit == (650, 550)
    assert (shipped.guard_band, shipped.near, shipped.hysteresis) == (10, 30, 20)
    assert shipped.trigger == ("LAeq", 8, 10)
    assert shipped.firm == ("warning_zh", 3)
    assert [(each.to, each.ineffective, each.within, each.wait) for each in shipped.hand_over] == [
        ("leader", 5, 600, 0),
        ("property", 5, 600, 60),
        ("police", 5, 600, 120),
    ]
    assert shipped.volumes == ((360, 1320, 0), (1320, 360, -12))


def test_who_names_an_area_has_its_limits():
    assert policy.read({"area": {"class": "1"}}).limit == (None, None)
    assert policy.read({"area": {"class": "1"}}).area == ("GB 3096-2008", "1", 550, 450)
    assert policy.read({"area": {"class": 1}}) == policy.read({"area": {"class": "1"}})
    assert policy.read({"area": {"standard": "GB 12523-2025"}}).area[1:] == ("", 700, 550)


def test_a_general_limit_leaves_what_it_does_not_name_to_the_area():
    assert policy.read({"limit": {"day": 62}}).limit == (620, None)


def test_every_key_arrives():
    read = policy.read(FULL)
    assert read.name == '治噪 "A"'
    assert read.clock.offset == -(3 * 3600 + 1800)
    assert read.clock.changes == ((1806195600, 7200), (1824944400, 3600))
    assert read.area == ("GB 22337-2008", "4", 700, 550)
    assert read.hours == (420, 1380)
    assert read.limit == (665, None)
    assert read.venues == (
        ("evening dance", 1 << 4, 1140, 1260, 680),
        ("late", 127, 1320, 30, None),
    )
    assert read.allowed == ((1 << 7 | 1 << 8, 390, 1290),)
    assert read.holidays == (day_number(2027, 2, 16), day_number(2027, 2, 17))
    assert read.workdays == (day_number(2027, 2, 20),)
    first, last = day_number(2027, 6, 7), day_number(2027, 6, 9)
    assert read.quiet == (("gaokao", first, last, 550, False),)
    assert (read.guard_band, read.near, read.hysteresis) == (15, 40, 25)
    assert read.trigger == ("LCeq", 9, 12)
    assert read.amber == (4, 7)
    assert read.release == (3, 6)
    assert read.sudden == (120, False)
    assert read.background == (40, False, ((960, 1080),))
    assert read.red == (False,)
    assert read.polite == ("polite_en", 4, 2)
    assert read.firm == ("warning_en", 5)
    assert read.trial == (
        "light first",
        (
            ("voice", 3, ("polite_en", 4, 2), ("warning_en", 6)),
            ("light", 1, ("polite_zh", 20, 2), ("warning_zh", 5)),
        ),
    )
    assert read.hand_over == (("police", 7, 900, 30),)
    assert read.speaking == (300, 10, 4, ((1380, 360),))
    assert read.volumes == ((0, 1440, -6),)
    assert read.spotlight == (8, ((1410, 330),))
    assert read.panel == (1260, 420, 128, "请小声", True)
    assert read.budget == (675, 15)
    assert policy.read({}).budget is None


def test_the_full_table_names_every_key_there_is():
    def names(keys, table):
        assert set(keys) == set(table)
        for key, entry in keys.items():
            if isinstance(entry, dict):
                names(entry, table[key])

    names(schema.KEYS, FULL)


def test_the_hash_is_the_same_in_every_python():
    assert policy.hash_of({})[:16] == "f18466c866ce8072"
    assert policy.hash_of(FULL)[:16] == "a8468d2cc0a30efa"


def test_keys_that_came_later_leave_the_hash_of_those_who_have_none_as_it_was():
    before = dict(FULL, panel=dict(FULL["panel"]))
    del before["trial"], before["budget"], before["panel"]["digits"]
    assert policy.hash_of(before)[:16] == "21a2d3e34edf72f5"


def test_the_hash_is_of_what_is_decided_not_of_how_it_is_written():
    written = {"guard_band": 1.0, "area": {"class": "2"}, "limit": {"day": 65, "night": 55.0}}
    assert policy.hash_of(written) == policy.hash_of({})
    assert policy.read(FULL).hash == policy.hash_of(FULL)


def test_every_change_of_a_value_changes_the_hash():
    seen = {policy.hash_of({})}
    for key in FULL:
        if key != "version":
            seen.add(policy.hash_of({key: FULL[key]}))
    assert len(seen) == len(FULL)


REFUSED = (
    ([], "policy: must be a table"),
    ({"colour": 1}, "colour: is no key of a policy"),
    ({"trigger": {"off": 10}}, "trigger.off: is no key of a policy"),
    ({"version": 2}, "version: 2 is not known here"),
    ({"name": 5}, "name: must be text"),
    ({"name": "x" * 65}, "name: is 65 characters long"),
    ({"name": "a\nb"}, "name: must be one line"),
    ({"utc_offset": "8"}, 'utc_offset: "8" is no offset'),
    ({"utc_offset": "+15:00"}, "utc_offset: "),
    ({"clock_changes": [["2027-03-28T01:00Z"]]}, "clock_changes: each must be a pair"),
    ({"clock_changes": [["2027-03-28 01:00", "+02:00"]]}, 'clock_changes: "2027-03-28 01:00"'),
    (
        {"clock_changes": [["2027-03-28T01:00Z", "+02:00"], ["2026-03-28T01:00Z", "+01:00"]]},
        'clock_changes: "2026-03-28T01:00Z" comes too late in the list',
    ),
    ({"area": {"standard": "GB 3096-93"}}, 'area.standard: "GB 3096-93" is unknown'),
    ({"area": {"class": "5"}}, 'area.class: "5" is not in GB 3096-2008; known are 0, 1'),
    ({"area": {"standard": "GB 22337-2008", "class": "4a"}}, 'area.class: "4a" is not in GB 22'),
    ({"area": {"standard": "GB 12523-2025", "class": "2"}}, 'area.class: "2" is not in GB 12523'),
    ({"area": {"class": True}}, "area.class: must be a class in quotes"),
    ({"area": "2"}, "area: must be a table"),
    ({"hours": {"day_from": "6:00"}}, 'hours.day_from: "6:00" is no time of day'),
    ({"hours": {"day_from": "22:00"}}, "hours.night_from: is the same as day_from"),
    ({"limit": {"day": "65"}}, "limit.day: must be dB without quotes"),
    ({"limit": {"day": 650}}, "limit.day: 650 is out of range: give 20 to 120 dB"),
    ({"limit": {"day": 65.25}}, "limit.day: 65.25 is finer than is kept"),
    ({"limit": {"day": float("nan")}}, "limit.day: nan is out of range"),
    ({"venue": {"name": "x"}}, "venue: write [[venue]] with two brackets"),
    ({"venue": [FULL["venue"][0], {}]}, "venue[2].from: is missing"),
    (
        {"venue": [{"name": "x", "from": "19:00", "to": "19:00", "limit": 60}]},
        "venue[1].to: is the same as from",
    ),
    ({"allowed": [{"from": "19:60", "to": "20:00"}]}, 'allowed[1].from: "19:60"'),
    ({"allowed": [{"from": "19:00", "to": "24:01"}]}, 'allowed[1].to: "24:01"'),
    (
        {"allowed": [{"from": "19:00", "to": "20:00", "days": ["Sat"]}]},
        'allowed[1].days: "Sat" is no day; known are mon',
    ),
    ({"allowed": [{"from": "19:00", "to": "20:00", "days": []}]}, "allowed[1].days: names no day"),
    ({"holidays": "2027-02-17"}, "holidays: must be a list"),
    ({"holidays": ["2027-02-29"]}, 'holidays: "2027-02-29": there is no such day'),
    ({"workdays": ["17.2.2027"]}, 'workdays: "17.2.2027" is no date'),
    (
        {"quiet": [{"name": "gaokao", "from": "2027-06-09", "to": "2027-06-07"}]},
        "quiet[1].to: is a day before from",
    ),
    ({"guard_band": -1}, "guard_band: -1 is out of range"),
    ({"guard_band": True}, "guard_band: must be a number"),
    ({"trigger": {"quantity": "LZeq"}}, 'trigger.quantity: "LZeq" is unknown; known are LAeq'),
    ({"trigger": {"over": 11}}, "trigger.over: is more than trigger.of"),
    ({"trigger": {"of": 31}}, "trigger.of: 31 is out of range: give 1 to 30 s"),
    ({"amber": {"of": 4}}, "amber.over: is more than amber.of"),
    ({"release": {"calm": 2.5}}, "release.calm: 2.5 is finer than is kept: give whole s"),
    ({"sudden": {"on": "yes"}}, "sudden.on: must be true or false"),
    ({"background": {"hours": [["16:00", "16:00"]]}}, "background.hours: 16:00 to 16:00 is no"),
    ({"firm": {"message": "../etc/passwd"}}, 'firm.message: "../etc/passwd": a name has'),
    ({"polite": {"message": ""}}, "polite.message: must be the name of a message"),
    ({"hand_over": [{"to": "mayor"}]}, 'hand_over[1].to: "mayor" is unknown; known are leader'),
    ({"volume": [{"from": "00:00", "to": "24:00", "volume": 3}]}, "volume[1].volume: 3 is out"),
    ({"panel": {"dim": 1.5}}, "panel.dim: 1.5 is out of range"),
    ({"panel": {"text": "字" * 65}}, "panel.text: is 65 characters long"),
)


def test_every_wrong_value_is_refused_with_its_key():
    for table, beginning in REFUSED:
        said = refusal(table)
        assert said is not None, table
        assert said.startswith(beginning), said


def test_all_faults_are_found_at_once():
    _, faults = schema.complete({"guard_band": "1", "area": {"class": []}, "nmae": "x"})
    assert [fault.split(":")[0] for fault in faults] == ["area.class", "guard_band", "nmae"]
