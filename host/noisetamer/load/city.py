"""A city on this machine (`noisetamer city up`), and what can be done to it."""

import asyncio
import json
import os
import signal
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.hub.bus.client import Bus
from noisetamer.hub.city import layout, services
from noisetamer.load.site import Site, children

KILLED = "nats-server"
_LOOK_SECONDS = 0.25
_PROMOTED_SECONDS = 120.0


class City(Site):
    """data: the folder that its processes have in common. Units go to its brokers in turn."""

    def __init__(self, data: Path) -> None:
        """Raises UserError where it is none."""
        super().__init__(data)
        self.layout = layout.read(data)

    @staticmethod
    def is_one(data: Path) -> bool:
        return (data / layout.FILE).exists()

    def addresses(self) -> list[tuple[str, int]]:
        return [(one.host, one.boxes) for one in self.layout.brokers]

    def processes(self) -> dict[str, list[int]]:
        """Of workers and hubs, of brokers, of the database."""
        brokers = [self._of("broker", one.name) for one in self.layout.brokers]
        return {
            "hub": [*self._all("worker"), *self._all("hub")],
            "broker": [
                one for of in brokers for process in of for one in children(process, KILLED)
            ],
        }

    async def kill_leader(self) -> str:
        """The broker that leads the stream of reports. Raises UserError, nats.errors.Error."""
        bus = Bus(shared=self.layout.shared)
        authority = self.data / "certificates" / "ca.pem"
        await bus.connect_to(self.layout.addresses, self.layout.secret, authority)
        try:
            info = await bus.stream()
        finally:
            await bus.close()
        leader = info.cluster.leader if info.cluster else None
        found = [one for of in self._of("broker", leader or "") for one in children(of, KILLED)]
        if not found:
            raise UserError(f"The broker that leads, {leader}, does not run on this machine.")
        for process in found:
            os.kill(process, signal.SIGKILL)
        return f"{leader} led"

    async def kill_primary(self) -> str:
        """PostgreSQL's primary and its Patroni, and wait until the standby has its place. Raises
        UserError."""
        places = self._places()
        primary = await asyncio.to_thread(_first, places, "primary")
        if primary is None:
            raise UserError("No PostgreSQL server of this city is the primary now.")
        loop = asyncio.get_running_loop()
        began = loop.time()
        for process in _postmaster(self.data.parent / primary.name), *_patroni(primary.name):
            os.kill(process, signal.SIGKILL)
        others = [place for place in places if place != primary]
        while (new := await asyncio.to_thread(_first, others, "primary")) is None:
            if loop.time() - began > _PROMOTED_SECONDS:
                raise UserError(f"No standby was promoted within {_PROMOTED_SECONDS:.0f} s.")
            await asyncio.sleep(_LOOK_SECONDS)
        return f"{primary.name} killed, {new.name} promoted after {loop.time() - began:.1f} s"

    def _places(self) -> list[services.Place]:
        try:
            told = json.loads((self.data.parent / services.LOCAL).read_text())
            return [
                services.Place(f"postgres-{number}", *three)
                for number, three in enumerate(told["ports"]["postgres"], 1)
            ]
        except (OSError, ValueError, KeyError, TypeError):
            raise UserError(f"{self.data} is not of a city on this machine.") from None

    def _all(self, task: str) -> list[int]:
        return _running(["city", task], str(self.data))

    def _of(self, task: str, name: str) -> list[int]:
        return _running(["city", task, "--name", name], str(self.data))


def _running(words: list[str], folder: str) -> list[int]:
    """Processes whose command has these words next to each other, and the folder."""
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        places = range(len(command) - len(words) + 1)
        if folder in command and any(command[at : at + len(words)] == words for at in places):
            found.append(int(process.name))
    return found


def _first(places: list[services.Place], role: str) -> services.Place | None:
    return next((place for place in places if services.is_in_role(place, role)), None)


def _postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


def _patroni(name: str) -> list[int]:
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if any(word.endswith(f"/{name}/patroni.yml") for word in command):
            found.append(int(process.name))
    return found
