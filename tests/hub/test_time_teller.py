"""Who is told the time, and when."""

import asyncio
import json

import pytest
from hub_process import HubProcess
from scripted_unit import START, Box

from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.store.writer import Stored
from noisetamer.hub.time_teller import AGAIN_SECONDS, HOUR, TimeTeller
from noisetamer.hub.wire import Event, Status


class Told:
    """A teller, its commands and its clocks set by hand."""

    def __init__(self, *online: str) -> None:
        self.monotonic = 100.0
        self._sent: list[tuple[str, int]] = []
        clock = lambda: START + self.monotonic - 100.0  # noqa: E731
        self.teller = TimeTeller(Commands(self._publish), online, clock, lambda: self.monotonic)

    async def _publish(self, subject: str, body: bytes) -> None:
        self._sent.append((subject.split(".")[1], json.loads(body)["t"]))

    def status(self, unit: str, online: bool) -> None:
        self.teller.on_stored(Stored(statuses=[Status(unit, online, {}, b"")]))

    def record(self, unit: str, t: int) -> None:
        self.teller.on_stored(Stored([Event(unit, 1, 1, (0, 1), t, "boot", {}, b"")]))

    def in_second(self, seconds: float = 1.0) -> list[tuple[str, int]]:
        """Whom it told what after so long."""
        self.monotonic += seconds
        before = len(self._sent)
        asyncio.run(self.teller.tell())
        return self._sent[before:]


def test_whoever_is_there_when_the_hub_starts_and_whoever_comes_is_told():
    told = Told("NT-1")
    assert told.in_second() == [("NT-1", START + 1)]
    assert told.in_second() == []
    told.status("NT-2", True)
    assert told.in_second() == [("NT-2", START + 3)]


def test_all_who_are_connected_are_told_hourly():
    told = Told("NT-1", "NT-2")
    told.in_second()
    told.status("NT-1", False)
    assert told.in_second(HOUR - 2) == []
    assert told.in_second(2) == [("NT-2", START + HOUR + 1)]


def test_a_unit_that_does_not_know_the_time_is_told_again_but_not_without_end():
    told = Told()
    told.record("NT-1", 312)
    assert told.in_second() == [("NT-1", START + 1)]
    told.record("NT-1", 322)
    assert told.in_second() == []
    told.monotonic += AGAIN_SECONDS
    told.record("NT-1", 382)
    assert [unit for unit, _ in told.in_second()] == ["NT-1"]
    told.monotonic += AGAIN_SECONDS
    told.record("NT-1", START)
    assert told.in_second() == []


@pytest.mark.service
def test_a_real_unit_hears_it_when_it_comes(tmp_path):
    hub = HubProcess(tmp_path, "--enrol", "SIM-0001", tell_time=True)
    try:
        box = Box(hub.unit())
        while True:
            topic, body = box.mqtt.receive()
            if topic == "cmd/SIM-0001/time":
                break
        assert list(json.loads(body)) == ["t"]
    finally:
        hub.stop()
