"""Facts as HJ 212 sends them, to one platform: minutes as 2051, hours as 2061, days as 2031,
single measurements as 2052.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from noisetamer.base.counted import counted
from noisetamer.hub.forward import facts as kinds
from noisetamer.hub.forward.facts import Fact
from noisetamer.hub.forward.format import Around, Asked, Format, Sent, Unreachable
from noisetamer.hub.forward.hj212 import codes, marks, settings
from noisetamer.hub.forward.hj212.device import Device
from noisetamer.hub.forward.hj212.readings import Reading, Readings
from noisetamer.hub.forward.hj212.session import Session
from noisetamer.hub.forward.hj212.settings import Kept

LATE = {kinds.MINUTE: 180.0, kinds.HOUR: 600.0, kinds.DAY: 1800.0}
"""s after its end in which data is in its time; what is sent later is back-filled."""

LOOK_SECONDS = 10.0
SETTLED = 30.0
"""s after the end of a minute in which its records come."""
MOST_AHEAD = 100_000

_STARTED = time.time()
_APART = 0.02
_OVERHEAD = 10.0
"""s, for the connection."""


@dataclass(frozen=True)
class Message:
    """One upload. place: of the fact that asks for it, among those given; key: of its period, for
    ever; version: differs between what was told first of it and a correction; seconds: length of
    the period that begins at Unix time `begin`."""

    place: int
    key: str
    version: str
    unit: str
    command: str
    begin: int
    seconds: int
    backfilled: bool


class Uploads(Format):
    """To one platform: a session for each device."""

    def __init__(self, asked: Asked, around: Around) -> None:
        self.platform = settings.platform(asked)
        self._around = around
        self._readings = Readings(around.data)
        kept = Kept(settings.kept_file(around.data, asked.name), self.platform)
        self.sessions = {
            unit: Session(self._device(unit, mn, kept), _STARTED)
            for unit, mn in self.platform.mn.items()
        }
        self._there: set[str] = set()
        self._tried: set[str] = set()
        self._behind = False
        self._ahead: dict[str, None] = {}

    def _device(self, unit: str, mn: str, kept: Kept) -> Device:
        around = self._around

        def online() -> bool:
            state = around.live.states.get(unit) if around.live else None
            return state is None or state.online is not False

        def audit(changed: Mapping[str, Any]) -> None:
            if around.audit:
                name = f"hj212 {self.platform.name}"
                around.audit(around.clock(), name, "platform_changed", unit, detail=changed)

        return Device(
            *(unit, mn, self.platform, kept, self._readings, around.clock, around.utc_offset),
            *(online, audit),
        )

    @property
    def patience(self) -> float:
        """Sent once and again `recount` times, each with `overtime` for its answer (table 1); the
        platform may have changed both."""
        settings = [session.device.now for session in self.sessions.values()]
        longest = max((one.overtime * (one.recount + 1) for one in settings), default=0.0)
        return longest + _OVERHEAD

    @property
    def complaint(self) -> str:
        """Of the first device that has no connection, and how many have none."""
        away = [session.away for session in self.sessions.values() if session.away]
        others = f" (and {len(away) - 1} more)" if len(away) > 1 else ""
        return away[0] + others if away else ""

    async def send(self, facts: Sequence[Fact]) -> Sent:
        """Each device's one after the other, devices beside each other."""
        late = self._around.clock() - max(fact.until for fact in facts)
        self._behind = late > LATE[kinds.MINUTE]
        messages = list(self.messages(facts))
        by_unit: dict[str, list[Message]] = {}
        for message in messages:
            by_unit.setdefault(message.unit, []).append(message)
        results = await asyncio.gather(
            *(self._send_all(facts, of_unit) for of_unit in by_unit.values()),
            return_exceptions=True,
        )
        failed = [result for result in results if isinstance(result, BaseException)]
        if failed:
            first = min(
                message.place for message in messages if message.version not in self._there
            )
            why = failed[0]
            if isinstance(why, Unreachable):
                raise Unreachable(str(why), taken=first)
            raise why
        self._there.clear()
        self._tried.clear()
        self._behind = False
        return Sent(len({message.place for message in messages}))

    def messages(self, facts: Sequence[Fact]) -> Iterator[Message]:
        """What these facts have to be sent, in their order."""
        for place, fact in enumerate(facts):
            if fact.unit not in self.sessions:
                continue
            for command, seconds in self._due(fact):
                begin = fact.until - seconds if command != codes.DAY else fact.since
                key = f"{fact.unit}/{command}/{begin}"
                late = fact.late or key in self._tried
                late |= self._around.clock() - fact.until > LATE[fact.kind]
                version = f"{key}/{fact.late}/{fact.valid}/{sorted(fact.levels.items())}"
                yield Message(place, key, version, fact.unit, command, begin, seconds, late)

    def _due(self, fact: Fact) -> Iterator[tuple[str, int]]:
        """(command, seconds) of each period that is over with a fact."""
        if fact.kind == kinds.DAY:
            yield codes.DAY, fact.seconds
        elif fact.kind == kinds.HOUR and self.platform.hours:
            yield codes.HOUR, fact.seconds
        elif fact.kind == kinds.MINUTE:
            east = round(self._around.utc_offset * 3600)
            minutes = self.sessions[fact.unit].device.now.minutes
            for command, each in ((codes.MINUTE, minutes), (codes.SINGLE, self.platform.single)):
                if each and (fact.until + east) % (60 * each) == 0:
                    yield command, 60 * each

    async def _send_all(self, facts: Sequence[Fact], messages: Sequence[Message]) -> None:
        """Raises Unreachable."""
        for message in messages:
            if message.version in self._there:
                continue
            if message.key in self._ahead and not facts[message.place].late:
                self._there.add(message.version)
                continue
            area = await self._area(facts[message.place], message)
            if area:
                self._tried.add(message.key)
                session = self.sessions[message.unit]
                await session.upload(message.command, area, message.backfilled)
            self._there.add(message.version)

    async def _area(self, fact: Fact, message: Message) -> str:
        device = self.sessions[message.unit].device
        if message.seconds == fact.seconds and message.command != codes.DAY:
            told = (dict(fact.levels), fact.valid, dict(fact.reasons))
            return device.period(Reading(fact.since, fact.seconds, *told))
        return await asyncio.to_thread(
            device.past, message.command, message.begin, message.seconds
        )

    async def say_newest(self) -> None:
        """While what is sent is old: the last minute of each device that is connected, once, where
        all of it was received (HJ 212-2025 8.1.2: new data goes first)."""
        if not self._behind:
            return
        for session in self.sessions.values():
            device = session.device
            length = 60 * device.now.minutes
            east = round(self._around.utc_offset * 3600)
            begin = int(device.clock() - SETTLED + east) // length * length - length - east
            key = f"{device.unit}/{codes.MINUTE}/{begin}"
            if key in self._ahead or not session.is_connected:
                continue
            reading = await asyncio.to_thread(self._readings.period, device.unit, begin, length)
            if reading is None or marks.NOT_RECEIVED in reading.reasons:
                continue
            if area := device.period(reading):
                await session.upload(codes.MINUTE, area)
            self._ahead[key] = None
            if len(self._ahead) > MOST_AHEAD:
                self._ahead.pop(next(iter(self._ahead)))

    async def _keep_newest(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with suppress(Unreachable):
                await self.say_newest()

    async def check(self) -> str:
        """Connect each device; with a heartbeat, where the version has one."""
        for session in self.sessions.values():
            await session.try_out()
        if self.platform.heartbeat:
            whole = ("answered a heartbeat of 1 device", "answered a heartbeat of {} devices")
        else:
            whole = ("took a connection of 1 device", "took a connection of {} devices")
        how = counted(len(self.sessions), *whole)
        return f"{self.platform.host}:{self.platform.port} {how}"

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            if self.platform.newest_first:
                group.create_task(self._keep_newest())
            for session in self.sessions.values():
                group.create_task(session.keep())
                # a platform is not knocked at by a thousand devices in one moment
                await asyncio.sleep(_APART)

    async def close(self) -> None:
        await asyncio.gather(*(session.close() for session in self.sessions.values()))
