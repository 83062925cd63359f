"""Open pages, and what they cost the hub, beside an earlier build in the same run:

    python tests/bench/watchers.py [--units 200] [--watchers 200] [--beside 22b856a]

Every unit reports a live second each second; every watcher reads the event stream of the page of
all squares. Of each build: CPU seconds of the hub's process per second (with one watcher, with
all), bytes a watcher is sent per second, and how long a box waits for its acknowledgement
meanwhile. The machine is shared with the boxes and the watchers: compare the two builds, and take
CPU for what it is, time only as a ratio.
"""

import argparse
import asyncio
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# pytest knows where it is; a program has to be told.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

from earlier_tree import earlier_tree
from folders import ROOT
from logged_in import log_in
from scripted_unit import START, Box

from noisetamer.hub.address import connection_for

EARLIER = "22b856a"
SECONDS = 15
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Turn:
    """How many watch, and what."""

    watchers: int
    path: str


@dataclass
class Found:
    """cpu: s per s; sent: bytes per watcher and s; events: likewise; acks: s each."""

    cpu: float
    sent: float
    events: float
    acks: list[float]

    def __str__(self) -> str:
        acks = sorted(1000 * ack for ack in self.acks)
        return (
            f"{100 * self.cpu:5.1f} % of a core, {self.sent / 1000:6.1f} kB/s and "
            f"{self.events:5.1f} events/s a watcher, acknowledged after "
            f"{statistics.median(acks):.0f} ms (median), {acks[int(0.95 * len(acks))]:.0f} (p95), "
            f"{acks[-1]:.0f} (longest of {len(acks)})"
        )


class Hub:
    """`python -m noisetamer.hub` of one tree."""

    def __init__(self, tree: Path, data: Path, units: Sequence[str]) -> None:
        self.data = data
        self.sequence = itertools.count(1)
        path = os.pathsep.join(str(tree / part) for part in ("host", "firmware"))
        enrol = [word for n, id in enumerate(units) for word in ("--enrol", f"{id}=广场{n // 2}")]
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "noisetamer.hub", "--data", str(data), "--port", "0"),
                *("--mqtt-port", "0", "--with-parent", "--no-tell-time", *enrol),
            ],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # an earlier build has much to say
            text=True,
        )
        assert self.process.stdout
        ready = next(line for line in self.process.stdout if line.startswith("ready: "))
        self.port = int(ready.strip().strip("/").rsplit(":", 1)[1])
        self.cookie = "lang=zh"
        if (data / "people.sqlite").exists():
            self.cookie += f"; session={log_in(data)}"

    def cpu(self) -> float:
        """CPU seconds so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(stat[11]) + int(stat[12])) / TICKS

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)


class Watcher:
    """Reads one event stream, as fast as it comes."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.bytes = self.events = 0

    async def watch(self, hub: Hub) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
        head = f"Host: hub\r\nCookie: {hub.cookie}\r\n\r\n"
        writer.write(f"GET {self._path} HTTP/1.1\r\n{head}".encode())
        with suppress(ConnectionError):
            while part := await reader.read(1 << 16):
                self.bytes += len(part)
                self.events += part.count(b"\nevent: ") + part.startswith(b"event: ")
        writer.close()


def _speak(boxes: Sequence[Box], t: int) -> None:
    for n, box in enumerate(boxes):
        box.now(t, 500 + (7 * n + 13 * t) % 90, "green")


def _acknowledged(box: Box, seq: int) -> float:
    """How long it took, s."""
    began = time.perf_counter()
    box.seconds(seq, START + 10 * seq, [500] * 10)
    box.wait_ack(seq)
    return time.perf_counter() - began


async def _measure(hub: Hub, boxes: Sequence[Box], one: Box, turn: Turn, t: int) -> Found:
    watching = [Watcher(turn.path) for _ in range(turn.watchers)]
    tasks = [asyncio.create_task(watcher.watch(hub)) for watcher in watching]
    acks: list[float] = []

    async def speak() -> None:
        for second in range(t, t + 1000):
            begun = time.monotonic()
            await asyncio.to_thread(_speak, boxes, second)
            await asyncio.sleep(max(0.0, begun + 1 - time.monotonic()))

    async def acknowledge() -> None:
        while True:
            acks.append(await asyncio.to_thread(_acknowledged, one, next(hub.sequence)))
            await asyncio.sleep(0.1)

    tasks += [asyncio.create_task(speak()), asyncio.create_task(acknowledge())]
    await asyncio.sleep(5)
    acks.clear()
    for watcher in watching:
        watcher.bytes = watcher.events = 0
    begun, cpu = time.monotonic(), hub.cpu()
    await asyncio.sleep(SECONDS)
    took, cpu = time.monotonic() - begun, hub.cpu() - cpu
    found = Found(
        cpu / took,
        sum(watcher.bytes for watcher in watching) / turn.watchers / took,
        sum(watcher.events for watcher in watching) / turn.watchers / took,
        list(acks),
    )
    for task in tasks:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended
    return found


def measured(tree: Path, units: int, turns: Sequence[Turn]) -> Iterator[tuple[Turn, Found]]:
    """One turn after the other, of one hub."""
    ids = [f"SIM-{n:04}" for n in range(1, units + 1)]
    with tempfile.TemporaryDirectory() as folder:
        hub = Hub(tree, Path(folder), ids)
        try:
            boxes = [Box(connection_for(hub.data, id)) for id in ids[1:]]
            one = Box(connection_for(hub.data, ids[0]))
            for number, turn in enumerate(turns):
                t = START + 1100 * number
                yield turn, asyncio.run(_measure(hub, boxes, one, turn, t))
                time.sleep(2)
        finally:
            hub.stop()


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--units", type=int, default=200)
    words.add_argument("--watchers", type=int, default=200)
    words.add_argument("--beside", default=EARLIER, help="a commit; empty: none")
    asked = words.parse_args()
    cards = [Turn(1, "/events"), Turn(asked.watchers, "/events")]
    with earlier_tree(asked.beside) as trees:
        for name, tree in trees.items():
            squares = [Turn(asked.watchers, "/events?of=squares")] if tree == ROOT else []
            for turn, found in measured(tree, asked.units, [*cards, *squares]):
                watching = f"{name:>10}, {turn.watchers:3} at {turn.path}"
                print(f"{watching}, {asked.units} units: {found}", flush=True)


if __name__ == "__main__":
    main()
