"""A hub's parts, and its destination at the broker of a neighbour's Home Assistant."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from console import Console
from mqtt_broker import MqttBroker
from scripted_unit import START

from noisetamer.hub.forward import home_assistant
from noisetamer.hub.forward.facts import Fact
from noisetamer.hub.forward.format import Around, Asked, Unit
from noisetamer.hub.forward.home_assistant import HomeAssistant
from noisetamer.hub.registry import Unit as Registered

EAST, SQUARE = "SIM-0001", "东门广场"


def minute(number: int, level: int = 612, late: bool = False) -> Fact:
    t = START + 60 * number
    where = (EAST, "box 1", SQUARE)
    return Fact("minute", f"{EAST}/minute/{t}", *where, t, t + 60, late, {"LAeq": level}, 60)


class Home:
    """A hub's parts, and a Home Assistant's broker."""

    def __init__(self, broker: MqttBroker, folder: Path, **own: Any) -> None:
        self.console = Console(folder)
        self.console.live.load([Registered(EAST, "box 1", SQUARE, "")], self.console.queries)
        self.units = {EAST: Unit(EAST, "box 1", SQUARE)}
        self.now = float(START)
        keys = broker.keys(home_assistant.KEYS, **own)
        around = Around(
            folder,
            units=lambda: self.units,
            clock=lambda: self.now,
            live=self.console.live,
            incidents=self.console.incidents,
            orders=self.console.orders,
            account=self.console.people.accounts.active,
        )
        asked = Asked("home", "home-assistant", home_assistant.WANTS, keys=keys)
        self.format: HomeAssistant = home_assistant.make(asked, around)

    def runs(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            task = asyncio.create_task(self.format.run())
            try:
                await meanwhile()
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                await self.format.close()

        asyncio.run(run())


def ordered(home: Home) -> list[tuple[str, dict[str, Any], str]]:
    found = asyncio.run(home.console.orders.of([EAST]))
    return [(one.verb, dict(one.fields), one.by) for one in reversed(found)]
