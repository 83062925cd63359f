"""Roll-outs on the real state machine, orders and files, to modelled units in virtual time."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
from updated_units import BACK, SILENT, Fleet, fleet, squares

from noisetamer.base.errors import UserError
from noisetamer.hub.updates import machine, rollout
from noisetamer.hub.updates.machine import LOST_SECONDS
from noisetamer.hub.updates.rollout import STAMP_MARGIN


def played(folder: Path, boxes: int, story: Callable[[Fleet], Awaitable[None]]) -> None:
    with fleet(folder, squares(boxes, random.Random(1))) as made:
        asyncio.run(_lived(story, made))


async def _lived(story: Callable[[Fleet], Awaitable[None]], made: Fleet) -> None:
    await story(made)


def test_cohort_after_cohort_gets_it_once_and_it_ends(tmp_path: Path):
    async def story(made: Fleet) -> None:
        await made.push()
        first = [id for id, unit in made.state().units.items() if unit.cohort == 0]
        await made.turn()
        assert [id for id, _ in made.given] == first
        await made.until("done")
        assert made.counts() == {"proven": 30}
        assert all(unit.got == 1 and unit.running == 2 for unit in made.units.values())
        assert made.most_under_way <= made.state().plan.at_once
        whats = [entry.what for entry in await made.updates.entries(1)]
        assert whats == ["pushed", *["cohort"] * (made.state().cohorts - 1), "done"]
        assert [told[2] for told in made.audited if told[2] != "order"] == ["update_push"]

    played(tmp_path, 30, story)


def test_more_failures_than_allowed_stop_it_and_only_a_person_lets_it_go_on(tmp_path: Path):
    async def story(made: Fleet) -> None:
        await made.push()
        bad = next(id for id, unit in made.state().units.items() if unit.cohort == 1)
        made.units[bad].fate = BACK
        await made.until("stopped")
        assert made.state().why == "failures"
        assert rollout.failed(made.state())[bad].detail == "no sound"
        (trouble,) = made.updates.troubles()
        assert trouble.key == "update_failures"
        got = len(made.given)
        await made.pass_on(7200)
        assert len(made.given) == got <= 11
        with pytest.raises(UserError, match="still already"):
            await made.ask("stop", reason="once more")
        await made.ask("resume", reason="it hung in a tree")
        await made.until("done")
        assert made.counts() == {"proven": 29, "failed": 1}

    played(tmp_path, 30, story)


def test_a_box_that_never_comes_back_is_a_failure_and_one_that_comes_late_is_none(tmp_path: Path):
    async def story(made: Fleet) -> None:
        await made.push()
        first = next(id for id, unit in made.state().units.items() if unit.cohort == 0)
        made.units[first].fate = SILENT
        await made.until("stopped", hours=2)
        unit = made.state().units[first]
        assert (unit.state, unit.why) == ("failed", "silent")
        assert made.now - unit.since < LOST_SECONDS
        # somebody has turned it off and on
        made.units[first].online = True
        made.tell(first, "order", n=unit.n, verb="voice", result="done")
        await made.pass_on()
        assert made.state().units[first].state == "proven"
        assert made.state().state == "stopped"

    played(tmp_path, 12, story)


def test_a_box_that_crashes_again_and_again_after_its_proof_is_a_failure(tmp_path: Path):
    async def story(made: Fleet) -> None:
        await made.push()
        (first,) = (id for id, unit in made.state().units.items() if unit.cohort == 0)
        while made.counts().get("proven") != 1:
            await made.pass_on()
        # as it should: the release is taken over in a start of its own
        made.tell(first, "boot", release=2, reset="reset")
        await made.pass_on()
        made.tell(first, "boot", release=2, reset="watchdog")
        await made.pass_on()
        assert made.state().units[first].state == "proven"
        made.tell(first, "boot", release=2, reset="watchdog")
        await made.pass_on()
        unit = made.state().units[first]
        assert (unit.state, unit.why) == ("failed", "crashes")
        assert (made.state().state, made.state().why) == ("stopped", "failures")
        assert [id for id, _ in made.given] == [first]

    played(tmp_path, 12, story)


def test_a_box_that_is_revoked_is_none_of_it_until_it_is_enrolled_again(tmp_path: Path):
    async def story(made: Fleet) -> None:
        await made.push()
        last = next(id for id, unit in made.state().units.items() if unit.cohort == 1)
        gone = made.units.pop(last)
        await made.until("done")
        assert made.state().units[last].why == "revoked"
        made.units[last] = gone
        await made.pass_on(1800)
        assert made.state().units[last].state == "proven"
        assert gone.got == 1

    played(tmp_path, 4, story)


def test_starts_long_after_the_proof_are_none_of_its_business(tmp_path: Path):
    async def story(made: Fleet) -> None:
        await made.push()
        await made.until("done")
        await made.pass_on(machine.WATCHED_SECONDS + 60)
        for _ in range(5):
            made.tell(next(iter(made.units)), "boot", release=2, reset="watchdog")
            await made.pass_on()
        assert made.counts() == {"proven": 3}

    played(tmp_path, 3, story)


def test_a_box_that_is_away_is_waited_for_left_and_gets_it_when_it_comes(tmp_path: Path):
    async def story(made: Fleet) -> None:
        away = sorted(made.units)[:5]
        for id in away:
            made.units[id].online = False
        await made.push(plan={"patience": 3600})
        await made.until("done")
        assert made.counts() == {"proven": 25, "later": 5}
        made.units[away[0]].online = True
        await made.pass_on(1800)
        assert made.state().units[away[0]].state == "proven"
        assert made.state().state == "done"

    played(tmp_path, 30, story)


def test_if_nobody_of_a_cohort_is_reached_a_person_decides(tmp_path: Path):
    async def story(made: Fleet) -> None:
        for unit in made.units.values():
            unit.online = False
        await made.push(plan={"patience": 600})
        await made.until("stopped")
        assert made.state().why == "nobody"
        for unit in made.units.values():
            unit.online = unit.online or made.state().units[unit.id].cohort > 0
        await made.ask("resume", reason="the first one stands in a cellar")
        await made.until("done")
        assert made.counts() == {"proven": 11, "later": 1}

    played(tmp_path, 12, story)


def test_not_while_its_square_is_loud_and_only_within_the_hours(tmp_path: Path):
    async def story(made: Fleet) -> None:
        loud = sorted({unit.square for unit in made.units.values()})[0]
        made.loud = {loud}
        await made.push(plan={"hours": (2, 5)})
        await made.until("running")
        while not made.given:
            await made.pass_on(600)
        hour = (made.now / 3600 + 8) % 24
        assert 2 <= hour < 2.3
        await made.pass_on(3600)
        assert all(made.units[id].square != loud for id, _ in made.given)
        # by day
        made.now += 8 * 3600
        got = len(made.given)
        await made.pass_on(1200)
        made.loud = set()
        await made.pass_on(1200)
        assert len(made.given) == got
        made.now += 15 * 3600
        await made.pass_on(1200)
        assert len(made.given) > got

    played(tmp_path, 6, story)


def test_stop_takes_back_what_no_box_has_taken(tmp_path: Path):
    async def story(made: Fleet) -> None:
        await made.push(sizes=())
        # committed, and nothing of it has gone out
        await made.updates.turn()
        waiting = [id for id, unit in made.state().units.items() if unit.state == "ordered"]
        assert waiting
        await made.ask("stop", reason="wrong one")
        await made.pass_on(7200)
        assert made.given == []
        assert made.counts() == {"waiting": 12}
        orders = await made.orders.of(waiting)
        assert {order.state for order in orders} == {"withdrawn"}
        await made.ask("resume", reason="it is right after all")
        await made.until("done")
        assert made.counts() == {"proven": 12}

    played(tmp_path, 12, story)


def test_one_at_a_time_never_backwards_and_never_another_of_the_same_number(tmp_path: Path):
    async def story(made: Fleet) -> None:
        with pytest.raises(UserError, match="no roll-out yet"):
            await made.ask("stop", reason="none")
        await made.push(5)
        with pytest.raises(UserError, match="release 5 is being rolled out"):
            await made.push(6)
        await made.ask("stop", reason="a newer one")
        await made.pass_on(3600)
        with pytest.raises(UserError, match="numbers only rise"):
            await made.push(4)
        await made.push(6)
        assert made.state().number == 6
        await made.until("done")

    played(tmp_path, 3, story)


def test_a_stamp_that_ends_is_told_before_and_then_nothing_is_sent(tmp_path: Path):
    async def story(made: Fleet) -> None:
        for id in sorted(made.units)[:3]:
            made.units[id].online = False
        await made.push(plan={"patience": 3600})
        await made.until("done")
        # as of a release whose stamp ends in three hours
        current = made.updates.current()
        assert current
        until = made.now + STAMP_MARGIN + 3 * 3600
        stepped, _ = machine.step(
            current.state,
            rollout.Restamped(until),
            made.now,
            rollout.Around(set(), set(made.units)),
        )
        made.updates._now = type(current)(**{**vars(current), "state": stepped})
        assert [one.key for one in made.updates.troubles()] == ["update_stamp"]
        made.now += 3 * 3600 + 1
        assert [one.key for one in made.updates.troubles()] == ["update_stamp_over"]
        for unit in made.units.values():
            unit.online = True
        got = len(made.given)
        await made.pass_on(600)
        assert len(made.given) == got

    played(tmp_path, 12, story)


class KilledError(Exception):
    """The power is cut."""


def test_a_hub_that_is_killed_at_any_point_orders_nothing_twice_and_leaves_nobody_out(
    tmp_path: Path,
):
    """Before each of the first accesses to a file, one after the other: what the files have is
    what the next hub knows."""
    cuts = 0
    for after in range(1, 24):
        folder = tmp_path / str(after)
        folder.mkdir()
        played(folder, 1, partial(_killed_once, after))
        cuts += (folder / "killed").exists()
    assert cuts == 23


async def _killed_once(after: int, made: Fleet) -> None:
    await made.push(sizes=())
    left = after

    def cut(do: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
        async def cut_short(*what: object) -> object:
            nonlocal left
            left -= 1
            if not left:
                raise KilledError
            return await do(*what)

        return cut_short

    made.updates._do = cut(made.updates._do)  # type: ignore[method-assign]
    made.orders._do = cut(made.orders._do)  # type: ignore[method-assign]
    try:
        await made.pass_on(300)
    except KilledError:
        (made.folder / "killed").touch()
        made.stop()
        made.start()
    left = 0
    await made.until("done")
    assert made.counts() == {"proven": 1}
    assert [unit.got for unit in made.units.values()] == [1], after


def test_two_hundred_boxes_of_which_three_in_a_hundred_are_bad(tmp_path: Path):
    """A small part of tests/bench/rollouts.py."""

    async def story(made: Fleet) -> None:
        await made.push()
        for id in random.Random(3).sample(sorted(made.units), 2):
            made.units[id].fate = BACK
        await made.until("stopped")
        assert made.state().why == "failures"
        assert len({id for id, _ in made.given}) < 60

    played(tmp_path, 60, story)


def test_of_several_hubs_one_decides_and_any_may_be_asked(tmp_path: Path):
    async def story(made: Fleet) -> None:
        alone = made.updates
        one, other = (made.updates_of(several=True) for _ in range(2))
        deciding = asyncio.create_task(one.run())
        made.updates = other
        await made.push()
        assert made.state().state == "running"
        # what it decides goes on at whoever has taken over since, from what the file says
        deciding.cancel()
        await asyncio.gather(deciding, return_exceptions=True)
        deciding = asyncio.create_task(other.run())
        made.updates = one
        await made.ask("stop", reason="it rains")
        assert (made.state().state, made.state().why) == ("stopped", "person")
        await asyncio.wait([deciding], timeout=0.05)
        assert [entry.what for entry in await other.entries(1)] == ["pushed", "stopped"]
        deciding.cancel()
        await asyncio.gather(deciding, return_exceptions=True)
        one.close()
        other.close()
        made.updates = alone

    played(tmp_path, 3, story)


def test_where_nobody_decides_that_is_said_and_what_was_asked_for_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("noisetamer.hub.updates.updates.ANSWER_SECONDS", 0.2)

    async def story(made: Fleet) -> None:
        alone, made.updates = made.updates, made.updates_of(several=True)
        with pytest.raises(UserError, match="no hub decides"):
            await made.push()
        made.updates.close()
        made.updates = alone
        await made.updates.turn()
        assert made.state().state == "running"

    played(tmp_path, 3, story)
