"""Facts as HJ 212 sends them, to one platform: minutes as 2051, hours as 2061, days as 2031,
single measurements as 2052.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from noisetamer.hub.forward import facts as kinds
from noisetamer.hub.forward.facts import Fact
from noisetamer.hub.forward.format import Around, Asked, Format, Sent, Unreachable
from noisetamer.hub.forward.hj212 import codes, settings
from noisetamer.hub.forward.hj212.device import Device
from noisetamer.hub.forward.hj212.readings import Reading, Readings
from noisetamer.hub.forward.hj212.session import Session
from noisetamer.hub.forward.hj212.settings import Kept

LATE = {kinds.MINUTE: 180.0, kinds.HOUR: 600.0, kinds.DAY: 1800.0}
"""s after its end in which data is in its time; what is sent later is back-filled."""

_STARTED = time.time()


@dataclass(frozen=True)
class Message:
    """One upload. place: of the fact that asks for it, among those given; key: its name for ever;
    seconds: length of the period that begins at Unix time `begin`."""

    place: int
    key: str
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

    def _device(self, unit: str, mn: str, kept: Kept) -> Device:
        around = self._around

        def online() -> bool:
            state = around.live.states.get(unit) if around.live else None
            return state is None or state.online is not False

        return Device(
            *(unit, mn, self.platform, kept, self._readings, around.clock, around.utc_offset),
            online,
        )

    async def send(self, facts: Sequence[Fact]) -> Sent:
        """Each device's one after the other, devices beside each other."""
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
            first = min(message.place for message in messages if message.key not in self._there)
            why = failed[0]
            if isinstance(why, Unreachable):
                raise Unreachable(str(why), taken=first)
            raise why
        self._there.clear()
        self._tried.clear()
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
                yield Message(place, key, fact.unit, command, begin, seconds, late)

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
            if message.key in self._there:
                continue
            area = await self._area(facts[message.place], message)
            if area:
                self._tried.add(message.key)
                session = self.sessions[message.unit]
                await session.upload(message.command, area, message.backfilled)
            self._there.add(message.key)

    async def _area(self, fact: Fact, message: Message) -> str:
        device = self.sessions[message.unit].device
        if message.seconds == fact.seconds and message.command != codes.DAY:
            told = (dict(fact.levels), fact.valid, dict(fact.reasons))
            return device.period(Reading(fact.since, fact.seconds, *told))
        return await asyncio.to_thread(
            device.past, message.command, message.begin, message.seconds
        )

    async def check(self) -> str:
        """Connect each device; with a heartbeat, where the version has one."""
        for session in self.sessions.values():
            await session.try_out()
        count = len(self.sessions)
        how = "answered a heartbeat of" if self.platform.heartbeat else "took a connection of"
        return f"{self.platform.host}:{self.platform.port} {how} {count} devices"

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for session in self.sessions.values():
                group.create_task(session.keep())

    async def close(self) -> None:
        await asyncio.gather(*(session.close() for session in self.sessions.values()))
