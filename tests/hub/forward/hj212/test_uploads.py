"""What the hub stores arrives at each platform, whatever was away in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from evening import EAST, WEST
from forwarded import Forwarded, units
from hj212_device import MN
from hj212_platform import asked
from waiting import DEADLINE

from noisetamer.hub.forward.facts import Fact
from noisetamer.hub.forward.format import Around, Unreachable
from noisetamer.hub.forward.hj212 import judge
from noisetamer.hub.forward.hj212.frame import Frame
from noisetamer.hub.forward.hj212.simulator import Simulator, request
from noisetamer.hub.forward.hj212.uploads import Uploads

OTHER = "010000A8900016F000169DC1"


@asynccontextmanager
async def platform_of(hub: Forwarded, **keys: Any) -> AsyncIterator[tuple[Simulator, Uploads]]:
    simulator = Simulator()
    await simulator.start()
    around = Around(hub.folder, units=units, clock=lambda: hub.now)
    uploads = Uploads(asked(simulator.port, **keys), around)
    try:
        yield simulator, uploads
    finally:
        await uploads.close()
        await simulator.close()


@pytest.fixture
def hub(tmp_path: Path) -> Forwarded:
    return Forwarded(tmp_path, asked(1))


def wait_for_answers(uploads: Uploads, seconds: float) -> None:
    """Only so long, where none comes."""
    for session in uploads.sessions.values():
        session.device.kept.change(session.device.unit, overtime=seconds)


def minutes(hub: Forwarded, count: int, **how: Any) -> list[Fact]:
    for minute in range(count):
        hub.minute(minute, 1 + 6 * minute, 600 + minute, **how)
    hub.gather()
    return [fact for fact in hub.waiting() if fact.kind == "minute"]


def test_minutes_arrive_with_their_levels_at_the_begin_of_each(hub: Forwarded):
    facts = minutes(hub, 3)

    async def story() -> None:
        async with platform_of(hub) as (platform, uploads):
            assert (await uploads.send(facts)).taken == 3
            found = platform.heard.frames
            assert [one.CN for one in found] == ["2051"] * 3
            first = found[0].values()
            assert first["Leq-Data"] == first["L95-Data"] == "60.0"
            assert (first["LMx-Data"], first["LMn-Data"]) == ("62.0", "60.0")
            times = [int(one.values()["DataTime"]) for one in found]
            assert times == [times[0], times[0] + 100, times[0] + 200]
            assert not any(one.backfilled for one in found)

    asyncio.run(story())


def test_what_was_away_comes_back_once_marked_and_in_order(hub: Forwarded):
    facts = minutes(hub, 3)

    async def story() -> None:
        async with platform_of(hub) as (platform, uploads):
            gone: list[asyncio.Task[None]] = []

            def hold(one: Frame, times: int) -> bool:
                if away := one.values()["Leq-Data"] == "60.1":
                    gone.append(asyncio.create_task(platform.hang_up()))
                return away

            platform.hold = hold
            with pytest.raises(Unreachable) as why:
                await uploads.send(facts)
            assert why.value.taken == 1
            platform.hold = lambda one, times: False
            platform.heard.frames.clear()
            assert (await uploads.send(facts[1:])).taken == 2
            found = platform.heard.frames
            assert [one.values()["Leq-Data"] for one in found] == ["60.1", "60.2"]
            assert [one.backfilled for one in found] == [True, False]

    asyncio.run(story())


def test_what_comes_long_after_its_time_is_back_filled(hub: Forwarded):
    facts = minutes(hub, 2)
    hub.now += 3600

    async def story() -> None:
        async with platform_of(hub) as (platform, uploads):
            await uploads.send(facts)
            assert [one.backfilled for one in platform.heard.frames] == [True, True]

    asyncio.run(story())


def test_a_correction_that_waits_beside_what_it_corrects_is_sent_after_it(hub: Forwarded):
    (first,) = minutes(hub, 1)
    corrected = replace(first, late=True, levels={**first.levels, "LAeq": 655})

    async def story() -> None:
        async with platform_of(hub) as (platform, uploads):
            assert (await uploads.send([first, corrected])).taken == 2
            found = platform.heard.frames
            assert [one.values()["Leq-Data"] for one in found] == ["60.0", "65.5"]

    asyncio.run(story())


def test_new_minutes_go_before_old_ones_that_wait_and_only_once(hub: Forwarded):
    """HJ 212-2025 8.1.2."""
    old = minutes(hub, 2)
    # an hour later
    hub.minute(60, 13, 660)
    hub.minute(61, 19, 661)
    hub.now += 40
    hub.gather()
    everything = [fact for fact in hub.waiting() if fact.kind == "minute"]
    assert len(everything) == 4

    async def story() -> None:
        async with platform_of(hub, overtime=DEADLINE, recount=0) as (platform, uploads):
            await uploads.send(old)
            await uploads.say_newest()
            assert len(platform.heard.frames) == 2  # nothing waits
            platform.hold = lambda one, times: one.values()["Leq-Data"] == "60.0"
            wait_for_answers(uploads, 0.1)
            with pytest.raises(Unreachable):
                await uploads.send(old)
            wait_for_answers(uploads, DEADLINE)
            platform.hold = lambda one, times: False
            await uploads.check()
            platform.heard.frames.clear()
            await uploads.say_newest()
            await uploads.say_newest()
            (new,) = platform.heard.frames
            assert (new.values()["Leq-Data"], new.backfilled) == ("66.1", False)
            assert (await uploads.send(everything)).taken == 4
            found = [one.values()["Leq-Data"] for one in platform.heard.frames[1:]]
            assert found == ["60.0", "60.1", "66.0"]

    asyncio.run(story())


def test_ten_minutes_of_2017_and_single_measurements_of_2025_are_summed_up(hub: Forwarded):
    facts = minutes(hub, 12)

    async def story(version: str, command: str, **keys: Any) -> None:
        async with platform_of(hub, version=version, **keys) as (platform, uploads):
            await uploads.send(facts)
            found = [one for one in platform.heard.frames if command == one.CN]
            assert len(found) in (1, 2)
            for one in found:
                assert one.values()["DataTime"].endswith(("000", "500"))
            assert "L95-Data" in found[0].values()

    asyncio.run(story("2017", "2051", minutes=10))
    asyncio.run(story("2025", "2052", single=5))


def test_one_unit_that_is_away_holds_up_no_other_and_strangers_are_nobodys(hub: Forwarded):
    east = minutes(hub, 2)
    hub.minute(0, 1, 700, unit=WEST)
    hub.gather()
    both = [fact for fact in hub.waiting() if fact.kind == "minute"]
    assert {fact.unit for fact in both} == {EAST, WEST}

    async def story() -> None:
        mn = {EAST: MN, WEST: OTHER}
        async with platform_of(hub, mn=mn, overtime=DEADLINE, recount=0) as (platform, uploads):
            platform.hold = lambda one, times: one.MN == MN
            silent = uploads.sessions[EAST].device
            silent.kept.change(EAST, overtime=0.1)
            with pytest.raises(Unreachable, match="no answer"):
                await uploads.send(both)
            silent.kept.change(EAST, overtime=DEADLINE)
            assert OTHER in {one.MN for one in platform.heard.frames}
            platform.hold = lambda one, times: False
            platform.heard.frames.clear()
            assert (await uploads.send(both)).taken == 3
            # what was acknowledged is not sent again
            assert {one.MN for one in platform.heard.frames} == {MN}
        async with platform_of(hub, mn={WEST: OTHER}) as (platform, uploads):
            assert (await uploads.send(east)).taken == 0

    asyncio.run(story())


def test_too_little_is_marked_and_nothing_is_made_up(hub: Forwarded):
    windy = minutes(hub, 1, flags=7)

    async def story() -> None:
        async with platform_of(hub) as (platform, uploads):
            await uploads.send(windy)
            assert platform.heard.frames == []
            half = Fact(
                *("minute", "k", EAST, "", "", windy[0].since, windy[0].until),
                levels={"LAeq": 600},
                valid=30,
                reasons={"overload": 30},
            )
            await uploads.send([half])
            assert platform.heard.frames[0].area.endswith("Leq-Data=60.0,Leq-Flag=T")

    asyncio.run(story())


def test_what_a_platform_changes_is_in_the_audit_log_and_counts(hub: Forwarded):
    log: list[tuple[object, ...]] = []

    def audit(at: float, by: str, what: str, target: str, detail: object) -> None:
        log.append((by, what, target, detail))

    async def story() -> None:
        simulator = Simulator()
        await simulator.start()
        around = Around(hub.folder, units=units, clock=lambda: hub.now, audit=audit)
        uploads = Uploads(asked(simulator.port, allow=["intervals"]), around)
        await uploads.send(minutes(hub, 1))
        changed = request(simulator.heard.frames[0], "1062", "RtdInterval=60", hub.now)
        await simulator.ask(MN, changed)
        await simulator.until(lambda heard: len(heard.answers) == 2)
        assert simulator.heard.answers[1].area == "ExeRtn=1"
        assert uploads.sessions[EAST].device.now.real_time == 60
        await uploads.close()
        await simulator.close()

    asyncio.run(story())
    assert log == [("hj212 bureau", "platform_changed", EAST, {"real_time": 60})]


def test_a_platform_that_takes_no_connection_is_told_before_there_is_any_data(hub: Forwarded):
    async def story() -> None:
        async with platform_of(hub) as (platform, uploads):
            await platform.close()
            task = asyncio.create_task(uploads.run())
            async with asyncio.timeout(DEADLINE):
                while not uploads.complaint:
                    await asyncio.sleep(0.01)
            assert "cannot be reached" in uploads.complaint
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(story())


def test_a_short_timeout_cuts_off_no_sending_again_of_the_standard(hub: Forwarded):
    async def story() -> None:
        async with platform_of(hub, overtime=20, recount=4) as (_, uploads):
            assert 100 < uploads.patience < 120
            session = next(iter(uploads.sessions.values()))
            session.device.kept.change(session.device.unit, overtime=90)
            assert 450 < uploads.patience < 470

    asyncio.run(story())


def test_a_platform_is_tried_without_a_fact(hub: Forwarded):
    async def story() -> None:
        async with platform_of(hub, heartbeat=60) as (platform, uploads):
            assert "answered a heartbeat of 1 device" in await uploads.check()
            assert [one.CN for one in platform.heard.frames] == ["9015"]

    asyncio.run(story())


@pytest.mark.parametrize(
    ("wrong", "key", "why"),
    [
        ({"mn": {}}, "mn", "names no unit"),
        ({"mn": {EAST: "x" * 25}}, f"mn.{EAST}", "24 of 0-9"),
        ({"mn": {EAST: MN, WEST: MN}}, "mn", "the same MN"),
        ({"password_file": "1234567"}, "password_file", "six"),
        ({"system": "x"}, "system", "two digits"),
        ({"key_file": "short"}, "key_file", "16 characters"),
        ({"key_file": "0" * 16, "version": "2017"}, "key_file", "knows no encryption"),
        ({"minutes": 10}, "minutes", "is 1"),
        ({"single": 20, "version": "2017"}, "single", "no 2052"),
        ({"real_time": 5}, "real_time", "30 to 3600"),
        ({"allow": ["all"]}, "allow", "known are"),
    ],
)
def test_what_cannot_be_set_is_told(wrong: dict[str, Any], key: str, why: str):
    assert list(judge(asked(1).keys)) == []
    ((told, reason),) = judge(asked(1, **wrong).keys)
    assert told == key and why in reason
