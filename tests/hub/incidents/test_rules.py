"""What news say of a unit, and which of them are late."""

from typing import Any

from scripted_unit import START

from noisetamer.hub.incidents import rules
from noisetamer.hub.incidents.rules import Heard, Unit, take
from noisetamer.hub.store.queries import News


class Teller:
    """One unit's news, one after the other."""

    def __init__(self) -> None:
        self.unit = Unit()
        self.id = 0

    def status(self, **fields: Any) -> None:
        self.id += 1
        said = {"online": True, "b": 2, **fields}
        news = News(self.id, 0.0, "SIM-0001", "status", None, None, said.get("t"), said)
        self.unit, _ = take(self.unit, news)

    def event(self, kind: str, t: int, seq: int = 0, boot: int = 2, **fields: Any) -> Heard:
        self.id += 1
        news = News(self.id, 0.0, "SIM-0001", kind, boot, seq or self.id, t, fields)
        self.unit, heard = take(self.unit, news)
        return heard

    def stage(self, to: str, t: int, **name: int) -> Heard:
        change: dict[str, Any] = {"from": "green", "to": to, "limit": 650, "level": 700}
        return self.event("stage", t, **name, **change)


def test_lateness_is_by_the_units_own_clock():
    teller = Teller()
    teller.status(t=START + 3600)
    assert teller.stage("red", START).late
    assert teller.stage("green", START + 3500).late
    assert not teller.stage("red", START + 3595).late
    assert not teller.stage("green", START + 9000).late


def test_a_unit_that_does_not_say_its_time_is_never_late_at_first():
    assert not Teller().stage("red", START).late
    teller = Teller()
    teller.status(t=0)
    assert not teller.stage("red", START).late


def test_without_the_time_it_is_by_the_seconds_of_the_boot():
    teller = Teller()
    teller.status(t=7200)  # for two hours it has had neither the time nor a link
    assert teller.stage("red", 300).late
    assert not teller.stage("red", 7190).late
    assert teller.stage("red", 7190, boot=1).late  # of an earlier boot


def test_a_clock_put_back_makes_nothing_late():
    teller = Teller()
    teller.status(t=START + 86_400)
    teller.event("clock", START, boot_at=START - 10, source="hub", step=-86_400_000)
    assert not teller.stage("red", START + 5).late


def test_a_simulation_that_begins_anew_is_not_late():
    teller = Teller()
    teller.status(t=START + 86_400)
    teller.stage("red", START + 86_500)
    teller.status(t=START)
    assert not teller.stage("red", START + 5).late


def test_what_an_earlier_boot_left_changes_nothing_of_now():
    teller = Teller()
    teller.status(t=START)
    teller.stage("red", START + 1)
    teller.stage("green", START - 500, boot=1)
    assert teller.unit.above
    teller.event("boot", START + 9, reset="power on")
    assert not teller.unit.above
    teller.event("resumed", START + 9, stage="polite", away=8)
    assert teller.unit.stage == "polite"


def test_a_lower_number_of_the_boot_it_is_in_counts():
    teller = Teller()
    teller.status(t=START, b=900)
    teller.stage("red", START + 1, boot=900)
    teller.status(t=START + 20, b=3)  # its memory was lost
    teller.event("boot", START + 20, boot=3, reset="power on")
    assert not teller.unit.above


def test_caught_up_is_who_has_told_all_up_to_when_it_connected():
    teller = Teller()
    teller.status(t=START)
    assert not rules.caught_up(teller.unit, START - 600)
    assert not rules.caught_up(teller.unit, 4000)  # without a date: from before it had the time
    assert rules.caught_up(teller.unit, START - 10)


def test_a_microphone_is_ill_until_the_doctor_or_the_night_says_otherwise():
    teller = Teller()
    teller.event("doctor", START, findings=["loose wire", "low byte"])
    assert teller.unit.ill == "loose wire, low byte"
    teller.event("doctor", START, findings=[])
    assert teller.unit.ill == ""
    teller.event("self-check", START, verdict="microphone", deviations=[-9, -8])
    assert teller.unit.ill == "self-check: microphone"
    teller.event("self-check", START, verdict="too loud", loudest=900)
    assert teller.unit.ill
    teller.event("self-check", START, verdict="good", deviations=[0, 1])
    assert not teller.unit.ill


def test_a_square_is_as_loud_as_its_loudest_box():
    units = {
        "A": Unit(stage="red", level=680, limit=650),
        "B": Unit(stage="firm", level=670, limit=600),
        "C": Unit(stage="amber", level=690, limit=700),
    }
    assert rules.square(units) == rules.Square(("A", "B"), 680, 650, "firm")
    assert rules.square({"C": units["C"]}) == rules.Square((), None, None, "")


def test_silent_is_who_was_heard_once_and_not_since():
    units = {"A": Unit(online=True), "B": Unit(online=False), "C": Unit()}
    assert rules.silent(units, {"A": 100.0, "B": 0.0}, 200.0, 150.0) == ("B",)
    assert rules.silent(units, {}, 200.0, 150.0) == ()


def test_what_is_kept_of_a_unit_comes_back_from_its_fields():
    teller = Teller()
    teller.status(t=START)
    teller.stage("red", START)
    kept = {**rules.to_fields(teller.unit), "key": [2, 2], "of a later version": 1}
    assert rules.from_fields(kept) == teller.unit
