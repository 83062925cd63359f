"""Pacts as rules of a policy: put in, found missing, taken out; and what speaks against them."""

import datetime
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from permits_of_tests import EAST, EVENING, SQUARE, at

from noisetamer.base.errors import UserError
from noisetamer.hub.orders import policies
from noisetamer.hub.permits import venues
from noisetamer.hub.permits.conflicts import conflicts
from noisetamer.hub.permits.drift import DriftWatch
from noisetamer.hub.permits.permit import Group
from noisetamer.hub.permits.permits import Permits
from noisetamer.hub.permits.square_policy import SquarePolicies
from noisetamer.hub.squares.squares import Squares
from noisetamer.unit.policy.days import Calendar, of_policy
from tamer.judge.policy import Policy
from tamer.judge.rules import ruling

GRANTED = replace(EVENING, id=3, state="approved")
TAICHI = Group(2, SQUARE, "太极队", "黄师傅")
OTHER = replace(GRANTED, id=5, group=2, since=20 * 60, until=21 * 60, limit=600)
TEXT = """# agreed in October
version = 1
area = {class = "2"}

# the market, every morning
[[venue]]
name = "market"
from = "08:00"
to = "11:00"
limit = 70  # loud

[[quiet]]
name = "exams"
from = "2026-12-07"
to = "2026-12-09"
"""


def policy_of(text: str) -> Policy:
    found = policies.read(text, datetime.date.max)
    assert found.policy, found.faults
    return found.policy


def test_a_pact_becomes_a_rule_and_its_limit_holds_in_its_hours_only() -> None:
    text = venues.with_pacts(TEXT, [(EAST, GRANTED)])
    policy = policy_of(text)
    during = ruling(policy, at("2026-11-03 19:30"))
    assert (during.limit, during.why) == (650, "venue rule 东门舞队 #3")
    assert ruling(policy, at("2026-11-03 20:30")).limit == 600
    assert ruling(policy, at("2026-11-07 19:30")).limit == 600  # a Saturday
    assert ruling(policy, at("2026-11-03 09:00")).limit == 700  # the market's own
    for comment in ("# agreed in October", "# the market, every morning", "# loud"):
        assert comment in text


def test_of_two_pacts_at_once_the_older_holds_and_quiet_days_go_before_both() -> None:
    policy = policy_of(venues.with_pacts(TEXT, [(EAST, GRANTED), (TAICHI, OTHER)]))
    names = [venue.name for venue in policy.venues]
    assert names == ["东门舞队 #3", "太极队 #5", "market"]
    assert ruling(policy, at("2026-11-03 20:10")).limit == 650
    assert ruling(policy, at("2026-11-03 20:40")).limit == 600
    assert ruling(policy, at("2026-12-08 19:30")).why.startswith("quiet day exams")


def test_what_is_over_is_taken_out_again_and_nothing_else() -> None:
    text = venues.with_pacts(TEXT, [(EAST, GRANTED), (TAICHI, OTHER)])
    assert venues.with_pacts(text, [(EAST, GRANTED), (TAICHI, OTHER)]) == text
    again = venues.with_pacts(text, [])
    assert policy_of(again).hash == policy_of(TEXT).hash
    without = venues.with_pacts("version = 1\n", [(EAST, GRANTED)])
    assert policy_of(venues.with_pacts(without, [])).venues == ()
    with pytest.raises(UserError):
        venues.with_pacts("venue = []\n", [(EAST, GRANTED)])


def test_a_policy_that_is_not_what_the_permits_say_is_found() -> None:
    pacts = [(EAST, GRANTED), (TAICHI, OTHER)]
    policy = policy_of(venues.with_pacts(TEXT, pacts))
    assert (venues.missing(policy, pacts), venues.left_over(policy, pacts)) == ([], [])
    assert venues.missing(policy_of(TEXT), pacts) == ["东门舞队 #3", "太极队 #5"]
    assert venues.left_over(policy, pacts[:1]) == ["太极队 #5"]
    amended = [(EAST, replace(GRANTED, limit=600)), pacts[1]]
    assert venues.missing(policy, amended) == ["东门舞队 #3"]


def test_a_rule_stands_from_the_first_day_to_the_last() -> None:
    pacts = [(EAST, GRANTED), (TAICHI, replace(OTHER, state="revoked"))]
    days = ("2026-11-01", "2026-11-02", "2026-12-31", "2027-01-01")
    found = [len(venues.in_force(pacts, date.fromisoformat(day))) for day in days]
    assert found == [0, 1, 1, 0]


def test_what_stands_against_an_application_is_named_the_gravest_first() -> None:
    closed = TEXT + '\n[[allowed]]\nfrom = "06:00"\nto = "20:00"\n'
    policy = policy_of(closed)
    asked = replace(EVENING, place="北侧", limit=650)
    others = [(EAST, GRANTED), (TAICHI, replace(OTHER, place="南侧", state="applied"))]
    found = conflicts(asked, others, of_policy(policy), policy)
    assert [(one.kind, one.name, one.waiting) for one in found] == [
        ("place", "东门舞队", False),
        ("near", "太极队", True),
        ("quiet", "exams", False),
        ("closed", "", False),
        ("limit", "", False),
    ]
    assert found[0].at == at("2026-11-02 19:00")
    assert found[1].at == at("2026-11-02 20:00")
    assert (found[2].at, found[2].times) == (at("2026-12-07 19:00"), 3)
    assert found[4].limit == 600
    # its own earlier self, and what was refused, stand in nobody's way
    gone = [(EAST, replace(GRANTED, id=9)), (TAICHI, replace(OTHER, state="refused"))]
    assert conflicts(replace(asked, id=9), gone, Calendar(), None) == []


def test_a_square_whose_policy_does_not_match_is_a_trouble_until_it_is_sent(
    tmp_path: Path,
) -> None:
    squares = Squares(tmp_path / "squares.sqlite")
    sent = SquarePolicies(squares, 8.0)
    now = [float(at("2026-11-03 12:00"))]
    with closing(Permits(tmp_path / "permits.sqlite", sent.calendar)) as permits:
        asked = permits.apply(EVENING, EAST)
        drift = DriftWatch(permits, sent, lambda: now[0])
        drift.look()
        assert drift.troubles() == []
        permits.decide(asked.id, "approved", "li")
        assert drift.troubles() == []  # within the minute
        drift.look()
        (trouble,) = drift.troubles()
        assert trouble.values == {"square": SQUARE, "rules": "东门舞队 #1"} and not trouble.ill
        text = venues.with_pacts(TEXT, [(EAST, permits.permit(asked.id))])
        squares.put(SQUARE, policies.SETTING, {"text": text}, "li", now[0])
        drift.look()
        assert drift.troubles() == []
        now[0] = at("2027-01-01 00:00")  # over: the rule is to be taken out
        drift.look()
        assert [one.key for one in drift.troubles()] == ["pacts"]
        for n in range(4):  # and four squares that have nothing of theirs
            there = permits.add_group(replace(EAST, square=f"广场{n}"))
            one = replace(EVENING, square=there.square, last=date(2027, 6, 30))
            permits.decide(permits.apply(one, there).id, "approved", "li")
        drift.look()
        (trouble,) = drift.troubles()
        assert trouble.key == "pacts_of_many"
        assert trouble.values == {"count": "5", "squares": f"{SQUARE}, 广场0, 广场1, …"}
