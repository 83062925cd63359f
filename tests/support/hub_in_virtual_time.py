"""The hub as it is, in virtual time: what it takes for the time stands in a file, Unix s.

`PreloadedHub(words, FILE)`; who writes the file says what time it is. Beside it stands when the
hub wants to be woken (SIGUSR1), to tell units the time at the turn of a second.
"""

import argparse
import asyncio
import functools
import math
import mmap
import signal
import struct
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

_TIMES = struct.Struct("<dd")

NEVER = float("inf")


class SharedTime:
    """A time, and an alarm, that several processes see; `path` is made where it is missing."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_TIMES.pack(0.0, NEVER))
        with path.open("r+b") as file:
            self._bytes = mmap.mmap(file.fileno(), _TIMES.size)

    def set(self, unix: float) -> None:
        struct.pack_into("<d", self._bytes, 0, unix)

    def get(self) -> float:
        return struct.unpack_from("<d", self._bytes)[0]

    def set_alarm(self, unix: float) -> None:
        struct.pack_into("<d", self._bytes, 8, unix)

    def alarm(self) -> float:
        return struct.unpack_from("<d", self._bytes, 8)[0]


def run(now: SharedTime) -> None:
    """The hub of sys.argv, in a process where `replaceable_time` was loaded before the hub was."""
    import replaceable_time

    replaceable_time.now = now.get

    from noisetamer.hub import serve
    from noisetamer.hub.bus.commands import Commands
    from noisetamer.hub.command import add_options, options
    from noisetamer.hub.store.writer import Stored
    from noisetamer.hub.time_teller import HOUR, TimeTeller

    class Teller(TimeTeller):
        """Each unit lives at a time of its own, so none is told what is due to another."""

        def __init__(self, commands: Commands, online: Iterable[str]) -> None:
            super().__init__(commands, online, clock=now.get, monotonic=now.get)
            self._all_at = NEVER
            self._turn = asyncio.Event()
            now.set_alarm(NEVER)
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._turn.set)

        def on_stored(self, stored: Stored) -> None:
            super().on_stored(stored)
            for report in [*stored.fresh, *stored.statuses]:
                told = self._told.get(report.unit, -NEVER)
                if report.unit in self._online and now.get() - told >= HOUR:
                    self._due.add(report.unit)
            if self._due and now.alarm() == NEVER:
                now.set_alarm(math.floor(now.get()) + 1)

        async def run(self) -> None:
            while True:
                await self._turn.wait()
                self._turn.clear()
                await self.tell()

    serve.TimeTeller = Teller
    # The clock goes on in leaps, and none of them is one.
    serve.Incidents = functools.partial(serve.Incidents, steady=now.get)
    parser = argparse.ArgumentParser()
    add_options(parser)
    # What comes together stays together: nothing comes while it waits.
    serve.run(replace(options(parser.parse_args()), gather=0.0))
