"""A square whose box reports to a real hub: an hour that is over, then live seconds."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hub_process import HubProcess
from scripted_unit import START, Box

HOUR_END = START + 3600


@contextmanager
def reporting_to(hub: HubProcess) -> "Iterator[ReportingSquare]":
    """With that hour in its store; silent at the end."""
    square = ReportingSquare(hub)
    square.past_hour()
    square.start()
    yield square
    square.fall_silent()


class ReportingSquare:
    """A box that reports a live second every 0.2 s of ours, at whatever level it is set to."""

    def __init__(self, hub: HubProcess) -> None:
        self._hub = hub
        self.box = Box(hub.unit())
        self.t = HOUR_END
        self.seq = 0
        self._further = 0
        self.set(552, "green")
        self._quiet = threading.Event()
        # A TLS connection is one thread's at a time.
        self._speaks = threading.Lock()
        self._thread = threading.Thread(target=self._report, daemon=True)

    def set(self, level: int, stage: str, *, flags: int = 0, speaking: bool = False) -> None:
        self._second = level, stage, flags, speaking

    def past_hour(self) -> None:
        """An hour as the store has it: a loud stretch, own voice, wind, and a gap."""
        events = {
            1110: [("stage", "green", "amber", 641)],
            1120: [("stage", "amber", "red", 694), ("spotlight", True)],
            1200: [("stage", "red", "polite", 695)],
            1210: [("warning", 1)],
            1250: [("warning", 2)],
            1310: [("stage", "polite", "green", 561), ("spotlight", False)],
        }
        for start in range(0, 3600, 10):
            for event in events.get(start, []):
                self._event(START + start, *event)
            if 2400 <= start < 2520:
                continue  # not received
            flags = 6 if start in (1210, 1250) else 7 if 600 <= start < 720 else 0
            loud = 1100 <= start < 1300
            levels = [(690 if loud else 540) + (i * 7 + start) % 40 for i in range(10)]
            self._next("seconds", START + start, levels, flags=flags)
        self.box.wait_ack(self.seq)

    def later(self, level: int) -> None:
        """Ten seconds of the gap in that hour, in two of which it speaks; then ten more, as the
        newest record says where the hour ends.
        """
        self._further += 10
        late = START + 2390 + self._further
        self._next("seconds", late, [level] * 2, flags=6)
        self._next("seconds", late + 2, [level - 50 + i for i in range(8)])
        self._next("seconds", START + 3590 + self._further, [level + i for i in range(10)])
        with self._speaks:
            self.box.wait_ack(self.seq)

    def hears(self, topic: str) -> None:
        """Until it is sent that."""
        with self._speaks:
            while self.box.mqtt.receive()[0] != topic:
                pass

    def alarm(self) -> None:
        """Too loud from now on: red, spotlight on."""
        self.set(683, "red")
        self._event(HOUR_END, "stage", "green", "red", 683)
        self._event(HOUR_END, "spotlight", True)

    def calm(self) -> None:
        """As it was in the beginning."""
        if self._second[1] == "red":
            self._event(HOUR_END, "stage", "red", "green", 552)
            self._event(HOUR_END, "spotlight", False)
        self.set(552, "green")

    def start(self) -> None:
        self._thread.start()

    def fall_silent(self) -> None:
        self._quiet.set()
        self._thread.join()

    def reconnect(self) -> None:
        self.box = Box(self._hub.unit())

    def _event(self, t: int, kind: str, *what: Any) -> None:
        match kind:
            case "stage":
                self._next("stage", t, *what)
            case "spotlight":
                self._next("event", t, "spotlight", on=what[0])
            case "warning":
                self._next("event", t, "warning", message="warning_zh", number=what[0])

    def _next(self, method: str, *arguments: Any, **fields: Any) -> None:
        self.seq += 1
        with self._speaks:
            getattr(self.box, method)(self.seq, *arguments, **fields)

    def _report(self) -> None:
        while not self._quiet.wait(0.2):
            level, stage, flags, speaking = self._second
            self.t += 1
            try:
                with self._speaks:
                    self.box.now(
                        self.t, level + self.t % 10, stage, flags=flags, speaking=speaking
                    )
            except OSError:
                continue  # the hub is away
