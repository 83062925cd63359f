"""Each way of looking finds what was put in, the same in two engines."""

from dataclasses import asdict
from typing import Any

import pytest
from made_facts import BEGIN, DAY, Asked, duckdb_of, rows, sqlite_of

from noisetamer.hub.toolbox.associate import WEEKS, Associate, associate
from noisetamer.hub.toolbox.classify import Classify, classify
from noisetamer.hub.toolbox.collide import BY, SHOWN, Collide, collide
from noisetamer.hub.toolbox.compare import MEASURES, Compare, compare
from noisetamer.hub.toolbox.pick import Pick
from noisetamer.hub.toolbox.scope import Scope
from noisetamer.hub.toolbox.sieve import Sieve, sift
from noisetamer.hub.toolbox.things import CONDITIONS, SUBJECTS, THINGS

SQUARES, DAYS = 2, 40
FIRST = (BEGIN + 8 * 3600) // DAY
ALL = Scope()


@pytest.fixture(scope="module")
def made() -> dict[str, list[tuple[Any, ...]]]:
    return rows(7, SQUARES, DAYS)


@pytest.fixture(scope="module")
def engines(
    made: dict[str, list[tuple[Any, ...]]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Asked, Asked]:
    facts = duckdb_of(made, tmp_path_factory.mktemp("facts") / "facts.duckdb")
    return Asked(facts), Asked(sqlite_of(facts, ":memory:"))


@pytest.fixture(scope="module")
def ask(engines: tuple[Asked, Asked]) -> Asked:
    return engines[0]


def test_a_sieve_lets_through_what_all_conditions_hold_for_and_nothing_else(
    ask: Asked, made: dict[str, list[tuple[Any, ...]]]
):
    scope = Scope(("广场1",), FIRST + 3, FIRST + 20, since=18, until=21)
    found = sift(ask, Sieve(scope, "hours", {"louder": 66.0, "playing": "yes"}))
    expected = [
        (square, t)
        for _, square, t, LAeq, *_ in made["levels"]
        if square == "广场1"
        and LAeq is not None
        and LAeq >= 660
        and 3 <= (t - BEGIN) // DAY <= 20
        and 18 <= (t - BEGIN) % DAY // 3600 < 20
    ]
    assert sorted(row[:2] for row in found.rows) == sorted(expected)
    assert found.count == len(expected) == sum(map(sum, found.heat))
    assert found.coverage.hours == 18 * 3
    assert 0.9 < found.coverage.part < 1
    assert len(sift(ask, Sieve(scope, "hours"), most=5).rows) == 5


def test_what_follows_an_incident_is_told_from_what_is_of_the_evening_only(ask: Asked):
    found = associate(ask, Associate(ALL, Pick("noise"), Pick("complaint"), 30))
    assert found.share is not None and 0.6 < found.share < 0.85
    assert found.chance is not None and found.chance < found.share
    assert found.lift.low is not None and found.lift.low > 1.5
    assert found.by_weeks[WEEKS] == pytest.approx(found.share)
    assert all(0 <= t - at <= 1800 for _, at, t in found.rows)
    # a check-in is of the evening as well, and no more
    nothing = associate(ask, Associate(ALL, Pick("noise"), Pick("check_in"), 30))
    assert not nothing.lift.excludes(1)
    assert nothing.share and nothing.share > 0.1


def test_lists_meet_in_the_hours_they_share(ask: Asked, made: dict[str, list[tuple[Any, ...]]]):
    complained = {(square, t) for _, square, _, t, *_ in made["complaints"]}
    played = {(square, t) for square, _, t, *_ in made["playing"]}
    asked = Collide(ALL, Pick("complaint"), Pick("playing"))
    found = collide(ask, asked)
    assert (found.one, found.other, found.both) == (
        *(len(complained), len(played)),
        len(complained & played),
    )
    assert {row[:2] for row in found.rows} == complained & played
    only = collide(ask, Collide(ALL, Pick("complaint"), Pick("playing"), shown="one"))
    assert {row[:2] for row in only.rows} == complained - played
    one, other = Pick("noise", squares=("广场1",)), Pick("noise", squares=("广场2",))
    clocks = collide(ask, Collide(ALL, one, other, by="clock"))
    assert 0 < clocks.both == len({row[1] for row in clocks.rows}) < clocks.one
    assert {(row[0], row[2]) for row in clocks.rows} == {("广场1", "广场2")}


def test_evenings_are_louder_than_nights_and_two_halves_are_alike(ask: Asked):
    evening, night = (Scope(since=since, until=until) for since, until in ((18, 21), (0, 6)))
    found = compare(ask, Compare(night, evening, "level"))
    assert found.difference.low is not None and 14 < found.difference.low < 17
    before, after = Scope(None, FIRST, FIRST + 19), Scope(None, FIRST + 20, FIRST + 39)
    same = compare(ask, Compare(before, after, "level"))
    assert not same.difference.excludes(0)
    obeyed = compare(ask, Compare(before, after, "obeyed"))
    assert obeyed.one.value.value == pytest.approx(0.6, abs=0.15)
    weeks = Scope(None, FIRST, FIRST + 27), Scope(None, FIRST + 28, FIRST + 55)
    assert compare(ask, Compare(*weeks, "complaints")).before_after


def test_kinds_are_named_by_the_first_rule_and_likeness_tells_the_long_from_the_short(
    ask: Asked, made: dict[str, list[tuple[Any, ...]]]
):
    rules = Classify(ALL, ("bass", "long"), {"bass": 15.0, "long": 10.0})
    found = classify(ask, rules)
    assert found.count == sum(kind.count for kind in found.kinds) == len(made["incidents"])
    long = {row[0] for row in made["incidents"] if row[5] - row[3] >= 600}
    by_name = {kind.name: kind for kind in classify(ask, rules, most=1000).kinds}
    assert {id for _, _, id in by_name["long"].rows} <= long
    assert set(by_name) == {"bass", "long", "other"}
    alike = classify(ask, Classify(ALL, kinds=3))
    assert alike == classify(ask, Classify(ALL, kinds=3))
    assert sum(kind.count for kind in alike.kinds) == found.count
    assert any(kind.apart for kind in alike.kinds)


def questions() -> dict[str, Any]:
    """Every subject, condition, thing and measure, once."""
    values: dict[str, Any] = {"group": "1", "message": "polite_zh", "arm": "", "side": ""}
    found: dict[str, Any] = {}
    for name, condition in CONDITIONS.items():
        value = next(iter(condition.choices)) if condition.choices else values.get(name, "晚")
        asked = 3.0 if condition.unit else value
        found[f"sieve {name}"] = (sift, Sieve(ALL, condition.subjects[0], {name: asked}))
    for name in SUBJECTS:
        found[f"sieve {name}"] = (sift, Sieve(Scope(since=22, until=6), name))
    for n, name in enumerate(THINGS):
        found[f"associate {name}"] = (
            associate,
            Associate(ALL, Pick("complaint"), Pick(name), 30, "around"),
        )
        collided = Collide(ALL, Pick("noise"), Pick(name), BY[n % 3], SHOWN[n // 3 % 3])
        found[f"collide {name}"] = (collide, collided)
    for measure in MEASURES:
        sides = Scope(("广场1",)), Scope(("广场2",))
        found[f"compare {measure}"] = (compare, Compare(*sides, measure))
    found["classify rules"] = (
        classify,
        Classify(ALL, ("night", "again", "bass", "far_over", "long", "brief")),
    )
    found["classify likeness"] = (classify, Classify(ALL, kinds=4))
    return found


@pytest.mark.parametrize("name", questions())
def test_both_engines_say_the_same(engines: tuple[Asked, Asked], name: str):
    look, asked = questions()[name]
    one, other = (_rounded(asdict(look(engine, asked))) for engine in engines)
    assert one == other


def _rounded(found: Any) -> Any:
    if isinstance(found, float):
        return round(found, 6)
    if isinstance(found, dict):
        return {name: _rounded(value) for name, value in found.items()}
    if isinstance(found, list | tuple):
        return [_rounded(one) for one in found]
    return found
