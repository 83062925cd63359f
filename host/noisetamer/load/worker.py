"""One process of a load: its share of the boxes, on one loop. It obeys its parent, and counts."""

import asyncio
import gc
import random
import resource
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from noisetamer.base.child_processes import follow_parent
from noisetamer.load import connection
from noisetamer.load.levels import BATCH, walk
from noisetamer.load.session import Counts, Login, Session
from tamer.tell.backoff import STARTS_WITHIN

LOOK = 0.5  # s


@dataclass(frozen=True)
class Share:
    """What one process plays. every: s between two batches of a box; backlog: batches that it
    brings along; within: s in which all come."""

    logins: Sequence[Login]
    authority: Path
    seed: int
    every: float = float(BATCH)
    backlog: int = 0
    within: float = STARTS_WITHIN / 1000


@dataclass
class Look:
    """What a process tells each LOOK s. up: boxes that are connected; held: records that are not
    acknowledged; cpu: s of this process; rss: bytes."""

    counts: Counts = field(default_factory=Counts)
    up: int = 0
    held: int = 0
    cpu: float = 0.0
    rss: int = 0


def work(share: Share, pipe: Connection) -> None:
    """The life of the process: until the pipe says "end" or the parent is gone."""
    follow_parent()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(_Worker(share, pipe).run())


class _Worker:
    def __init__(self, share: Share, pipe: Connection) -> None:
        self._share, self._pipe = share, pipe
        self._counts = Counts()
        self._sessions: list[Session] = []
        self._makes = True
        self._ended = asyncio.Event()

    async def run(self) -> None:
        share, loop = self._share, asyncio.get_running_loop()
        walk(share.seed)
        context = connection.trust(share.authority)
        for login in share.logins:
            chance = random.Random(f"{share.seed} {login.told.unit}")
            session = Session(login, context, lambda: self._counts, chance)
            now = time.monotonic()
            for _ in range(share.backlog):
                session.box.make(now)
            self._sessions.append(session)
            loop.call_later(share.every * chance.random(), self._make, session)
            session.start(share.within)
        # what lives as long as the process need not be looked through again and again
        gc.collect()
        gc.freeze()
        loop.add_reader(self._pipe.fileno(), self._obey)
        due = time.monotonic()
        while not self._ended.is_set():
            self._counts.late = max(self._counts.late, time.monotonic() - due)
            self._pipe.send(self._look())
            due = time.monotonic() + LOOK
            try:
                await asyncio.wait_for(self._ended.wait(), LOOK)
            except TimeoutError:
                continue
        for session in self._sessions:
            session.stop()
        self._pipe.send(self._look())

    def _make(self, session: Session) -> None:
        if not self._makes:
            return
        session.box.make(time.monotonic())
        session.wake()
        asyncio.get_running_loop().call_later(self._share.every, self._make, session)

    def _look(self) -> Look:
        used = resource.getrusage(resource.RUSAGE_SELF)
        counts, self._counts = self._counts, Counts()
        return Look(
            counts,
            sum(session.up for session in self._sessions),
            sum(session.box.made - session.box.acked for session in self._sessions),
            used.ru_utime + used.ru_stime,
            _resident(),
        )

    def _obey(self) -> None:
        while self._pipe.poll():
            try:
                order, *told = self._pipe.recv()
            except EOFError:
                self._ended.set()
                return
            getattr(self, f"_{order}")(*told)

    def _marks(self) -> None:
        """Tell up to which record each box is acknowledged."""
        self._pipe.send(array("I", [session.box.acked for session in self._sessions]))

    def _cut(self) -> None:
        for session in self._sessions:
            session.cut()

    def _cut_off(self, share: float, is_off: bool) -> None:
        """Of so large a share of the boxes."""
        for session in self._sessions[: round(share * len(self._sessions))]:
            session.cut_off(is_off)

    def _rest(self) -> None:
        """Make no more records."""
        self._makes = False

    def _end(self) -> None:
        self._ended.set()


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def order(pipe: Connection, *words: Any) -> None:
    """Tell a process; the words are the name of a method above and what it takes."""
    pipe.send(words)
