"""A site without the internet: its hub is the only one who knows what time it is."""

import asyncio
import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest
from hub_process import HubProcess, until
from live_box import STORY, LiveBox

from noisetamer.hub.bus.client import Bus
from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.time_teller import TimeTeller

pytestmark = pytest.mark.e2e

UNIT = "SIM-0001"
# Nobody but the hub answers, and the chip has forgotten the time.
ALONE = [(kind, "0s", "1h") for kind in ("clock-2000", "ntp-lost", "dns-silent")]


@contextmanager
def telling(hub: HubProcess, clock: Callable[[], float]) -> Iterator[None]:
    """The hub's own teller at its own broker, by the clock of the story."""
    text = (hub.data / "broker" / "nats.conf").read_text(encoding="utf-8")
    port = re.search(r'^listen: "127.0.0.1:(\d+)', text, re.MULTILINE)
    secret = re.search(r'user: hub, password: "?([^",]+)', text)
    assert port and secret
    over = threading.Event()

    async def tell() -> None:
        bus = Bus()
        await bus.connect(int(port[1]), secret[1])
        while not over.is_set():
            await TimeTeller(Commands(bus.publish), [UNIT], clock).tell()
            await asyncio.sleep(0.1)
        await bus.close()

    thread = threading.Thread(target=lambda: asyncio.run(tell()))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def rows(hub: HubProcess, query: str) -> list[tuple[int, ...]]:
    with closing(sqlite3.connect(hub.data / "hub.sqlite")) as store:
        return store.execute(query).fetchall()


def test_it_connects_and_judges_without_the_time_and_is_dated_by_the_hub(
    hub: HubProcess, box: Callable[..., LiveBox]
):
    unit = box(faults=ALONE)
    until(
        lambda: rows(hub, "SELECT 1 FROM event WHERE kind='stage'") and unit.now() > STORY.start,
        "a stage of a box without the time",
    )
    assert rows(hub, "SELECT count(*) FROM minute") == [(0,)]
    assert rows(hub, "SELECT count(*) FROM record WHERE t>1000000000") == [(0,)]
    with telling(hub, lambda: float(unit.now())):
        until(lambda: rows(hub, "SELECT 1 FROM event WHERE kind='clock'"), "the time")
        until(lambda: rows(hub, "SELECT count(*) FROM minute")[0][0] >= 2, "minutes")
    unit.stop()
    # The boot is dated, from its first second on, right but for the way of the hub's word.
    assert rows(hub, "SELECT count(*) FROM record WHERE t<1000000000") == [(0,)]
    ((first,),) = rows(hub, "SELECT t FROM event WHERE kind='boot'")
    assert abs(first - STORY.start) <= 20
    told = rows(hub, "SELECT fields FROM event WHERE kind='clock' ORDER BY seq LIMIT 1")
    assert json.loads(str(told[0][0]))["source"] == "hub"
