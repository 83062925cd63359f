"""Days of boxes, their hub and all that can fail between them, in virtual time.

One box lives at a time, for a while, and what the hub takes for the time is that box's. Its time
stands still until hub, broker and proxy have done all that they will at this moment (`at_rest`),
so nobody waits for anything but work. What is under way when a hub is killed in the midst of that
is not the same again for the same seed; all else is.
"""

import dataclasses
import json
import os
import random
import re
import signal
import sqlite3
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from fault_schedule import HubFault, Schedule
from flaky_proxy import Manner
from folders import SUPPORT
from hub_and_proxies import HubAndProxies
from hub_process import runs, until

from noisetamer.simulate.console_lines import ConsoleLines
from noisetamer.simulate.unit_run import BOARD, Hub, UnitRun, settings
from noisetamer.simulate.unit_simulator import UnitSimulator
from noisetamer.square import scenario
from noisetamer.square.fault import FaultKind
from noisetamer.square.scenario import Scenario
from noisetamer.unit.files.partition_image import JOURNAL_BYTES
from noisetamer.virtual import pipe
from noisetamer.virtual.box_message import BoxMessage
from noisetamer.virtual.firmware_process import (
    HEAP,
    PSRAM_HEAP,
    RESETS,
    BoxDiedError,
    FirmwareProcess,
    Tier,
    crystal_gain_us,
)
from tamer import BUILT
from tamer.record.reading import FORMAT, Second
from tamer.tell.ring import SECTOR

START = BUILT + 86_400
# So long after the last fault everything has to be in the store, s.
TO_CATCH_UP = 2 * 3600

# Bytes for the records of each box: two that fill up while a hub is away for long, and as flashed.
# And their memory: of a chip that has just enough, and as much as their board has.
_BOXES = ((8 * SECTOR, HEAP), (16 * SECTOR, PSRAM_HEAP), (JOURNAL_BYTES, PSRAM_HEAP))

_LONGEST_TURN = 600  # s that one box lives before another's turn
_LOOK_AGAIN = 20  # s: whether all is told
_UNDER_WAY = 20  # s of a box's life in which something is killed
_EXCHANGES = 6  # that it may have had with its hub by then
_WORK = 0.004  # real s that the hub may be at work when it is killed
_LONGEST_WAIT = 3  # s until the hub tells a box what it is about to tell it


# As a box's console says one (tamer.tell.console): a fortnight of boxes says millions.
_SECOND = re.compile(",".join(f'"{name}":(-?\\d+)' for name in Second._fields).encode())

_LIVED = struct.Struct("<qq" + FORMAT[1:])


class Lived(NamedTuple):
    """A Second as the box had it. at: when it began, Unix time, s, by nobody's clock."""

    at: int
    second: Second


@dataclass
class Boot:
    """One boot of a box, in Unix s.

    number: None where it ended before it was counted. held_s: how long it hung at first. fast:
    from when to when its crystal was, us by that crystal.
    """

    power_on: int
    counted_before: int
    held_s: float = 0.0
    fast: Sequence[tuple[int, int]] = ()
    number: int | None = None
    end: float = float("inf")
    # Packed: a fortnight has a million.
    lived: bytearray = field(default_factory=bytearray)

    def note(self, at: int, second: Second) -> None:
        self.lived += _LIVED.pack(at, *second)

    @property
    def seconds(self) -> list[Lived]:
        """Oldest first."""
        return [Lived(at, Second(*rest)) for at, *rest in _LIVED.iter_unpack(self.lived)]

    def when(self, us: int) -> float:
        """Unix time, when so many have passed by its crystal."""
        return self.power_on + (us - crystal_gain_us(self.fast, us)) / 1e6

    def began(self, us: int) -> int:
        """Unix time of the second that it tells then: it is told when it has ended."""
        gained = round(crystal_gain_us(self.fast, us) / 1e6)
        return self.power_on + us // 1_000_000 - 1 - gained


class NotedBox(FirmwareProcess):
    """A box all of whose boots are known, with what it heard."""

    def __init__(
        self, chip: Path, *arguments: Any, peers: Callable[[float], float], **more: Any
    ) -> None:
        """`peers(now)`, Unix s: lets them do all they will; when one does something by itself."""
        super().__init__(chip, *arguments, **more)
        self._peers = peers
        self._nvs = chip / "nvs"
        self._boots: list[Boot] = []

    def power_on(self, unix_time: int, **how: Any) -> None:
        self.boots()
        held_us = sum(lasts for begin, lasts in how["hangs_us"] if begin == 0)
        fast = how["faults_us"].get(FaultKind.FAST_CRYSTAL, ())
        self._boots.append(Boot(unix_time, self._counted(), held_us / 1e6, fast))
        super().power_on(unix_time, knows_peers=True, **how)

    def messages(self) -> Iterator[BoxMessage]:
        boot = self._boots[-1]
        for message in super().messages():
            if message.kind == pipe.PEERS:
                self.answer(struct.pack(pipe.PEERS_ANSWER, self._peers_at(boot, message.us)))
                continue
            if message.kind == pipe.CONSOLE and (told := _SECOND.search(message.body)):
                boot.note(boot.began(message.us), Second(*map(int, told.groups())))
            if message.kind in RESETS:
                boot.end = boot.when(message.us)
            yield message

    def _peers_at(self, boot: Boot, us: int) -> int:
        now = boot.when(us)
        due = self._peers(now)
        return us + max(1, round(1e6 * min(due - now, 1e9)))

    def boots(self) -> list[Boot]:
        """Oldest first."""
        if self._boots and self._boots[-1].number is None:
            counted = self._counted()
            if counted != self._boots[-1].counted_before:
                self._boots[-1].number = counted
        return self._boots

    def _counted(self) -> int:
        return json.loads(self._nvs.read_text())["tamer"]["boot"]


class _Unread(ConsoleLines):
    """Of a trace that nobody reads: one line, that says nothing, whenever the box has asked."""

    def world(self, event: dict[str, Any]) -> None:
        pass

    def said(self, line: str) -> None:
        pass

    def settled(self) -> Iterator[dict[str, Any]]:
        yield {}


class Life:
    """A box in its square, until its time is over."""

    def __init__(
        self,
        number: int,
        story: Scenario,
        hub: Hub,
        folder: Path,
        journal_bytes: int,
        heap: str,
        until: Callable[[], int],
        peers: Callable[[float], float],
    ) -> None:
        """`until`: the second of the story up to which it may go on. `peers`: of `NotedBox`."""
        self.unit = f"SIM-{number + 1:04d}"
        self.second = 0
        self._until = until
        run = UnitRun(story, 1, number, story.duration_s, Tier.LEVELS, 0, hub)
        self.box = NotedBox(
            folder / self.unit,
            *(BOARD, settings(run), hub.certificate, story.box.policy, journal_bytes),
            heap=heap,
            peers=peers,
        )
        unread = _Unread(self.unit, story.start, 0)
        simulator = UnitSimulator(story, 1, number, self.unit, None, unread)
        self._lines = simulator.play(
            self.box, story.duration_s, Tier.LEVELS, 0, self._passed, self._ahead
        )

    def live_on(self, is_waited_for: Callable[[], bool]) -> None:
        """Until then, or some seconds longer: so that whatever comes of it comes in its time."""
        try:
            while self.second < self._until() or (
                is_waited_for() and self.second < self._until() + _LONGEST_WAIT
            ):
                next(self._lines)
        except BoxDiedError as died:
            raise AssertionError(f"{self.unit}, second {self.second}: {died}") from died

    def end(self) -> None:
        self.box.power_off()

    def _passed(self, second: int) -> None:
        self.second = second

    def _ahead(self, second: int) -> int:
        return max(0, self._until() - second)


class Days:
    """Boxes, hub and proxies under a schedule. `broken`: the promises that did not hold."""

    def __init__(
        self,
        schedule: Schedule,
        folder: Path,
        seed: int,
        passed: Callable[[int], None] = lambda second: None,
    ) -> None:
        """`passed`: called with the second up to which all have lived, now and then."""
        self._passed = passed
        self.broken: list[str] = []
        self._schedule = schedule
        self._chance = random.Random(seed)
        self._until = 0
        # {(unit, boot): (what is acknowledged, how many records of it are stored)}
        self._marks: dict[tuple[str, int], tuple[int, int]] = {}
        numbers = range(len(schedule.boxes))
        self.far = HubAndProxies([f"SIM-{number + 1:04d}" for number in numbers], folder, START)
        self.hub = self.far.hub
        square = scenario.load(str(SUPPORT / "days_of_faults.toml"))
        self.lives: list[Life] = []
        for number in numbers:
            story = dataclasses.replace(
                square,
                start=START,
                duration_s=schedule.seconds + TO_CATCH_UP,
                faults=schedule.faults(number),
            )
            self.lives.append(
                Life(
                    *(number, story, self.far.ways[number], folder),
                    *_BOXES[number % len(_BOXES)],
                    lambda: self._until,
                    partial(self.far.serve, number),
                )
            )

    def run(self) -> None:
        """All of it, and until everything is told."""
        for at, happen in self._actions():
            self._live_until(at)
            happen()
        self._live_until(self._schedule.seconds)
        for proxy in self.far.proxies:
            proxy.behave(Manner.PASS)
        self._catch_up()
        self._check_acknowledged("at the end")

    def end(self) -> None:
        for life in self.lives:
            life.end()
        self.far.close()

    def _actions(self) -> list[tuple[int, Callable[[], None]]]:
        found: list[tuple[int, Callable[[], None]]] = []
        for one in self._schedule.happenings:
            match one.what:
                case Manner():
                    assert one.box is not None
                    proxy = self.far.proxies[one.box]
                    how = {
                        "delay": self._chance.uniform(0.05, 3),
                        "cut_after": self._chance.randrange(20_000),
                    }
                    found.append((one.at, partial(proxy.behave, one.what, **how)))
                    found.append((one.until, partial(proxy.behave, Manner.PASS)))
                case HubFault.BROKER_KILLED:
                    found.append((one.at, self._kill_broker))
                case HubFault.HUB_KILLED:
                    found.append((one.at, self._kill_hub))
                    found.append((one.until, self.hub.start))
                case HubFault.HUB_STOPPED:
                    found.append((one.at, self._stop_hub))
                    found.append((one.until, self.hub.start))
        # Of what is at the same time the earlier goes first.
        return sorted(found, key=lambda action: action[0])

    def _live_until(self, second: int) -> None:
        while self._until < second:
            self._until = min(second, self._until + _LONGEST_TURN)
            for life in self._chance.sample(self.lives, len(self.lives)):
                life.live_on(self.far.is_waited_for)
            self._passed(self._until)

    def _kill_hub(self) -> None:
        self._under_way(self.far.kill_hub)
        self._check_acknowledged("the hub was killed")

    def _kill_broker(self) -> None:
        self._under_way(self._kill_broker_now)
        self._check_acknowledged("the broker was killed")

    def _kill_broker_now(self) -> None:
        pid, before = self.hub.broker_pid(), self._times_back()
        os.kill(pid, signal.SIGKILL)
        until(lambda: not runs(pid), "the broker's end")
        until(lambda: self._times_back() > before, "another broker")
        # A real hub's boxes live on meanwhile; here that would be hours.
        until(self._bus_stands, "the hub at another broker")

    def _times_back(self) -> int:
        return sum("The broker is back." in line for line in self.hub.lines)

    def _bus_stands(self) -> bool:
        return self.hub.get("health").json()["broker"]["connected"]

    def _stop_hub(self) -> None:
        self.far.stop_hub()
        self._check_acknowledged("the hub was stopped")

    def _under_way(self, kill: Callable[[], None]) -> None:
        """While a box is at it."""
        delay, exchanges = self._chance.uniform(0, _WORK), self._chance.randrange(_EXCHANGES)
        self.far.kill_at_work(kill, delay, exchanges)
        self._live_until(self._until + _UNDER_WAY)
        self.far.kill_now()

    def _check_acknowledged(self, when: str) -> None:
        """What the hub has acknowledged it never forgets: neither the word nor the records.

        What a record before has told as gone is acknowledged too, and is not in the store: who
        has told what of that is a matter of the account (`second_account`).
        """
        with closing(sqlite3.connect(self.hub.data / "hub.sqlite")) as store:
            for (unit, boot), (mark, records) in self._marks.items():
                (now,) = store.execute(_MARK, (unit, boot)).fetchone() or (0,)
                (stored,) = store.execute(_STORED, (unit, boot, mark)).fetchone()
                if now < mark:
                    self._breaks(unit, f"{when}: boot {boot} went back from {mark} to {now}")
                if stored < records:
                    self._breaks(unit, f"{when}: {records - stored} of boot {boot} have gone")
            self._marks = {
                (unit, boot): (mark, store.execute(_STORED, (unit, boot, mark)).fetchone()[0])
                for unit, boot, mark in store.execute(_MARKS).fetchall()
            }

    def _catch_up(self) -> None:
        end = START + self._schedule.seconds
        while not all(self._has_told(life, end) for life in self.lives):
            if self._until >= self._schedule.seconds + TO_CATCH_UP - _LONGEST_TURN:
                for life in self.lives:
                    if not self._has_told(life, end):
                        self._breaks(life.unit, "has not told everything long after all faults")
                return
            self._live_until(self._until + _LOOK_AGAIN)

    def _has_told(self, life: Life, end: int) -> bool:
        boot = life.box.boots()[-1].number
        with closing(sqlite3.connect(self.hub.data / "hub.sqlite")) as store:
            (last,) = store.execute(_LAST, (life.unit, boot)).fetchone()
        # Where a broker's end has left a hole, what comes after it may be there already.
        return last is not None and last >= end

    def _breaks(self, unit: str, what: str) -> None:
        self.broken.append(f"{unit}, second {self._until}: {what}")


_MARKS = "SELECT unit, boot, seq FROM acked"
_MARK = "SELECT seq FROM acked WHERE unit=? AND boot=?"
_STORED = "SELECT count(*) FROM record WHERE unit=? AND boot=? AND seq<=?"
_LAST = """
    SELECT max(t) FROM record JOIN acked USING(unit, boot)
    WHERE unit=? AND boot=? AND record.seq<=acked.seq"""
