"""Two platforms of different kinds on one queue: whatever breaks off, each has every minute at the
end, in order, and what came after its time says so.
"""

import asyncio
from dataclasses import replace
from pathlib import Path
from random import Random

from forwarded import Clock, Forwarded, units, worker
from hj212_platform import asked

from noisetamer.hub.forward.format import Around
from noisetamer.hub.forward.hj212.frame import Frame
from noisetamer.hub.forward.hj212.simulator import Simulator
from noisetamer.hub.forward.hj212.uploads import Uploads

MINUTES = 24
KEY = "0123456789abcdef"


def test_each_has_every_minute_in_order_whatever_breaks_off(tmp_path: Path):
    chance = Random(212)
    old = asked(1, "old", version="2017", crc="modbus")
    new = asked(1, "new", key_file=KEY, newest_first=False)
    hub = Forwarded(tmp_path, old, new)
    for minute in range(MINUTES):
        hub.minute(minute, 1 + 6 * minute, 600 + minute)
    hub.gather()
    expected = [f"{60 + minute / 10:.1f}" for minute in range(MINUTES)]

    async def story() -> None:
        clock = Clock(hub.now)
        platforms = [Simulator("modbus"), Simulator(key=KEY.encode())]
        workers = []
        for one, platform in zip((old, new), platforms, strict=True):
            await platform.start()
            there = replace(one, keys={**one.keys, "port": platform.port})
            around = Around(hub.folder, units=units, clock=lambda: clock.now)
            workers.append(worker(hub, Uploads(there, around), clock, there))
        gone: list[asyncio.Task[None]] = []
        for platform in platforms:

            def hold(one: Frame, times: int, platform: Simulator = platform) -> bool:
                """Every fourth time it hangs up, and nobody knows whether it has it."""
                if away := chance.random() < 0.25:
                    gone.append(asyncio.create_task(platform.hang_up()))
                return away

            platform.hold = hold
        for one in workers:
            while hub.waiting(one.asked):
                await one.turn()
            await one.format.close()
        await asyncio.gather(*gone)
        for platform in platforms:
            await platform.close()
            found = [frame.values()["Leq-Data"] for frame in platform.heard.frames]
            assert list(dict.fromkeys(found)) == expected
            assert len(found) > MINUTES
            assert platform.heard.refused == []
        said: dict[str, list[bool]] = {}
        for frame in platforms[1].heard.frames:
            said.setdefault(frame.values()["Leq-Data"], []).append(frame.backfilled)
        # three minutes after its end, or what was sent before
        assert all(said[level][0] for level in expected[:20])
        assert not any(said[level][0] for level in expected[-2:])
        assert all(all(again) for _, *again in said.values())
        assert not any(frame.backfilled for frame in platforms[0].heard.frames)
        standings = [hub.queue.standing(one) for one in (old, new)]
        assert [one and (one.waiting, one.sent, one.lost) for one in standings] == [
            (0, MINUTES, 0)
        ] * 2

    asyncio.run(story())
