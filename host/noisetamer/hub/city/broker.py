"""One broker of the city's cluster as a process: lets in the units that the registry names."""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path

from noisetamer.hub import logs
from noisetamer.hub.bus.authority import issued
from noisetamer.hub.bus.broker import Broker, Listeners
from noisetamer.hub.city import layout
from noisetamer.hub.process import allow_many_files, alone_in, stop_on_signal
from noisetamer.hub.registry import Units
from noisetamer.hub.upkeep import Upkeep

_log = logging.getLogger("noisetamer.hub")


@dataclass(frozen=True)
class Options:
    """name: in city.toml; bind: address of its listeners; with_parent: ends when standard input
    closes."""

    data: Path
    name: str
    bind: str = "0.0.0.0"
    log: str = logs.TEXT
    with_parent: bool = False


def run(options: Options) -> None:
    """Until SIGINT or SIGTERM. Raises UserError for what the user can mend."""
    allow_many_files()
    logs.set_up(options.log)
    with alone_in(options.data / "brokers" / options.name):
        asyncio.run(_broker(options))


async def _broker(options: Options) -> None:
    city = layout.read(options.data)
    own = city.broker(options.name)
    units = Units(options.data / "units.sqlite")
    folder = options.data / "brokers" / options.name
    broker = Broker(
        folder,
        Listeners(options.bind, own.boxes, own.hubs),
        issued(options.data / "certificates" / options.name),
        units.all(),
        city.cluster(options.name, options.bind),
    )
    upkeep = Upkeep()

    async def notice_units() -> None:
        broker.admit(await asyncio.to_thread(units.all))

    certificate = Watched(options.data / "certificates" / options.name)

    async def notice_certificate() -> None:
        if await asyncio.to_thread(certificate.is_another):
            _log.warning("The certificate is another one: it is taken up.")
            broker.reload()

    stopping = asyncio.Event()
    stop_on_signal(stopping, options.with_parent)
    try:
        await broker.start()
        tasks = [
            asyncio.create_task(upkeep.endless("broker", broker.supervise)),
            asyncio.create_task(upkeep.again_and_again("registry", notice_units)),
            asyncio.create_task(upkeep.again_and_again("certificate", notice_certificate)),
        ]
        print(f"ready: {options.name} at {own.host}:{own.boxes}", flush=True)
        await stopping.wait()
        for task in tasks:
            task.cancel()
    finally:
        await broker.stop()


class Watched:
    """A broker's certificate and its key in a folder, where others may be copied to."""

    def __init__(self, folder: Path) -> None:
        self._files = (folder / "server.pem", folder / "server.key")
        self._known = self._read()

    def is_another(self) -> bool:
        """Than at the last look. Raises OSError."""
        before, self._known = self._known, self._read()
        return self._known != before

    def _read(self) -> list[bytes]:
        return [file.read_bytes() for file in self._files]
