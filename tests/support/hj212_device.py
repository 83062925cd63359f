"""A unit that is a device of HJ 212 to a platform, and what it has heard."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from noisetamer.hub.forward.hj212.device import Device
from noisetamer.hub.forward.hj212.readings import Day, Reading, Readings
from noisetamer.hub.forward.hj212.settings import Changeable, Kept, Platform

UNIT, MN = "NT-0007", "010000A8900016F000169DC0"
NOW = 1_795_708_860.123
"""2026-11-27 00:01:00 in China."""
LEVELS = {
    "L5": 530,
    "L10": 530,
    "L50": 490,
    "L90": 450,
    "L95": 430,
    "LAeq": 500,
    "LAFmax": 540,
    "LAmin": 420,
}


class Heard(Readings):
    """Readings that are given."""

    def __init__(self) -> None:
        self.periods: dict[tuple[int, int], Reading] = {}
        self.second: Reading | None = None
        self.days: dict[int, Day] = {}

    def newest_second(self, unit: str, now: float) -> Reading | None:
        return self.second

    def period(self, unit: str, begin: int, seconds: int) -> Reading | None:
        return self.periods.get((begin, seconds))

    def day(self, unit: str, begin: int, utc_offset: float) -> Day | None:
        return self.days.get(begin)


def device(
    folder: Path,
    port: int = 0,
    clock: Callable[[], float] = lambda: NOW,
    overtime: float = 10.0,
    recount: int = 3,
    key: bytes | None = None,
    **of_platform: Any,
) -> Device:
    """Of HJ 212-2017 by default, with the standard's own password and MN."""
    first = Changeable("123456", key, overtime, recount, 1, of_platform.pop("real_time", 0))
    settled: dict[str, Any] = {"version": "2017", "heartbeat": 0, "started": False}
    asked = Platform("bureau", "127.0.0.1", port, {UNIT: MN}, first, **(settled | of_platform))
    kept = Kept(folder / "kept.json", asked)
    return Device(UNIT, MN, asked, kept, Heard(), clock, 8.0)
