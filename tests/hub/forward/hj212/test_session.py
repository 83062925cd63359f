"""A device and a platform, connected: what is not acknowledged is sent again, what comes in is
answered."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hj212_device import MN, NOW, Heard, device

from noisetamer.hub.forward.format import Unreachable
from noisetamer.hub.forward.hj212 import frame
from noisetamer.hub.forward.hj212.readings import Reading
from noisetamer.hub.forward.hj212.session import Session
from noisetamer.hub.forward.hj212.simulator import Simulator, request

AREA = "DataTime=20261126235900;Leq-Data=50.0"
KEY = b"0123456789abcdef"

Step = Callable[[Simulator, Session], Awaitable[None]]


@asynccontextmanager
async def connected(
    folder: Path, simulator: Simulator | None = None, **of_device: Any
) -> AsyncIterator[tuple[Simulator, Session]]:
    platform = simulator or Simulator()
    await platform.start()
    session = Session(device(folder, platform.port, **of_device), NOW - 60)
    try:
        yield platform, session
    finally:
        await session.close()
        await platform.close()


def test_data_is_acknowledged_by_its_name(tmp_path: Path):
    async def story() -> None:
        async with connected(tmp_path) as (platform, session):
            await session.upload("2051", AREA)
            await session.upload("2051", AREA)
            first, second = platform.heard.frames
            assert (first.CN, first.ST, first.PW, first.MN, first.flag) == (
                *("2051", "23", "123456", MN),
                5,
            )
            assert (first.area, first.QN) == (AREA, "20261127000100123")
            assert second.QN == "20261127000100124"

    asyncio.run(story())


def test_what_is_not_acknowledged_is_sent_again_as_it_was(tmp_path: Path):
    """HJ 212-2017 6.2.1: 3 re-sends."""

    async def story() -> None:
        held = Simulator(hold=lambda one, times: times <= 3)
        async with connected(tmp_path, held, overtime=0.1, recount=99) as (platform, session):
            await session.upload("2051", AREA)
            assert len(platform.heard.frames) >= 4
            assert len({one.QN for one in platform.heard.frames}) == 1
            assert session.is_connected

    asyncio.run(story())


def test_after_the_last_time_in_vain_the_connection_is_gone(tmp_path: Path):
    async def story() -> None:
        deaf = Simulator(hold=lambda one, times: True)
        async with connected(tmp_path, deaf, overtime=0.02, recount=2) as (platform, session):
            with pytest.raises(Unreachable, match="no answer to 2051, sent 3 times"):
                await session.upload("2051", AREA)
            assert not session.is_connected
            platform.hold = lambda one, times: False
            session.device.kept.change(session.device.unit, overtime=10)
            await session.upload("2051", AREA)
            assert len({one.QN for one in platform.heard.frames}) == 2

    asyncio.run(story())


def test_where_no_answer_is_wanted_none_is_waited_for(tmp_path: Path):
    async def story() -> None:
        deaf = Simulator(hold=lambda one, times: True)
        async with connected(tmp_path, deaf, answers=False) as (platform, session):
            await session.upload("2051", AREA)
            await platform.until(lambda heard: bool(heard.frames))
            assert platform.heard.frames[0].flag == 4

    asyncio.run(story())


def test_only_what_is_back_filled_says_so_and_only_in_2025(tmp_path: Path):
    async def story(version: str, said: list[bool]) -> None:
        async with connected(tmp_path, version=version) as (platform, session):
            await session.upload("2051", AREA)
            await session.upload("2051", AREA, backfilled=True)
            assert [one.backfilled for one in platform.heard.frames] == said
            assert {one.version for one in platform.heard.frames} == {version}

    asyncio.run(story("2025", [False, True]))
    asyncio.run(story("2017", [False, False]))


def test_packets_have_names_of_their_own_and_each_is_acknowledged(tmp_path: Path):
    """HJ 212-2017 annex C.50."""

    async def story() -> None:
        async with connected(tmp_path) as (platform, session):
            factors = ";".join(f"a{number:05d}-Avg=1.0" for number in range(80))
            await session.upload("2061", f"DataTime=20160801080000;{factors}")
            parts = platform.heard.frames
            assert [(one.number, one.of, one.flag) for one in parts] == [(1, 2, 7), (2, 2, 7)]
            assert int(parts[1].QN) == int(parts[0].QN) + 1

    asyncio.run(story())


def test_an_encrypted_area_is_plain_to_whoever_has_the_key(tmp_path: Path):
    async def story() -> None:
        written: list[bytes] = []
        simulator = Simulator(key=KEY, told=lambda way, data, one: written.append(data))
        of = {"version": "2025", "key": KEY}
        async with connected(tmp_path, simulator, **of) as (platform, session):
            await session.upload("2051", AREA)
            assert platform.heard.frames[0].area == AREA
            assert b"CP=&&{0x" in written[0] and b"CP=&&&&" in written[1]

    asyncio.run(story())


def test_a_platform_with_the_other_check_says_which_setting_it_wants(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    async def story() -> None:
        other = Simulator("modbus")
        async with connected(tmp_path, other, overtime=0.2, recount=0) as (platform, session):
            with pytest.raises(Unreachable, match="no answer"):
                await session.upload("2051", AREA)
            assert "right as crc = standard, and modbus is set" in platform.heard.refused[0]
        # one that takes ours and answers with its own
        deaf = Simulator(hold=lambda one, times: True)
        async with connected(tmp_path, deaf) as (platform, session):
            upload = asyncio.create_task(session.upload("2051", AREA))
            await platform.until(lambda heard: bool(heard.frames))
            asked = request(platform.heard.frames[0], "1011", now=NOW)
            await platform.ask_raw(MN, frame.write(asked, "modbus"))
            while not session.said:
                await asyncio.sleep(0.01)
            await platform.hang_up()
            with pytest.raises(Unreachable, match="right as crc = modbus, and standard is set"):
                await upload

    with caplog.at_level(logging.CRITICAL, "noisetamer.hub"):
        asyncio.run(story())


def test_a_refusal_of_the_password_says_so_and_loses_nothing(tmp_path: Path):
    async def story() -> None:
        deaf = Simulator(hold=lambda one, times: True)
        async with connected(tmp_path, deaf) as (platform, session):
            for told, code, why in (
                ("3", 3, "PW is wrong"),
                ("9", 9, 'perhaps it wants crc = "modbus"'),
                ("²", 100, "unknown error"),
            ):
                count = len(platform.heard.frames)
                upload = asyncio.create_task(session.upload("2051", AREA))
                await platform.until(lambda heard, count=count: len(heard.frames) > count)
                name = platform.heard.frames[-1].QN
                segment = f"QN={name};ST=91;CN=9011;PW=123456;MN={MN};Flag=4;CP=&&QnRtn={told}&&"
                await platform.ask_raw(MN, _written(segment))
                with pytest.raises(Unreachable, match=f"QnRtn={code}, .*{why}"):
                    await upload

    asyncio.run(story())


def _written(segment: str) -> bytes:
    from hj212_reference import lua_encode

    return lua_encode(segment)


def test_a_request_is_answered_while_data_waits_for_its_answer(tmp_path: Path):
    async def story() -> None:
        deaf = Simulator(hold=lambda one, times: one.CN == "2051")
        async with connected(tmp_path, deaf) as (platform, session):
            upload = asyncio.create_task(session.upload("2051", AREA))
            await platform.until(lambda heard: bool(heard.frames))
            asked = request(platform.heard.frames[0], "1011", now=NOW)
            await platform.ask(MN, asked)
            await platform.until(lambda heard: len(heard.answers) == 2)
            await platform.until(lambda heard: len(heard.frames) == 2)
            first, last = platform.heard.answers
            assert (first.QN, first.area) == (asked.QN, "QnRtn=1")
            assert (last.CN, last.area) == ("9012", "ExeRtn=1")
            told = platform.heard.frames[1]
            assert (told.CN, told.area) == ("1011", "SystemTime=20261127000100")
            upload.cancel()

    asyncio.run(story())


def test_malformed_ones_are_left_out_or_answered_and_what_follows_is_heard(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    async def story() -> None:
        async with connected(tmp_path) as (platform, session):
            await session.upload("2051", AREA)
            good = frame.write(request(platform.heard.frames[0], "1063", now=NOW))
            spoilt = good.replace(b"CN=1063", b"CN=1061")
            wrong = f"QN=20160801085857223;ST=23;CN=1011;PW=123456;MN={MN};Flag=7;CP=&&&&"
            noise = b"\r\n##9999" + spoilt[:30] + b"##00x1"
            await platform.ask_raw(MN, spoilt + noise + _written(wrong) + good)
            await platform.until(lambda heard: len(heard.answers) == 3)
            assert [one.area for one in platform.heard.answers] == [
                *("QnRtn=6", "QnRtn=1"),
                "ExeRtn=1",
            ]

    with caplog.at_level(logging.CRITICAL, "noisetamer.hub"):
        asyncio.run(story())


def test_while_it_is_kept_it_says_when_it_began_beats_and_comes_back(tmp_path: Path):
    async def story() -> None:
        of = {"version": "2025", "heartbeat": 0.05, "started": True}
        async with connected(tmp_path, **of) as (platform, session):
            keeping = asyncio.create_task(session.keep())
            await platform.until(
                lambda heard: {one.CN for one in heard.frames} == {"2081", "9015"}
            )
            start = next(one for one in platform.heard.frames if one.CN == "2081")
            assert start.area == "DataTime=20261127000100;RestartTime=20261127000000"
            beats = [one for one in platform.heard.frames if one.CN == "9015"]
            assert (beats[0].ST, beats[0].flag, beats[0].area) == ("91", 9, "")
            count = len(platform.heard.frames)
            await platform.hang_up()
            await platform.until(lambda heard: len(heard.frames) > count)
            assert [one.CN for one in platform.heard.frames].count("2081") == 1
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    asyncio.run(story())


def test_data_goes_on_at_a_platform_that_does_not_know_when_a_device_began(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    async def story() -> None:
        partly = Simulator(hold=lambda one, times: one.CN == "2081")
        of = {"started": True, "overtime": 0.05, "recount": 1}
        async with connected(tmp_path, partly, **of) as (platform, session):
            keeping = asyncio.create_task(session.keep())
            while not any("no answer to 2081" in line for line in caplog.messages):
                await asyncio.sleep(0.01)
            assert [one.CN for one in platform.heard.frames] == ["2081", "2081"]
            assert session.is_connected
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    asyncio.run(story())


def test_the_newest_second_is_real_time_data(tmp_path: Path):
    async def story() -> None:
        async with connected(tmp_path) as (platform, session):
            heard = session.device.readings
            assert isinstance(heard, Heard)
            await session.say_level()
            heard.second = Reading(int(NOW) - 12, 1, {"LAeq": 501}, 1, {})
            await session.say_level()
            (one,) = platform.heard.frames
            assert (one.CN, one.area) == ("2011", "DataTime=20261127000048;LA-Rtd=50.1")

    asyncio.run(story())


def test_nobody_there_is_said_so(tmp_path: Path):
    async def story() -> None:
        platform = Simulator()
        await platform.start()
        await platform.close()
        session = Session(device(tmp_path, platform.port), NOW)
        with pytest.raises(Unreachable, match="cannot be reached"):
            await session.upload("2051", AREA)

    asyncio.run(story())


def test_one_whose_clock_may_be_set_asks_for_the_time_and_compares(tmp_path: Path):
    """HJ 212-2017 annex C.4."""

    async def story() -> None:
        simulator = Simulator(clock=lambda: NOW)
        allow = frozenset({"clock"})
        async with connected(tmp_path, simulator, allow=allow) as (platform, session):
            keeping = asyncio.create_task(session.keep())
            await platform.until(lambda heard: len(heard.answers) == 2)
            assert platform.heard.frames[0].CN == "1013"
            assert [one.area for one in platform.heard.answers] == ["QnRtn=1", "ExeRtn=1"]
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    asyncio.run(story())
