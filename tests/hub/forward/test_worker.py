"""Nobody is held up by another, and nothing is lost that is not said to be."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from forwarded import MINUTES, Clock, Forwarded, Recorder, worker
from waiting import DEADLINE

from noisetamer.hub.forward.facts import Fact
from noisetamer.hub.forward.format import Asked, Refused, Sent, Unreachable
from noisetamer.hub.forward.worker import MOST_PAUSE, PROBE_AFTER, pause

OTHER = Asked("data-office", "test", ("minute",), timeout=5)


@pytest.fixture
def hub(tmp_path: Path) -> Forwarded:
    found = Forwarded(tmp_path, MINUTES, OTHER)
    for minute in range(8):
        found.minute(minute, 1 + 6 * minute)
    found.gather()
    return found


def turns(*workers: object, count: int = 1) -> None:
    async def run() -> None:
        for _ in range(count):
            await asyncio.gather(*(one.turn() for one in workers))  # type: ignore[attr-defined]

    asyncio.run(run())


def test_what_is_taken_is_done_with_for_one_and_still_there_for_the_other(hub: Forwarded):
    format = Recorder()
    turns(worker(hub, format, Clock()))
    assert [one.since for one in format.taken] == sorted(one.since for one in format.taken)
    assert len(format.taken) == 8
    assert hub.waiting(MINUTES) == []
    assert len(hub.waiting(OTHER)) == 8
    standing = hub.queue.standing(MINUTES)
    assert standing
    assert (standing.waiting, standing.sent, standing.lost) == (0, 8, 0)


def test_one_that_is_away_gets_the_same_in_the_same_order_when_it_is_back(hub: Forwarded):
    calls = iter(range(100))

    def answer(facts: Sequence[Fact]) -> None:
        if next(calls) < 5:
            raise Unreachable("no route to bureau.example")

    clock, format = Clock(), Recorder(answer)
    bureau = worker(hub, format, clock)
    turns(bureau, count=4)
    assert (bureau.state.failing, bureau.state.attempts) == ("no route to bureau.example", 4)
    # no batch is made for one that has been away for long
    assert format.asked == [8] * PROBE_AFTER + [1]
    turns(bureau, count=3)
    assert (bureau.state.failing, bureau.state.since) == ("", None)
    assert format.asked[4:] == [1, 1, 7]
    assert [one.since for one in format.taken] == sorted({one.since for one in format.taken})
    assert len(format.taken) == 8
    assert sum(clock.slept) > 20


def test_pauses_double_to_an_end_and_differ_by_seeded_chance():
    one, other = ([pause(n, Random(seed)) for n in range(1, 20)] for seed in (1, 2))
    assert one == [pause(n, Random(1)) for n in range(1, 20)]
    assert one != other
    assert all(MOST_PAUSE / 2 <= rest <= MOST_PAUSE for rest in one[9:])
    assert 1 <= one[0] <= 2


def test_one_that_never_answers_holds_up_nobody(hub: Forwarded):
    """In real time: a format that hangs in one task, another that works beside it."""
    quick = Recorder()

    async def hang(facts: Sequence[Fact]) -> Sent:
        await asyncio.Event().wait()
        return Sent(0)

    async def run() -> None:
        slow = worker(hub, Recorder(hang), Clock())
        fast = worker(hub, quick, Clock(), OTHER)
        tasks = [asyncio.create_task(one.run()) for one in (slow, fast)]
        async with asyncio.timeout(DEADLINE):
            while len(quick.taken) < 8:
                await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())
    assert quick.closed == 1
    assert len(hub.waiting(MINUTES)) == 8


@pytest.mark.parametrize(("patience", "taken"), [(0.0, 0), (DEADLINE, 8)])
def test_a_short_timeout_holds_unless_the_destinations_own_rules_take_longer(
    hub: Forwarded, patience: float, taken: int
):
    """In real time, of a tenth of a second."""
    impatient = replace(MINUTES, timeout=0.01)

    class Slow(Recorder):
        @property
        def patience(self) -> float:
            return patience

        async def send(self, facts: Sequence[Fact]) -> Sent:
            await asyncio.sleep(0.1)
            return await super().send(facts)

    format = Slow()
    turns(worker(hub, format, Clock(), impatient))
    assert len(format.taken) == taken


def test_what_fails_beside_sending_is_told_until_it_goes_well_again(
    hub: Forwarded, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("noisetamer.hub.forward.worker.WELL_SECONDS", 0.05)

    class Connected(Recorder):
        times = 0

        async def run(self) -> None:
            self.times += 1
            if self.times == 1:
                raise Unreachable("the connection was lost")
            await asyncio.Event().wait()

    async def run() -> list[str]:
        told: list[str] = []
        one = worker(hub, Connected(), Clock())
        task = asyncio.create_task(one.run())
        for expected in ("the connection was lost", ""):
            async with asyncio.timeout(DEADLINE):
                while one.state.beside != expected:
                    await asyncio.sleep(0.001)
            told.append(expected)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return told

    assert asyncio.run(run()) == ["the connection was lost", ""]


def test_what_a_destination_refuses_is_put_aside_with_its_reason_and_the_rest_goes(
    hub: Forwarded,
):
    poison = hub.waiting(MINUTES)[5].key

    def answer(facts: Sequence[Fact]) -> None:
        if any(one.key == poison for one in facts):
            raise Refused("400: field type conflict")

    format = Recorder(answer)
    turns(worker(hub, format, Clock()))
    assert len(format.taken) == 7
    assert poison not in {one.key for one in format.taken}
    (refused,) = hub.queue.refusals("bureau")
    assert (refused.fact.key, refused.why) == (poison, "400: field type conflict")
    standing = hub.queue.standing(MINUTES)
    assert standing
    assert (standing.waiting, standing.sent, standing.refused) == (0, 7, 1)


def test_one_that_names_what_it_refuses_need_not_be_asked_again(hub: Forwarded):
    format = Recorder(lambda facts: Sent(len(facts) - 1, {2: "no such station"}))
    turns(worker(hub, format, Clock()))
    assert format.asked == [8]
    assert len(format.taken) == 7
    assert [one.why for one in hub.queue.refusals("bureau")] == ["no such station"]


def test_what_it_has_for_certain_is_not_sent_again(hub: Forwarded):
    calls = iter(range(100))

    def answer(facts: Sequence[Fact]) -> None:
        if next(calls) == 0:
            raise Unreachable("cut off after the third", taken=3)

    format = Recorder(answer)
    turns(worker(hub, format, Clock()), count=2)
    assert format.asked == [8, 5]


def test_a_fault_of_a_format_loses_nothing_and_is_said(hub: Forwarded):
    def answer(facts: Sequence[Fact]) -> None:
        raise ZeroDivisionError("of the format")

    bureau = worker(hub, Recorder(answer), Clock())
    turns(bureau)
    assert "ZeroDivisionError" in bureau.state.failing
    assert len(hub.waiting(MINUTES)) == 8


def test_what_nobody_takes_is_let_go_of_at_last_and_counted(tmp_path: Path):
    hub = Forwarded(tmp_path, MINUTES, OTHER, most=5)
    for minute in range(8):
        hub.minute(minute, 1 + 6 * minute)
    hub.gather()
    turns(worker(hub, Recorder(), Clock(), OTHER))
    assert hub.queue.trim(hub.wanted, hub.now) == {"bureau": 3}
    standing = hub.queue.standing(MINUTES)
    assert standing
    assert (standing.waiting, standing.lost, standing.last_lost) == (5, 3, hub.now)
    assert hub.queue.trim(hub.wanted, hub.now) == {}


def test_one_that_wants_nothing_of_it_keeps_nothing_from_being_let_go_of(hub: Forwarded):
    rare = Asked("rare", "test", ("incident",))
    hub.queue.begin([MINUTES.name, OTHER.name, rare.name])
    hub.queue.done(OTHER.name, hub.queue.next(OTHER, 100).place, 8, (), hub.now)
    hub.queue.begin([MINUTES.name, rare.name])
    hub.queue.done(MINUTES.name, hub.queue.next(MINUTES, 3).place, 3, (), hub.now)
    hub.minute(8, 49)
    hub.gather()
    hub.queue.trim([MINUTES, rare], hub.now)
    assert hub.queue.looking("SELECT count(*) FROM fact") == [(6,)]
    assert len(hub.waiting(MINUTES)) == 6


def test_one_that_cannot_be_read_for_now_misses_nothing_when_another_begins(tmp_path: Path):
    hub = Forwarded(tmp_path)
    assert hub.queue.begin(["office"], are_all=False)


def test_a_queue_goes_on_where_it_was_in_another_process(hub: Forwarded):
    from noisetamer.hub.forward.queue import Queue

    waiting = hub.queue.next(MINUTES, 3)
    hub.queue.done("bureau", waiting.place, 3, (), hub.now)
    hub.queue.close()
    hub.queue = Queue(hub.folder / "forward.sqlite")
    assert next(one.since for one in hub.waiting(MINUTES)) == waiting.facts[-1].until


def test_of_what_was_given_a_part_is_done_and_the_rest_comes_next(hub: Forwarded):
    """Also within a part that is left of what was refused together."""
    taken: list[int] = []
    asked: list[int] = []

    async def slow(facts: Sequence[Fact]) -> Sent:
        asked.append(len(facts))
        if len(asked) == 1:
            raise Refused("one of them")
        taken.extend(one.since for one in facts[:2])
        return Sent(min(len(facts), 2), done=2)

    format = Recorder()
    format.send = slow  # type: ignore[method-assign]
    bureau = worker(hub, format, Clock())
    turns(bureau, count=4)
    assert asked == [8, 4, 6, 4, 2]
    assert taken == sorted(set(taken))
    assert len(taken) == 8
    assert hub.waiting(MINUTES) == []
