"""One unit as a platform knows it: what is said in its name, and how that is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from noisetamer.hub.forward.hj212 import areas, codes, frame, marks
from noisetamer.hub.forward.hj212.frame import ANSWER, VERSIONS, Frame
from noisetamer.hub.forward.hj212.readings import Reading, Readings
from noisetamer.hub.forward.hj212.settings import Changeable, Kept, Platform


@dataclass(frozen=True)
class Device:
    """mn: the unit to the platform; clock: Unix s; utc_offset: of the site's clock, h; online:
    whether the unit is connected to the hub; audit: told what the platform changes, before it is,
    and may block."""

    unit: str
    mn: str
    platform: Platform
    kept: Kept
    readings: Readings
    clock: Callable[[], float]
    utc_offset: float
    online: Callable[[], bool] = lambda: True
    audit: Callable[[Mapping[str, Any]], object] = lambda changed: None
    _names: list[int] = field(default_factory=lambda: [0])

    @property
    def now(self) -> Changeable:
        """What the platform may have changed, as it counts now."""
        return self.kept.of(self.unit)

    def stamp(self, t: float) -> str:
        return areas.stamp(t, self.utc_offset)

    def new_name(self) -> str:
        """A QN: the time to the millisecond; the next one where that was used."""
        self._names[0] = max(self._names[0] + 1, round(self.clock() * 1000))
        seconds, thousandth = divmod(self._names[0], 1000)
        return f"{self.stamp(seconds)}{thousandth:03d}"

    def frame(self, command: str, area: str, answer: bool) -> Frame:
        """One of its own. answer: whether one is wanted."""
        flag = VERSIONS[self.platform.version] << 2 | (ANSWER if answer else 0)
        system = codes.EXCHANGE if command == codes.HEARTBEAT else self.platform.system
        return Frame(*(self.new_name(), system, command, self.now.password, self.mn), flag, area)

    def written(self, one: Frame) -> bytes:
        """Encrypted where there is a key and the standard has it so."""
        key = self.now.key if codes.is_encrypted(one.CN) else None
        return frame.write(one, self.platform.crc, key, self.platform.plain_length)

    # -- what stands in it; of the store, so these block

    def newest(self, now: float) -> str:
        """Area of 2011; "" where no second is new."""
        reading = self.readings.newest_second(self.unit, now)
        if reading is None:
            return ""
        mark = marks.of(reading.coverage, reading.reasons, 1.0)
        level = reading.levels.get("LAeq")
        return areas.real_time(self.stamp(reading.t), level, mark, self.platform.marks)

    def past(self, command: str, begin: int, seconds: int) -> str:
        """Area of 2051, 2061, 2052 or 2031; "" where nothing is to be sent."""
        if command != codes.DAY:
            reading = self.readings.period(self.unit, begin, seconds)
            return "" if reading is None else self.period(reading)
        day = self.readings.day(self.unit, begin, self.utc_offset)
        if day is None:
            return ""
        parts = (day.whole.levels, day.by_day, day.by_night)
        return areas.day(self.stamp(begin), *parts, self.mark(day.whole), self.platform.marks)

    def period(self, reading: Reading) -> str:
        """Area of 2051, 2061 or 2052; "" where nothing is to be sent. Does not block."""
        time, marks = self.stamp(reading.t), self.platform.marks
        return areas.period(time, reading.levels, self.mark(reading), marks)

    def mark(self, reading: Reading) -> str:
        return marks.of(reading.coverage, reading.reasons, self.platform.least_coverage)
