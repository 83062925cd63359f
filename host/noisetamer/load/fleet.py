"""All boxes of a load, in as many processes as there are cores; what they count, put together."""

import asyncio
import os
import time
from array import array
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

from noisetamer.base.child_processes import spawning, starting
from noisetamer.base.errors import UserError
from noisetamer.load.session import Counts, Login
from noisetamer.load.worker import Look, Share, order, work

_ENDS_WITHIN = 30.0  # s


class Fleet:
    """counts: since the last `take`; the latest look of each process is in `looks`."""

    def __init__(self, logins: Sequence[Login], authority: Path, seed: int, **how: float) -> None:
        """how: as of Share."""
        self.logins = logins
        self._share = Share((), authority, seed, **how)  # pyright: ignore[reportArgumentType]
        self._processes: list[SpawnProcess] = []
        self._pipes: list[Connection] = []
        self._marks: list[array[int] | None] = []
        self.looks: list[Look] = []
        self._counts = Counts()

    def start(self, processes: int = 0) -> None:
        """processes: 0: one for each core."""
        count = min(processes or len(os.sched_getaffinity(0)), len(self.logins))
        context = spawning()
        with starting():
            for number in range(count):
                ours, theirs = context.Pipe()
                share = replace(self._share, logins=self.logins[number::count])
                process = context.Process(target=work, args=(share, theirs), daemon=True)
                process.start()
                theirs.close()
                self._processes.append(process)
                self._pipes.append(ours)
        self.looks = [Look() for _ in self._pipes]
        self._marks = [None] * count

    @property
    def up(self) -> int:
        """How many boxes are connected."""
        return sum(look.up for look in self.looks)

    @property
    def held(self) -> int:
        """How many records they hold that are not acknowledged."""
        return sum(look.held for look in self.looks)

    @property
    def cpu(self) -> float:
        """s, of all processes."""
        return sum(look.cpu for look in self.looks)

    @property
    def rss(self) -> int:
        """Bytes, of all processes."""
        return sum(look.rss for look in self.looks)

    def look(self) -> None:
        """Take in what the processes have told. Raises UserError where one has ended."""
        for number, (process, pipe) in enumerate(zip(self._processes, self._pipes, strict=True)):
            try:
                while pipe.poll():
                    told = pipe.recv()
                    if isinstance(told, Look):
                        self.looks[number] = told
                        self._counts.join(told.counts)
                    else:
                        self._marks[number] = told
            except (EOFError, OSError):
                code = process.exitcode
                raise UserError(
                    f"A process of the load has ended (exit status {code}): it may have had too "
                    "little memory; take fewer --units."
                ) from None

    def take(self) -> Counts:
        """What was counted since the last time."""
        taken, self._counts = self._counts, Counts()
        return taken

    def tell(self, *words: object) -> None:
        """As `worker.order`, to all of them."""
        for pipe in self._pipes:
            order(pipe, *words)

    async def marks(self) -> list[int]:
        """Up to which record each box of `logins` is acknowledged."""
        count = len(self._pipes)
        self._marks = [None] * count
        self.tell("marks")
        found: list[array[int]] = []
        while len(found) < count:
            await asyncio.sleep(0.02)
            self.look()
            found = [marks for marks in self._marks if marks is not None]
        merged = [0] * len(self.logins)
        for number, marks in enumerate(found):
            merged[number::count] = marks
        return merged

    def stop(self) -> None:
        """End every process; those that do not listen are killed."""
        for pipe in self._pipes:
            try:
                order(pipe, "end")
            except OSError:
                continue
        until = time.monotonic() + _ENDS_WITHIN
        for process, pipe in zip(self._processes, self._pipes, strict=True):
            while process.is_alive() and time.monotonic() < until:
                try:
                    # a full pipe keeps it from ending
                    while pipe.poll(0.05):
                        pipe.recv()
                except (EOFError, OSError):
                    process.join(1)
            if process.is_alive():
                process.kill()
            process.join()
            pipe.close()
        self._processes.clear()
        self._pipes.clear()
