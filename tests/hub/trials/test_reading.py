"""What the hub makes of the events of a box whose incidents are dealt by lot."""

from typing import Any

from noisetamer.hub.store.queries import PastEvent
from noisetamer.hub.trials.dealt import Dealt, Outcome
from noisetamer.hub.trials.reading import dealt
from tamer.record.reading import MISSING

T = 1_795_521_600


class Told:
    """The events of one unit, and what is read of them."""

    def __init__(self) -> None:
        self.events: list[PastEvent] = []

    def tells(self, at: int, kind: str, boot: int = 1, /, **fields: Any) -> "Told":
        self.events.append(PastEvent(T + at, boot, len(self.events), kind, fields))
        return self

    def stage(self, after: int, before: str, to: str, level: int = 600) -> "Told":
        return self.tells(after, "stage", **{"from": before, "to": to, "level": level})

    def begins(self, after: int, arm: str = "light", probability: int = 500) -> "Told":
        self.stage(after, "amber", "red")
        return self.tells(after, "dealt", trial="spring", arm=arm, probability=probability)

    def read(self, heard: int = 100_000) -> list[Dealt]:
        return dealt("U1", "plaza", self.events, T + heard)


def test_an_incident_is_what_it_was_dealt_and_what_came_of_it():
    told = Told().begins(0, "voice", 250)
    told.stage(10, "red", "polite")
    outcome = {"stage": "polite", "message": "m", "number": 1, "effective": True, "after": 4}
    told.tells(30, "outcome", **outcome).stage(30, "polite", "green")
    (one,) = told.read()
    assert (one.trial, one.arm, one.probability, one.start) == ("spring", "voice", 0.25, T)
    assert (one.complied, one.watched, one.people, one.relapse) == (30, 30, False, None)
    assert one.outcomes == (Outcome("polite", "m", 1, True, 4),)
    assert one.followed == 1800


def test_who_was_called_and_who_began_again_is_told_of_the_incident_it_belongs_to():
    told = Told().begins(0).tells(20, "hand-over", to="leader")
    told.stage(50, "firm", "green").begins(150).tells(150, "relapse", after=100)
    told.stage(170, "red", "green")
    first, second = told.read()
    assert (first.people, first.relapse, first.followed) == (True, 100, 100)
    assert (second.people, second.relapse) == (False, None)


def test_a_relapse_after_an_incident_that_was_not_dealt_is_not_held_against_an_earlier_one():
    told = Told().begins(0).stage(50, "red", "green")
    told.stage(2000, "amber", "red").stage(2050, "red", "green")
    told.begins(2100).tells(2100, "relapse", after=50)
    assert told.read()[0].relapse is None


def test_given_up_for_want_of_hearing_is_no_compliance():
    told = Told().begins(0).stage(40, "red", "green", MISSING)
    (one,) = told.read()
    assert (one.complied, one.watched, one.followed) == (None, 40, 0)


def test_an_incident_ends_with_the_power_unless_the_box_says_that_it_goes_on():
    begun = Told().begins(0).tells(20, "hand-over", to="leader").tells(300, "boot", 2)
    (cut,) = begun.read()
    assert (cut.complied, cut.watched) == (None, 20)
    (on,) = begun.tells(301, "resumed", 2, stage="firm").stage(400, "firm", "green").read()
    assert on.complied == 400


def test_one_that_came_back_calm_is_known_to_the_last_it_told_before():
    told = Told().begins(0).tells(20, "hand-over", to="leader")
    told.tells(900, "boot", 2).tells(901, "resumed", 2, stage="green")
    (one,) = told.read()
    assert (one.complied, one.watched) == (None, 20)


def test_one_that_goes_on_is_known_up_to_now():
    (one,) = Told().begins(0).read(heard=45)
    assert (one.complied, one.watched) == (None, 45)


def test_a_relapse_that_is_not_over_yet_is_not_known():
    (one,) = Told().begins(0).stage(30, "red", "green").read(heard=630)
    assert (one.relapse, one.followed) == (None, 600)
