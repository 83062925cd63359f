import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from heartbeats import heartbeat
from scripted_unit import START
from waiting import DEADLINE

from noisetamer.base import database
from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.live import ASK_SECONDS, SET_ASIDE_SECONDS, Live, UnitState
from noisetamer.hub.registry import Unit
from noisetamer.hub.store.queries import Queries, SetAside
from noisetamer.hub.store.writer import Refusal, Store, Stored
from noisetamer.hub.wire import Event, Now, Seconds, Status
from tamer.record.reading import CLOCK, Second


class Watch:
    """A `Live` with one unit, its commands and a clock set by hand."""

    def __init__(self) -> None:
        self.clock = 100.0
        self.sent: list[tuple[str, bytes]] = []
        self.live = Live(Commands(self._publish), lambda: self.clock)
        self.state = UnitState(Unit("SIM-0001", "", "", ""))
        self.live.states["SIM-0001"] = self.state

    async def _publish(self, subject: str, body: bytes) -> None:
        self.sent.append((subject, body))

    def now(self, t: int, stage: str = "green") -> None:
        self.live.on_now(Now("SIM-0001", t, 683, 0, stage, 650, False))

    def stage(self, seq: int, t: int, after: str) -> None:
        fields = {"from": "green", "to": after, "limit": 650, "level": 671}
        event = Event("SIM-0001", 1, seq, (0, 1), t, "stage", fields, b"")
        self.live.on_stored(Stored([event]))

    def tick(self) -> int:
        """The number of commands it sent."""
        before = len(self.sent)
        asyncio.run(self.live._tick())
        return len(self.sent) - before


def test_a_unit_is_asked_at_once_and_again_after_half_its_time():
    watch = Watch()
    assert watch.tick() == 1
    ((subject, body),) = watch.sent
    assert (subject, json.loads(body)) == ("cmd.SIM-0001.live", {"for": ASK_SECONDS})
    for second in range(29):
        watch.clock += 1
        watch.now(START + second)
    watch.tick()
    del watch.sent[:]
    assert watch.tick() == 0
    watch.clock += 30
    watch.now(START + 60)
    assert watch.tick() == 1


def test_only_units_that_somebody_looks_at_are_asked():
    async def look() -> list[int]:
        watch = Watch()
        watch.live.states["SIM-0002"] = UnitState(Unit("SIM-0002", "", "elsewhere", ""))
        asked = []
        elsewhere = watch.live.listen(lambda unit: unit.square == "elsewhere")
        all_of_them = watch.live.listen()
        assert elsewhere and all_of_them
        for leaves in (None, all_of_them):
            if leaves:
                watch.live.leave(leaves)
            watch.clock += 31
            before = len(watch.sent)
            await watch.live._tick()
            asked.append(len(watch.sent) - before)
        return asked

    assert asyncio.run(look()) == [2, 1]


def test_a_unit_whose_clock_runs_fast_is_asked_by_its_own_clock():
    watch = Watch()
    watch.tick()
    watch.now(START)
    watch.tick()
    watch.clock += 0.5
    watch.now(START + 31)
    assert watch.tick() == 1


def test_a_silent_unit_turns_stale_by_the_hubs_clock_and_is_asked_again():
    watch = Watch()
    watch.now(START)
    assert not watch.state.stale
    watch.clock += 2.9
    watch.tick()
    assert not watch.state.stale
    watch.clock += 0.2
    watch.tick()
    assert watch.state.stale
    watch.now(START + 3)
    assert not watch.state.stale


def test_a_stage_event_delayed_by_the_network_does_not_undo_what_is_live():
    watch = Watch()
    watch.now(START + 50, "green")
    watch.stage(1, START + 10, "red")
    assert watch.state.stage == "green"
    watch.stage(2, START + 51, "red")
    assert watch.state.stage == "red"
    watch.now(START + 50, "green")  # sent before the change, arrived after
    assert watch.state.stage == "red"


@pytest.mark.parametrize("ahead", [40, 3600, 290_000_000])
def test_a_square_that_is_quiet_is_green_within_two_seconds_whatever_its_clock_did(ahead: int):
    watch = Watch()
    watch.stage(1, START + ahead, "red")
    watch.now(START + ahead + 1, "red")
    assert (watch.state.stage, watch.state.last) == ("red", START + ahead + 1)
    watch.clock += 1
    watch.stage(2, START + 30, "green")  # the clock was set right meanwhile
    watch.now(START + 30, "green")
    watch.clock += 2
    watch.now(START + 32, "green")
    assert (watch.state.stage, watch.state.last) == ("green", START + 32)
    assert list(watch.state.limits) == [(START + 30, 650)]
    watch.stage(3, START + 33, "red")
    assert watch.state.stage == "red"


def test_without_anybody_watching_the_newest_record_is_the_last_word_whatever_its_time():
    watch = Watch()
    watch.stage(1, START + 290_000_000, "red")
    watch.stage(2, START, "green")
    assert (watch.state.stage, watch.state.last) == ("green", START)
    watch.stage(1, START + 290_000_000, "red")  # once more, late
    assert (watch.state.stage, watch.state.last) == ("green", START)


def test_what_comes_late_from_a_journal_does_not_touch_what_is_live():
    watch = Watch()
    watch.now(START + 3600, "green")
    for seq in range(1, 20):
        watch.stage(seq, START + seq, "red" if seq % 2 else "green")
        assert (watch.state.stage, watch.state.last) == ("green", START + 3600)
    assert list(watch.state.limits) == [(START + 3600, 650)]


def test_the_boot_that_a_unit_says_it_is_in_counts_whatever_its_number():
    watch = Watch()
    for boot, t, after in ((2**31 + 9, START, "red"), (1795430000, START + 60, "amber")):
        told = Status("SIM-0001", True, {"b": boot}, b"")
        fields = {"from": "green", "to": after, "limit": 650, "level": 671}
        change = Event("SIM-0001", boot, 1, (0, 1), t, "stage", fields, b"")
        watch.live.on_stored(Stored([change], statuses=[told]))
    assert (watch.state.stage, watch.state.last) == ("amber", START + 60)
    assert [event.t for event in watch.state.events][-1] == START + 60


def test_a_clock_that_is_not_known_yet_leaves_the_limits_of_before_alone():
    watch = Watch()
    watch.now(START)
    watch.live.on_now(Now("SIM-0001", 17, 500, 8, "green", 550, False))
    watch.live.on_now(Now("SIM-0001", START + 90, 500, 0, "green", 650, False))
    assert list(watch.state.limits) == [(START, 650), (START, 550), (START + 90, 650)]


def test_events_out_of_order_end_in_the_order_they_happened():
    watch = Watch()
    watch.stage(2, START + 5, "red")
    watch.stage(1, START, "amber")
    assert [event.seq for event in watch.state.events] == [1, 2]
    assert watch.state.stage == "red"


def test_news_of_a_card_waits_a_second_unless_it_is_urgent(monkeypatch: pytest.MonkeyPatch):
    heartbeat(monkeypatch, DEADLINE)

    async def listen() -> list[list[tuple[str, str]]]:
        watch = Watch()
        listener = watch.live.listen()
        assert listener is not None
        news = listener.news()
        got = []
        for _ in range(3):
            watch.now(START)
        got.append(await anext(news))  # three seconds, one piece of news
        watch.now(START + 1)
        watch.now(START + 2, "red")  # a new stage does not wait
        got.append(await anext(news))
        listener.close()
        assert [left async for left in news] == []
        return got

    assert asyncio.run(listen()) == [[("card", "SIM-0001")], [("card", "SIM-0001")]]


def test_too_many_open_pages_are_refused():
    live = Watch().live

    async def listen_too_often() -> list[bool]:
        return [live.listen() is not None for _ in range(201)]

    assert asyncio.run(listen_too_often()) == [True] * 200 + [False]


def test_a_box_that_goes_on_after_a_restart_is_shown_in_its_stage():
    watch = Watch()
    boot = Event("SIM-0001", 2, 1, (0, 1), START, "boot", {}, b"")
    resumed = Event("SIM-0001", 2, 2, (0, 1), START, "resumed", {"stage": "firm", "away": 4}, b"")
    watch.stage(1, START - 9, "red")
    watch.live.on_stored(Stored([boot]))
    assert watch.state.stage == "green"
    watch.live.on_stored(Stored([resumed]))
    assert watch.state.stage == "firm"


def test_reports_set_aside_are_counted_with_the_newest_reason_for_a_day():
    watch = Watch()
    now = time.time()
    for received, reason in ((now - SET_ASIDE_SECONDS - 9, "not JSON"), (now, "t is missing")):
        refused = [Refusal("dev.SIM-0001.event", reason, b""), Refusal("dev.NT-9.event", "", b"")]
        watch.live.on_stored(Stored(refused=refused, received=received))
        if reason == "not JSON":
            assert watch.state.set_aside == SetAside(1, received, reason)
            watch.tick()
            assert watch.state.set_aside is None  # longer ago than a day
    watch.tick()
    assert watch.state.set_aside == SetAside(1, now, "t is missing")


def test_what_is_dated_afterwards_changes_its_place_in_time_and_nothing_else():
    watch = Watch()
    boot = Event("SIM-0001", 1, 1, (0, 1), 0, "boot", {"reset": "power on"}, b"")
    told = {"boot_at": START, "source": "ntp"}
    clock = Event("SIM-0001", 1, 2, (1, 2), START + 30, "clock", told, b"")
    watch.live.on_stored(Stored([boot]))
    assert watch.state.last == 0
    watch.live.on_stored(Stored([clock], dated=[replace(boot, t=START)]))
    assert [(e.t, e.dated_afterwards) for e in watch.state.events] == [
        (START, True),
        (START + 30, False),
    ]
    assert watch.state.last == START + 30


def test_what_was_lost_before_the_time_was_known_is_dated_with_the_rest():
    watch = Watch()
    why = {"records": 12, "why": "full"}
    lost = Event("SIM-0001", 1, 1, (0, 1), 5, "lost", why, b"")
    watch.live.on_stored(Stored([lost]))
    watch.live.on_stored(Stored(dated=[replace(lost, t=START + 5)]))
    assert watch.state.lost is not None
    assert (watch.state.lost.t, watch.state.lost.dated_afterwards) == (START + 5, True)


def test_seconds_of_earlier_boots_that_never_get_a_date_are_counted():
    watch = Watch()

    def undated(boot: int, seq: int) -> Seconds:
        batch = [Second(10 * seq + i, 500, 520, 580, 680, CLOCK) for i in range(10)]
        return Seconds("SIM-0001", boot, seq, (0, seq), 10 * seq, batch, b"")

    first = [undated(1, seq) for seq in range(1, 4)]
    watch.live.on_stored(Stored([*first, undated(2, 1)]))
    watch.live.on_stored(Stored(statuses=[Status("SIM-0001", True, {"b": 1}, b"")]))
    assert watch.state.undated_for_ever == 10  # of boot 2; boot 1 may still be told the time
    watch.live.on_stored(Stored(statuses=[Status("SIM-0001", True, {"b": 3}, b"")]))
    assert watch.state.undated_for_ever == 40
    # Late from the journal, boot 1 had been told it after all.
    watch.live.on_stored(Stored(dated=[replace(one, t=START + one.t) for one in first]))
    assert watch.state.undated_for_ever == 10
    assert watch.state.undated == {2: 10}


def test_however_many_units_there_are_their_store_is_opened_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Seven times a unit are a minute of thirty thousand."""
    Store(tmp_path / "hub.sqlite").close()
    queries, watch = Queries(tmp_path / "hub.sqlite"), Watch()
    opened: list[Path] = []
    reader = database.reader
    monkeypatch.setattr(database, "reader", lambda path: opened.append(path) or reader(path))
    units = [Unit(f"SIM-{n:04}", "", "", "") for n in range(50)]
    watch.live.load(units, queries)
    assert len(watch.live.states) == 50
    assert len(opened) == 1
    queries.online()
    assert len(opened) == 2
