"""Each fact once, whatever was cut off; what comes late says so."""

from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import pytest
from evening import EAST, SQUARES, WEST
from forwarded import Forwarded
from scripted_unit import START, event, seconds

from noisetamer.hub.forward.format import Asked
from noisetamer.hub.maintenance.backup import _copy_database
from noisetamer.hub.store import hour_packing
from noisetamer.hub.store.packed_day import DAY

ALL = Asked("all", "test", ("minute", "hour", "day", "event", "status", "incident"))
SECONDS = Asked("fine", "test", ("second",))


@pytest.fixture
def hub(tmp_path: Path) -> Forwarded:
    return Forwarded(tmp_path)


def test_a_minute_is_told_once_when_it_is_over_with_its_levels_and_coverage(hub: Forwarded):
    hub.minute(0, 1, 600)
    hub.gather()
    (fact,) = hub.waiting()
    assert (fact.kind, fact.unit, fact.square, fact.name) == (
        "minute",
        EAST,
        SQUARES[EAST],
        "box 1",
    )
    assert (fact.since, fact.until, fact.late) == (START, START + 60, False)
    assert (fact.dB("LAeq"), fact.dB("LAFmax"), fact.dB("L50"), fact.dB("LAE")) == (
        60,
        62,
        60,
        None,
    )
    assert (fact.coverage, fact.reasons) == (1.0, {})
    hub.gather(600)
    assert hub.waiting() == [fact]


def test_a_minute_of_which_only_a_part_came_waits_and_says_what_is_missing(hub: Forwarded):
    hub.report(seconds(1, START, [600] * 10), seconds(2, START + 10, [600] * 10, flags=7))
    hub.gather()
    assert hub.waiting() == []
    hub.gather(200)
    (fact,) = hub.waiting()
    assert (fact.valid, fact.seconds) == (10, 60)
    assert fact.reasons == {"wind": 10, "not received": 40}


def test_a_short_record_touches_no_minute_before_it(hub: Forwarded):
    hub.minute(0, 1)
    hub.gather()
    hub.report(seconds(1, START + 61, [600] * 3, boot=2))
    hub.gather(300)
    assert [one.since for one in hub.waiting()] == [START, START + 60]


def test_what_a_box_has_kept_while_it_was_away_comes_as_late_and_as_a_correction(hub: Forwarded):
    hub.report(seconds(1, START, [600] * 10))
    hub.gather(200)
    (first,) = hub.waiting()
    assert not first.late
    journal = [seconds(2 + n, START + 10 + 10 * n, [700] * 10) for n in range(29)]
    hub.now += 400
    hub.report(*journal)
    hub.gather()
    hub.gather(60)
    told = hub.waiting()[1:]
    assert [(one.since, one.late) for one in told] == [(START + 60 * n, True) for n in range(5)]
    assert told[0].key == first.key
    assert [one.coverage for one in told[:2]] == [1.0, 1.0]


def test_a_record_that_comes_when_it_was_given_up_corrects_its_minute(hub: Forwarded):
    whole = [seconds(n + 1, START + 10 * n, [600] * 10) for n in range(7)]
    # the third says that the second is gone for ever
    gone = seconds(3, START + 20, [600] * 10, oldest=3)
    hub.now += 71
    hub.report(whole[0], gone, *whole[3:])
    hub.gather()
    assert [one.valid for one in hub.waiting()] == [50]
    hub.report(whole[1])
    hub.gather()
    hub.gather(30)
    assert [(one.valid, one.late) for one in hub.waiting()] == [(50, False), (60, True)]


def test_events_statuses_and_incidents_are_told_and_nobody_is_named(tmp_path: Path):
    hub = Forwarded(tmp_path, ALL)
    hub.status(True)
    hub.evening.stage("red")
    hub.evening.hand_over("leader")
    hub.evening.incidents.acknowledge(1, "li", hub.evening.now)
    hub.report(event(90, START + 5, "order", n=1, verb="say", result="done", reason="李报告"))
    hub.gather()
    told = hub.waiting()
    assert Counter(one.kind for one in told)["event"] >= 3
    assert [one.what for one in told if one.kind == "status"] == ["online"]
    incident = [one for one in told if one.kind == "incident"]
    assert [one.what for one in incident] == ["opened", "acknowledged"]
    assert incident[0].fields["units"] == [EAST]
    assert incident[0].square == SQUARES[EAST]
    assert "'li'" not in str(told)
    assert "李" not in str(told)


def test_what_had_no_date_is_told_when_it_has_one(tmp_path: Path):
    hub = Forwarded(tmp_path, ALL)
    hub.report(
        *(seconds(n + 1, 100 + 10 * n, [600] * 10) for n in range(3)),
        event(4, 131, "spotlight", on=True),
    )
    hub.gather(120)
    assert hub.waiting() == []
    hub.report(event(5, START + 200, "clock", boot_at=START, source="hub", step=0))
    hub.gather(120)
    hub.gather(700)
    told = [(one.kind, one.since, one.late) for one in hub.waiting()]
    assert ("event", START + 131, True) in told
    assert ("minute", START + 60, True) in told
    hub.gather(3600)
    hub.gather(3600)
    assert len({one.key for one in hub.waiting()}) == len(hub.waiting())


def test_a_clock_that_is_set_back_a_day_holds_no_minute_up(hub: Forwarded):
    hub.report(seconds(1, START, [600] * 10))
    hub.gather()
    hub.gather(-86_400)
    assert [one.since for one in hub.waiting()] == [START]


def test_a_store_that_was_brought_back_alone_is_read_on_from_its_end(tmp_path: Path):
    folders = [tmp_path / name for name in ("before", "after")]
    for folder in folders:
        folder.mkdir()
    hub = Forwarded(folders[0], ALL)
    hub.evening.stage("red")
    hub.evening.hand_over("leader")
    for file in ("hub.sqlite", "incidents.sqlite"):
        _copy_database(folders[0] / file, folders[1] / file)
    hub.evening.incidents.acknowledge(1, "li", hub.evening.now)
    hub.report(*(event(n, START + n, "spotlight", on=True) for n in range(3, 9)))
    hub.gather()
    known = len(hub.waiting())
    _copy_database(folders[0] / "forward.sqlite", folders[1] / "forward.sqlite")
    hub = Forwarded(folders[1], ALL)
    hub.report(event(1, START + 20, "spotlight", on=True, boot=2))
    hub.evening.incidents.acknowledge(1, "wang", hub.evening.now + 60)
    hub.gather()
    assert [one.what for one in hub.waiting()[known:]] == ["spotlight", "acknowledged"]
    # whoever has had the one that is lost takes the other as another
    keys = [one.key for one in hub.waiting()]
    assert len(set(keys)) == len(keys)


def test_an_hour_and_a_day_are_told_with_what_of_them_is_known(tmp_path: Path):
    hub = Forwarded(tmp_path, ALL)
    hub.report(*(seconds(n + 1, START + 10 * n, [600] * 10) for n in range(360)))
    hub.report(seconds(361, START + 3600, [700] * 10), at=START + 3611.0)
    hub.now = START + 3620.0
    hub.gather()
    (hour,) = [one for one in hub.waiting() if one.kind == "hour"]
    assert (hour.since, hour.dB("LAeq"), hour.coverage) == (START, 60.0, 1.0)
    # 19:00 to midnight
    hub.gather(6 * 3600 + 1000)
    hub.gather(86_400)
    (day,) = [one for one in hub.waiting() if one.kind == "day"]
    assert day.since == START - 19 * 3600
    assert (day.valid, day.seconds) == (3610, 86_400)
    assert day.dB("Ld") == pytest.approx(60.1, abs=0.11)
    assert day.dB("Ln") is None
    assert day.reasons == {"not received": 86_400 - 3610}


def test_seconds_are_told_only_where_they_are_wanted_each_once(tmp_path: Path):
    hub = Forwarded(tmp_path, SECONDS)
    hub.report(seconds(1, START, [600] * 10))
    hub.gather()
    hub.report(seconds(2, START + 10, [610] * 7), seconds(3, START + 17, [620] * 10))
    hub.gather()
    told = hub.waiting()
    assert [one.since for one in told] == list(range(START, START + 27))
    assert {one.dB("LAeq") for one in told[10:17]} == {61.0}


def test_units_that_nobody_wants_make_no_facts(tmp_path: Path):
    hub = Forwarded(tmp_path, Asked("one", "test", ("minute",), units=(WEST,)))
    hub.minute(0, 1)
    hub.minute(0, 1, unit=WEST)
    hub.gather()
    assert hub.queue.looking("SELECT unit FROM fact") == [(WEST,)]


def test_two_hubs_on_one_folder_make_no_fact_twice(hub: Forwarded):
    first = hub.gatherer
    hub.begin()
    for minute in range(4):
        hub.minute(minute, 1 + 6 * minute)
        for gatherer in (first, hub.gatherer, first):
            gatherer.turn(hub.wanted, hub.now)
    hub.gather(200)
    assert [one.since for one in hub.waiting()] == [START + 60 * n for n in range(4)]


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_any_moment_it_tells_each_minute_all_the_same(tmp_path: Path, seed: int):
    """Each turn may be cut off before it is committed; a hub that starts anew goes on."""
    chance = Random(seed)
    hub = Forwarded(tmp_path)
    seq = {EAST: 1, WEST: 1}
    for minute in range(8):
        for unit in (EAST, WEST):
            begin = START + 60 * minute
            hub.now = begin + 61.0
            for part in range(6):
                hub.report(seconds(seq[unit], begin + 10 * part, [600] * 10), unit=unit)
                seq[unit] += 1
            if chance.random() < 0.4:
                with pytest.MonkeyPatch.context() as patched:
                    patched.setattr(hub.queue, "add", _cut)
                    with suppress(OSError):
                        hub.gather()
            if chance.random() < 0.5:
                hub.begin()
            hub.gather()
    hub.gather(300)
    told = Counter((one.unit, one.since, one.valid) for one in hub.waiting())
    wanted = {(unit, START + 60 * n, 60) for unit in (EAST, WEST) for n in range(8)}
    assert set(told) == wanted
    assert set(told.values()) == {1}


def _cut(*_: object) -> None:
    raise OSError("cut")


def test_hours_that_were_packed_before_they_were_read_are_told_as_if_they_were_not(
    tmp_path: Path,
):
    told = []
    for packed in (False, True):
        (tmp_path / str(packed)).mkdir()
        hub = Forwarded(tmp_path / str(packed), SECONDS)
        hub.report(*(seconds(1 + n, START + 10 * n, [600 + n] * 10) for n in range(60)))
        hub.now += 10_000
        if packed:
            store = hub.evening.store
            with closing(store.reader()) as reader:
                (hours,) = hour_packing.to_pack(reader, hub.now, START // DAY)
                assert store.pack_hours(hours) == 1
        hub.gather()
        told.append(hub.waiting())
    assert told[0] == told[1]
    assert [one.since for one in told[1]] == list(range(START, START + 600))
