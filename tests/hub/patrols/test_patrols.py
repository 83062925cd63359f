"""A check-in counts once, for the minute that its digits prove."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from noisetamer.hub.patrols.check_in import Point, Round
from noisetamer.hub.patrols.patrols import PatrolError, Patrols, Told
from tamer.record.seal import digits_of

T = 1_795_900_020  # a minute begins
KEYS = {"SIM-0001": "k" * 43}


class Clock:
    now = float(T + 20)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def patrols(tmp_path: Path, clock: Clock) -> Iterator[Patrols]:
    patrols = Patrols(tmp_path / "patrols.sqlite", KEYS.get, digits_of, clock)
    yield patrols
    patrols.close()


def box(patrols: Patrols) -> Point:
    return patrols.add_point(Point(0, "square", "东门", "panel", "SIM-0001"))


def shown(t: float, key: str = KEYS["SIM-0001"]) -> str:
    return digits_of(key, int(t) // 60)


def test_the_digits_of_the_minute_are_counted(patrols: Patrols, clock: Clock) -> None:
    point = box(patrols)
    told = Told(point.id, shown(T), "n1", clock.now, clock.now)
    answer = patrols.check_in(told, "li")
    assert (answer.what, answer.ago, answer.fast) == ("in", 0, 0)
    (kept,) = patrols.check_ins(T, T + 60)
    assert (kept.at, kept.by, kept.proof, kept.square) == (T, "li", "panel", "square")


def test_after_an_hour_without_a_network_it_is_told_how_long_ago(
    patrols: Patrols, clock: Clock
) -> None:
    """The phone's clock is three minutes fast: the digits know better."""
    point = box(patrols)
    typed = T + 20 + 180
    clock.now = T + 20 + 52 * 60
    told = Told(point.id, shown(T), "n1", typed, clock.now + 180)
    answer = patrols.check_in(told, "li")
    assert answer.what == "in" and answer.check_in
    assert (answer.check_in.at, answer.ago, answer.fast) == (T, 52 * 60, 180)
    assert answer.check_in.told == clock.now


def test_the_same_one_counts_once(patrols: Patrols, clock: Clock) -> None:
    """Told again, told after the answer was lost (answered as before), and typed twice in a
    minute."""
    point = box(patrols)
    told = Told(point.id, shown(T), "n1", clock.now, clock.now)
    first = patrols.check_in(told, "li")
    assert patrols.check_in(told, "li") == first
    clock.now += 4000
    later = patrols.check_in(replace(told, sent=clock.now), "li")
    assert (later.what, later.check_in) == ("in", first.check_in)
    typed = Told(point.id, shown(T), "n2", T + 50, clock.now)
    assert patrols.check_in(typed, "li").what == "again"
    assert len(patrols.check_ins(0, clock.now)) == 1
    typed = Told(point.id, shown(T), "n3", T + 50, clock.now)
    assert patrols.check_in(typed, "wang").what == "in"  # two went together


def test_another_phone_cannot_take_a_name_that_is_taken(patrols: Patrols, clock: Clock) -> None:
    point = box(patrols)
    patrols.check_in(Told(point.id, shown(T), "n1", clock.now, clock.now), "li")
    told = Told(point.id, shown(T), "n1", clock.now, clock.now)
    assert patrols.check_in(told, "wang").what == "wrong"
    assert [one.by for one in patrols.check_ins(0, 2**40)] == ["li"]


def test_digits_of_another_box_or_of_last_week_are_wrong(patrols: Patrols, clock: Clock) -> None:
    point = box(patrols)
    for n, digits in enumerate((shown(T, "another"), shown(T - 7 * 86_400))):
        told = Told(point.id, digits, f"n{n}", clock.now, clock.now)
        assert patrols.check_in(told, "li").what == "wrong"
    assert patrols.check_ins(0, 2**40) == []
    assert [(by, one.point) for by, one in patrols.wrong(0)] == [("li", point.id)] * 2


def test_the_fourth_try_waits_also_after_a_restart(
    patrols: Patrols, clock: Clock, tmp_path: Path
) -> None:
    point = box(patrols)
    for n in range(3):
        patrols.check_in(Told(point.id, "no", f"n{n}", clock.now, clock.now), "li")
    patrols.close()
    again = Patrols(tmp_path / "patrols.sqlite", KEYS.get, digits_of, clock)
    right = Told(point.id, shown(T), "n9", clock.now, clock.now)
    answer = again.check_in(right, "li")
    assert (answer.what, answer.seconds) == ("wait", 61)
    assert again.check_in(right, "wang").what == "in"  # he has guessed nothing
    again.close()


def test_a_box_that_is_not_here_any_more_proves_nothing(patrols: Patrols, clock: Clock) -> None:
    point = patrols.add_point(Point(0, "square", "西门", "panel", "GONE-1"))
    told = Told(point.id, digits_of("", T // 60), "n1", clock.now, clock.now)
    assert patrols.check_in(told, "li").what == "wrong"


def test_a_screen_has_a_key_of_its_own_that_can_be_renewed(patrols: Patrols, clock: Clock) -> None:
    point = patrols.add_point(Point(0, "square", "后门", "rotating"))
    key = patrols.code_key(point.id)
    told = Told(point.id, shown(T, key), "n1", clock.now, clock.now)
    answer = patrols.check_in(told, "li")
    assert answer.check_in and answer.check_in.proof == "rotating"
    patrols.renew_code_key(point.id)
    old = Told(point.id, shown(T, key), "n2", clock.now, clock.now)
    assert patrols.check_in(old, "wang").what == "wrong"


def test_a_print_is_weak_and_says_so(patrols: Patrols, clock: Clock) -> None:
    point = patrols.add_point(Point(0, "square", "亭子", "weak"))
    answer = patrols.check_in(Told(point.id, "", "n1", clock.now - 600, clock.now), "li")
    assert answer.check_in
    assert (answer.check_in.proof, answer.check_in.at) == ("weak", T - 600)


def test_what_is_told_a_day_later_is_too_old(patrols: Patrols, clock: Clock) -> None:
    point = box(patrols)
    told = Told(point.id, shown(T - 90_000), "n1", clock.now - 90_000, clock.now)
    assert patrols.check_in(told, "li").what == "old"


def test_a_round_that_is_changed_leaves_the_past_as_it_was(patrols: Patrols, clock: Clock) -> None:
    point = box(patrols)
    round = patrols.add_round(Round(0, "square", "晚巡", (point.id,), (), 1140, 1260))
    clock.now += 86_400
    patrols.end_round(round.id)
    assert patrols.rounds("square") == []
    assert patrols.rounds("square", at=T + 60) == [round]


@pytest.mark.parametrize(
    ("round", "key"),
    [
        (Round(0, "square", "", (1,), (), 0, 60), "patrol_no_name"),
        (Round(0, "square", "晚巡", (), (), 0, 60), "patrol_no_points"),
        (Round(0, "square", "晚巡", (9,), (), 0, 60), "patrol_no_points"),
        (Round(0, "square", "晚巡", (1,), (), 0, 2000), "patrol_no_time"),
    ],
)
def test_a_round_that_cannot_be_walked_is_refused(
    patrols: Patrols, round: Round, key: str
) -> None:
    box(patrols)
    with pytest.raises(PatrolError) as error:
        patrols.add_round(round)
    assert error.value.key == key


def test_who_is_forgotten_was_there_without_a_name(patrols: Patrols, clock: Clock) -> None:
    point = box(patrols)
    patrols.check_in(Told(point.id, shown(T), "n1", clock.now, clock.now), "li")
    patrols.check_in(Told(point.id, "no", "n2", clock.now, clock.now), "li")
    assert patrols.forget("li") == 2
    assert patrols.forget("li") == 0 and patrols.wrong(0) == []
    (kept,) = patrols.check_ins(0, 2**40)
    assert (kept.by, kept.at) == ("", T)


def test_what_is_older_than_it_is_kept_goes(patrols: Patrols, clock: Clock) -> None:
    point = patrols.add_point(Point(0, "square", "亭子", "weak"))
    for n in range(2):
        patrols.check_in(Told(point.id, "", f"n{n}", clock.now, clock.now), "li")
        clock.now += 401 * 86_400
    assert [one.at for one in patrols.check_ins(0, 2**40)] == [T + 401 * 86_400]
