"""The real hub, its broker and each box's way there, in the virtual time of whoever lives."""

import math
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from at_rest import AtRest
from flaky_proxy import FlakyProxy
from hub_in_virtual_time import NEVER, SharedTime
from hub_process import HubProcess, runs, until
from live_box import reach

from noisetamer.simulate.unit_run import Hub

# Real s; generous, so that a machine that leaves us nothing for a while is no failure.
_LONGEST_WORK = 600.0
_LOOK_AGAIN = 0.001


class HubAndProxies:
    """`ways`: what each unit must know to come to the hub, through its own proxy."""

    def __init__(self, units: list[str], folder: Path, start: int) -> None:
        """`start`: Unix time before anybody lives."""
        self._time = SharedTime(folder / "time")
        self._time.set(start)
        self.hub = HubProcess(
            folder / "hub",
            *("--name", "localhost"),
            *(option for unit in units for option in ("--enrol", unit)),
            tell_time=True,
            time=folder / "time",
        )
        direct = [reach(self.hub, unit) for unit in units]
        self.proxies = [FlakyProxy(way.port) for way in direct]
        self.ways: list[Hub] = [
            # By a name, so that it has to be looked up.
            replace(way, host="hub.square", port=proxy.port)
            for way, proxy in zip(direct, self.proxies, strict=True)
        ]
        self._at_rest = AtRest()
        self._served = 0, float(start)
        self._kill: Callable[[], None] | None = None
        self._kill_in = 0.0, 0

    def serve(self, number: int, now: float) -> float:
        """Let pass, and be done, all that follows from what this box has sent until now, Unix s.

        Returns when something happens without its doing.
        """
        proxy = self.proxies[number]
        self._tell_the_last(number)
        self._served = number, now
        self._time.set(now)
        self._ring(now)
        began = time.monotonic()
        moved_at = math.inf
        while True:
            here = time.monotonic()
            assert here < began + _LONGEST_WORK, "the hub does not come to rest"
            if proxy.move(now):
                moved_at = min(moved_at, here)
            elif self._at_rest(self.hub.process.pid) and not proxy.move(now):
                break
            else:
                proxy.wait(_LOOK_AGAIN)
            self._maybe_kill(here - moved_at)
        if moved_at < math.inf and self._kill:
            delay, exchanges = self._kill_in
            self._kill_in = delay, exchanges - 1
        return min(self._time.alarm(), proxy.due(now))

    def kill_at_work(self, kill: Callable[[], None], delay: float, exchanges: int) -> None:
        """Call `kill` so many real s into what follows on so many exchanges with a box."""
        self._kill, self._kill_in = kill, (delay, exchanges)

    def kill_now(self) -> None:
        """If that has not come yet."""
        if self._kill:
            kill, self._kill = self._kill, None
            kill()

    def is_waited_for(self) -> bool:
        """Whether the hub has something to tell at the turn of the second."""
        return self.runs() and self._time.alarm() < NEVER

    def runs(self) -> bool:
        return self.hub.process.poll() is None

    def kill_hub(self) -> None:
        broker = self.hub.broker_pid()
        self.hub.kill()
        until(lambda: not runs(broker), "the broker's end")
        self._time.set_alarm(NEVER)

    def stop_hub(self) -> None:
        self.hub.stop()
        self._time.set_alarm(NEVER)

    def close(self) -> None:
        if self.runs():
            self.hub.stop()
        for proxy in self.proxies:
            proxy.close()
        self._at_rest.close()

    def _tell_the_last(self, number: int) -> None:
        """Before another lives, at a time of its own, the hub tells the time to the last one if
        it was about to: else it would tell it the other's. That comes when it lives again."""
        last, then = self._served
        if number == last or self._time.alarm() == NEVER:
            return
        turn = min(self._time.alarm(), math.floor(then) + 1.0)
        self._time.set(turn)
        self._ring(self._time.alarm())
        until(lambda: self._at_rest(self.hub.process.pid), "the hub's rest")

    def _ring(self, now: float) -> None:
        if now >= self._time.alarm():
            self._time.set_alarm(NEVER)
            if self.runs():
                self.hub.process.send_signal(signal.SIGUSR1)

    def _maybe_kill(self, works: float) -> None:
        delay, exchanges = self._kill_in
        if self._kill and exchanges <= 0 and works >= delay:
            self.kill_now()
