"""Plans as people write them, and whom they reach at which hour."""

import tomllib
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from evening import ALL, CHEN, LI, WANG, ZHOU
from hypothesis import given, settings
from hypothesis import strategies as st

from noisetamer.base.errors import UserError
from noisetamer.hub.incidents import plan as plans
from noisetamer.hub.incidents.plan import SHIPPED, Plan, Step, read
from noisetamer.hub.incidents.roster import reached

BEIJING = timezone(timedelta(hours=8))
SQUARE = "东门广场"


def at(text: str) -> float:
    """Unix s of a local time."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).timestamp()


def test_the_shipped_plan_goes_from_the_leader_to_the_station():
    plan = read(SHIPPED)
    assert [(one.name, one.after) for one in plan.chain("noise")] == [
        ("leader", 0),
        ("property", 60),
        ("officer", 180),
        ("station", 600),
    ]
    for kind in ("silent", "microphone", "undelivered"):
        assert [one.name for one in plan.chain(kind)] == ["technician"]
    assert plan.chain("sudden") == ()


def test_the_plan_in_the_words_of_its_own_documentation_is_one():
    assert plans.__doc__
    text = "\n".join(line[4:] for line in plans.__doc__.splitlines() if line.startswith("    "))
    plan = read(tomllib.loads(text))
    assert plan.steps[0].follow_ups == 1
    assert plan.on_call[0].who == ("wang",)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "has no step; write [[step]] with who is to be called"),
        ({"step": {}}, "step: write [[step]] with two brackets, one for each, at most 20"),
        ({"step": [{"after": 60}]}, "step[1].who: is missing; add it"),
        ({"step": [{"who": []}]}, "step[1].who: must be a list of people in quotes"),
        ({"step": [7]}, "step[1]: must be a table with keys of its own"),
        (
            {"step": [{"who": ["leader"], "after": -1}]},
            "step[1].after: -1 is out of range: give 0 to 86400 s",
        ),
        (
            {"step": [{"who": ["leader"]}, {"who": ["property"]}]},
            "step[2].after: 0 s is not later than 'leader' before it (0 s); give more",
        ),
        (
            {"step": [{"who": ["officer"], "wakes": False}]},
            "step[1].wakes: the officer's quiet hours do not count; leave it out",
        ),
        ({"step": [{"who": ["leader"], "whom": 1}]}, "step[1].whom: is no key here; take it out"),
        (
            {"step": [{"who": ["leader"], "kinds": ["fire"]}]},
            'step[1].kinds: "fire" is unknown; known are noise, sudden',
        ),
        (
            {"step": [{"who": ["leader"], "from": "09:00", "to": "09:00"}]},
            'step[1].to: is the same as from; all day is "00:00" to "24:00"',
        ),
        ({"step": [{"who": ["leader"]}], "begins": "amber"}, 'begins: "amber" is unknown; known'),
        (
            {"step": [{"who": ["leader"]}], "repeat": 5},
            "repeat: 5 s is too soon: give 0 for never",
        ),
        (
            {"step": [{"who": ["leader"]}], "on_call": [{"who": ["officer"]}]},
            "on_call[1].who: 'officer' is no account; name people",
        ),
        (
            {"step": [{"who": ["leader"]}, {"who": ["leader"], "after": 9}]},
            "step[2].name: 'leader' is there twice; rename one",
        ),
        (
            {"step": [{"who": ["leader"]}], "holidays": ["2027-02-30"]},
            'holidays: "2027-02-30": there is no such day',
        ),
    ],
)
def test_what_is_wrong_with_a_plan_is_one_sentence(body: dict[str, Any], sentence: str):
    with pytest.raises(UserError) as error:
        read(body)
    assert str(error.value).startswith(f"escalation: {sentence}")
    assert "\n" not in str(error.value)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
_KEYS = st.sampled_from(
    ("who", "after", "every", "follow_ups", "kinds", "channels", "days", "from", "to", "wakes")
)
_STEPS = st.lists(st.dictionaries(_KEYS, _JSON | st.just(["leader"]), max_size=4), max_size=3)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.dictionaries(
        st.sampled_from(("step", "on_call", "begins", "calm", "repeat", "holidays")),
        _JSON | _STEPS,
    )
)
def test_whatever_is_given_for_a_plan_is_one_or_a_sentence(body: dict[str, Any]):
    try:
        assert isinstance(read(body), Plan)
    except UserError as error:
        assert str(error).startswith("escalation: ")


def who(step: Step, plan: Plan, when: str, square: str = SQUARE) -> tuple[list[str], str]:
    found = reached(step, plan, square, ALL, at(when))
    return [way.name for way in found.ways], found.why


def test_a_role_is_meant_in_its_own_squares_and_a_name_everywhere():
    plan = read({"step": [{"who": ["leader", "officer", "Wang"]}]})
    assert who(plan.steps[0], plan, "2026-11-23 12:00")[0] == [LI.name, WANG.name, CHEN.name]
    assert who(plan.steps[0], plan, "2026-11-23 12:00", "南门广场")[0] == [WANG.name, CHEN.name]
    assert who(Step("", ("nobody",)), plan, "2026-11-23 12:00") == ([], "none")


def test_quiet_hours_go_over_midnight_and_hold_where_the_step_does_not_wake():
    plan = read({"step": [{"who": ["property"]}]})
    step, waking = plan.steps[0], Step("", ("property",), wakes=True)
    for when, awake in (("22:59", True), ("23:00", False), ("06:59", False), ("07:00", True)):
        day = f"2026-11-23 {when}"
        assert who(step, plan, day) == ((["wang"], "") if awake else ([], "quiet"))
        assert who(waking, plan, day) == (["wang"], "")


def test_hours_of_a_step_know_holidays_and_the_weekend_days_worked_for_them():
    plan = read(
        {
            "step": [{"who": ["operator"], "days": ["workday"], "from": "08:00", "to": "18:00"}],
            "holidays": ["2027-01-01"],
            "workdays": ["2027-01-02"],
        }
    )
    expected = {
        "2026-12-31 09:00": True,
        "2026-12-31 18:00": False,
        "2027-01-01 09:00": False,  # Friday, but New Year
        "2027-01-02 09:00": True,  # Saturday, worked for it
        "2027-01-03 09:00": False,
    }
    for when, in_hours in expected.items():
        assert who(plan.steps[0], plan, when) == (([ZHOU.name], "") if in_hours else ([], "hours"))


def test_who_is_on_call_tonight_still_is_after_midnight():
    plan = read(
        {
            "step": [{"who": ["on-call"]}],
            "on_call": [
                {"who": ["zhou"], "days": ["fri"], "from": "20:00", "to": "08:00"},
                {"who": ["li"], "days": ["sat", "holiday"], "from": "08:00", "to": "20:00"},
            ],
            "holidays": ["2026-11-30"],
        }
    )
    step = plan.steps[0]
    assert who(step, plan, "2026-11-27 21:00") == (["zhou"], "")
    assert who(step, plan, "2026-11-28 07:59") == (["zhou"], "")
    assert who(step, plan, "2026-11-28 08:00") == (["li"], "")
    assert who(step, plan, "2026-11-30 10:00") == (["li"], "")
    assert who(step, plan, "2026-11-28 21:00") == ([], "none")


def test_only_the_channels_that_the_step_names():
    plan = read({"step": [{"who": ["leader"], "channels": ["apprise"]}]})
    assert who(plan.steps[0], plan, "2026-11-23 12:00") == ([], "none")
