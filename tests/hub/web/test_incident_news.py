"""What open pages of incidents are told."""

import asyncio
from pathlib import Path

from console import Console
from waiting import DEADLINE

from noisetamer.hub.live import UnitState
from noisetamer.hub.registry import Unit


def test_a_page_hears_that_the_hub_is_there_while_other_boxes_are_busy(tmp_path: Path):
    async def look() -> None:
        console = Console(tmp_path)
        live, news = console.live, console.app.state.context.incident_news
        for id in ("SIM-1", "SIM-2"):
            live.states[id] = UnitState(Unit(id, "", "", ""))
        with (
            news.listening(None, frozenset()) as all_of_them,
            news.listening(7, frozenset({"SIM-1"})) as one,
        ):
            assert all_of_them and one

            async def elsewhere() -> None:
                while True:
                    live._tell("curve", "SIM-2", at_once=True)
                    await asyncio.sleep(0.2)

            busy = asyncio.create_task(elsewhere())
            told, told_of_one = all_of_them.news(), one.news()
            for page in (told, told_of_one):
                assert await asyncio.wait_for(anext(page), DEADLINE) == "alive"
            live._tell("curve", "SIM-1", at_once=True)
            while await asyncio.wait_for(anext(told_of_one), DEADLINE) != "curve":
                pass
            busy.cancel()

    asyncio.run(look())
