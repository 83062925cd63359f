"""Days of boxes, their hub and all that can fail between them, in virtual time.

One box lives at a time, for a while, and what the hub takes for the time is that box's. What
several real processes do in real time, hence what is under way when one of them is killed, is
not the same again for the same seed; the schedule of the faults is.
"""

import dataclasses
import json
import os
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from fault_schedule import HubFault, Schedule
from flaky_proxy import FlakyProxy, Manner
from folders import SUPPORT
from hub_in_virtual_time import SharedTime
from hub_process import HubProcess, runs, until
from live_box import reach

from noisetamer.simulate.unit_run import BOARD, Hub, UnitRun, settings
from noisetamer.simulate.unit_simulator import UnitSimulator
from noisetamer.square import scenario
from noisetamer.square.scenario import Scenario
from noisetamer.virtual import pipe
from noisetamer.virtual.box_message import BoxMessage
from noisetamer.virtual.firmware_process import (
    RESETS,
    BoxDiedError,
    FirmwareProcess,
    Tier,
)
from tamer import BUILT
from tamer.record.reading import Second

START = BUILT + 86_400
# So long after the last fault everything has to be in the store, s.
TO_CATCH_UP = 2 * 3600

_LONGEST_TURN = 600  # s that one box lives before another's turn, the hub away
_TURN = 2  # s, the hub there: what it tells a box that waits must not be another's time
# The hub tells the time at the turn of a second, and it must come while the box still waits for
# what answers its arrival: in virtual time it would be late after that.
_TOLD_AT = 0.99
_TELLS_IN = 0.2  # real s
_UNDER_WAY = 20  # s of a box's life in which something is killed


class Lived(NamedTuple):
    """A Second as the box had it. at: when it began, Unix time, s, by nobody's clock."""

    at: int
    second: Second


@dataclass
class Boot:
    """One boot of a box, in Unix s.

    number: None where it ended before it was counted. held_s: how long it hung at first.
    """

    power_on: int
    counted_before: int
    held_s: float = 0.0
    number: int | None = None
    end: float = float("inf")
    seconds: list[Lived] = field(default_factory=list)


class NotedBox(FirmwareProcess):
    """A box all of whose boots are known, with what it heard."""

    def __init__(self, chip: Path, clock: SharedTime, *arguments: Any) -> None:
        super().__init__(chip, *arguments)
        self._clock = clock
        self._nvs = chip / "nvs"
        self._boots: list[Boot] = []

    def power_on(self, unix_time: int, **how: Any) -> None:
        self.boots()
        held_us = sum(lasts for begin, lasts in how["hangs_us"] if begin == 0)
        self._boots.append(Boot(unix_time, self._counted(), held_us / 1e6))
        # It may reach its hub before it asks for its first second.
        self._clock.set(unix_time + held_us // 1_000_000 + _TOLD_AT)
        super().power_on(unix_time, **how)

    def messages(self) -> Iterator[BoxMessage]:
        boot = self._boots[-1]
        for message in super().messages():
            if message.kind == pipe.CONSOLE and b'"flags"' in message.body:
                told = json.loads(message.body)
                second = Second(*(told[name] for name in Second._fields))
                # Told when it has ended.
                boot.seconds.append(Lived(boot.power_on - 1 + message.us // 1_000_000, second))
            if message.kind in RESETS:
                boot.end = boot.power_on + message.us / 1e6
            yield message

    def boots(self) -> list[Boot]:
        """Oldest first."""
        if self._boots and self._boots[-1].number is None:
            counted = self._counted()
            if counted != self._boots[-1].counted_before:
                self._boots[-1].number = counted
        return self._boots

    def _counted(self) -> int:
        return json.loads(self._nvs.read_text())["tamer"]["boot"]


class Life:
    """A box in its square, until its time is over."""

    def __init__(
        self,
        number: int,
        story: Scenario,
        hub: Hub,
        folder: Path,
        until: Callable[[], int],
        in_step: Callable[[], bool],
    ) -> None:
        """`until`: the second of the story up to which it may go on. `in_step`: whether it must
        be known all the time in which second it is."""
        self.unit = f"SIM-{number + 1:04d}"
        self.second = 0
        self._clock = SharedTime(folder / "time")
        self._until = until
        self._in_step = in_step
        run = UnitRun(story, 1, number, story.duration_s, Tier.LEVELS, 0, hub)
        self.box = NotedBox(
            folder / self.unit,
            self._clock,
            BOARD,
            settings(run),
            hub.certificate,
            story.box.policy,
        )
        simulator = UnitSimulator(story, 1, number, self.unit, None)
        self._lines = simulator.play(
            self.box, story.duration_s, Tier.LEVELS, 0, self._passed, self._ahead
        )

    def live_on(self) -> None:
        """Until then, or some seconds longer."""
        self._clock.set(START + self.second + _TOLD_AT)
        try:
            while self.second < self._until():
                next(self._lines)
        except BoxDiedError as died:
            raise AssertionError(f"{self.unit}, second {self.second}: {died}") from died

    def end(self) -> None:
        self.box.power_off()

    def _passed(self, second: int) -> None:
        self.second = second
        self._clock.set(START + second + _TOLD_AT)

    def _ahead(self, second: int) -> int:
        return 0 if self._in_step() else max(0, self._until() - second)


class Days:
    """Boxes, hub and proxies under a schedule. `broken`: the promises that did not hold."""

    def __init__(self, schedule: Schedule, folder: Path, seed: int) -> None:
        self.broken: list[str] = []
        self._schedule = schedule
        self._chance = random.Random(seed)
        self._until = 0
        self._marks: dict[tuple[str, int], int] = {}
        SharedTime(folder / "time").set(START)
        units = [f"SIM-{number + 1:04d}" for number in range(len(schedule.boxes))]
        self.hub = HubProcess(
            folder / "hub",
            *("--name", "localhost"),
            *(option for unit in units for option in ("--enrol", unit)),
            tell_time=True,
            program=(str(SUPPORT / "hub_in_virtual_time.py"), str(folder / "time")),
        )
        square = scenario.load(str(SUPPORT / "days_of_faults.toml"))
        self._proxies: list[FlakyProxy] = []
        self.lives: list[Life] = []
        for number, unit in enumerate(units):
            direct = reach(self.hub, unit)
            self._proxies.append(FlakyProxy(direct.port))
            # By a name, so that it has to be looked up.
            way = dataclasses.replace(direct, host="hub.square", port=self._proxies[-1].port)
            story = dataclasses.replace(
                square,
                start=START,
                duration_s=schedule.seconds + TO_CATCH_UP,
                faults=schedule.faults(number),
            )
            self.lives.append(
                Life(number, story, way, folder, lambda: self._until, self._hub_runs)
            )

    def run(self) -> None:
        """All of it, and until everything is told."""
        for at, happen in self._actions():
            self._live_until(at)
            happen()
        self._live_until(self._schedule.seconds)
        for proxy in self._proxies:
            proxy.behave(Manner.PASS)
        self._catch_up()
        self._check_acknowledged("at the end")

    def end(self) -> None:
        for life in self.lives:
            life.end()
        if self._hub_runs():
            self.hub.stop()
        for proxy in self._proxies:
            proxy.close()

    def _actions(self) -> list[tuple[int, Callable[[], None]]]:
        found: list[tuple[int, Callable[[], None]]] = []
        for one in self._schedule.happenings:
            match one.what:
                case Manner():
                    assert one.box is not None
                    proxy = self._proxies[one.box]
                    how = {
                        "delay": self._chance.uniform(0.002, 0.03),
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
            turn = _TURN if self._hub_runs() else _LONGEST_TURN
            self._until = min(second, self._until + turn)
            for life in self._chance.sample(self.lives, len(self.lives)):
                proxy = self._proxies[self.lives.index(life)]
                before = proxy.connections
                life.live_on()
                if proxy.connections > before:
                    # The hub answers who has come.
                    time.sleep(_TELLS_IN)

    def _kill_hub(self) -> None:
        self._under_way(self.hub.kill)
        self._check_acknowledged("the hub was killed")

    def _kill_broker(self) -> None:
        pid = self.hub.broker_pid()
        self._under_way(lambda: os.kill(pid, signal.SIGKILL))
        until(lambda: not runs(pid), "the broker's end")
        self._check_acknowledged("the broker was killed")
        until(self.hub.broker_pid, "another broker")

    def _stop_hub(self) -> None:
        self.hub.stop()
        self._check_acknowledged("the hub was stopped")

    def _hub_runs(self) -> bool:
        return self.hub.process.poll() is None

    def _under_way(self, kill: Callable[[], None]) -> None:
        """While a box is at it."""
        timer = threading.Timer(self._chance.uniform(0, 0.5), kill)
        timer.start()
        self._live_until(self._until + _UNDER_WAY)
        timer.join()

    def _check_acknowledged(self, when: str) -> None:
        """Everything that the hub ever acknowledged is in its store."""
        with closing(sqlite3.connect(self.hub.data / "hub.sqlite")) as store:
            now = {(unit, boot): mark for unit, boot, mark in store.execute(_MARKS)}
            for key, before in self._marks.items():
                if now.get(key, 0) < before:
                    self._breaks(key[0], f"{when}: boot {key[1]} went back from {before}")
            for (unit, boot), mark in now.items():
                (stored,) = store.execute(_STORED, (unit, boot, mark)).fetchone()
                if stored < mark:
                    missing = mark - stored
                    self._breaks(unit, f"{when}: {missing} acknowledged of boot {boot} missing")
        self._marks = now

    def _catch_up(self) -> None:
        end = START + self._schedule.seconds
        while not all(self._has_told(life, end) for life in self.lives):
            if self._until >= self._schedule.seconds + TO_CATCH_UP - _LONGEST_TURN:
                for life in self.lives:
                    if not self._has_told(life, end):
                        self._breaks(life.unit, "has not told everything long after all faults")
                return
            self._live_until(self._until + _TURN)

    def _has_told(self, life: Life, end: int) -> bool:
        boot = life.box.boots()[-1].number
        with closing(sqlite3.connect(self.hub.data / "hub.sqlite")) as store:
            (last,) = store.execute(_LAST, (life.unit, boot)).fetchone()
        return last is not None and last >= end

    def _breaks(self, unit: str, what: str) -> None:
        self.broken.append(f"{unit}, second {self._until}: {what}")


_MARKS = "SELECT unit, boot, seq FROM acked"
_STORED = "SELECT count(*) FROM record WHERE unit=? AND boot=? AND seq<=?"
_LAST = "SELECT max(t) FROM record WHERE unit=? AND boot=?"
