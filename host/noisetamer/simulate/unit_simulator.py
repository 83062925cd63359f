"""One unit in its square: gives the virtual box sound or levels, and notes what it does."""

import struct
from collections import deque
from collections.abc import Callable, Generator, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from noisetamer.simulate.console_lines import ConsoleLines
from noisetamer.square.fault import CLOCK, GAP
from noisetamer.square.levels import Levels, decibels
from noisetamer.square.levels_side_channel import Signs
from noisetamer.square.microphone import Microphone
from noisetamer.square.microphone_faults import MicrophoneFaults, self_noise
from noisetamer.square.own_voice import OwnVoice
from noisetamer.square.scenario import Scenario
from noisetamer.square.weighting import RATE
from noisetamer.square.world import World
from noisetamer.virtual.firmware_process import (
    HARD_RESET,
    POWER_ON,
    WATCHDOG,
    BoxDiedError,
    Happening,
    VirtualBox,
)

# Two loud stretches this far apart are two messages, s, and this far two incidents, even where
# no spotlight tells them apart.
_BETWEEN_MESSAGES = 1.0
_BETWEEN_INCIDENTS = 300.0

# Panel frames kept for a stage change that the console tells of later.
_FRAMES_KEPT = 600


class Staging:
    """Plays a scenario to one virtual box."""

    def __init__(self, scenario: Scenario, seed: int, unit: int, name: str, spotlight: int | None):
        """`spotlight`: the GPIO it is wired to; without one the people see no lamp."""
        self._scenario = scenario
        self._spotlight = spotlight
        self._world = World(scenario, seed, unit)
        self._own_voice = OwnVoice(scenario.box, seed + unit)
        self._lag = scenario.box.stagger_s * unit
        self._microphone = Microphone(scenario.microphone, seed + unit)
        self._faults = MicrophoneFaults(
            scenario.faults, self._lag, scenario.microphone, seed + unit
        )
        self._self_noise = self_noise(scenario.microphone)
        self._signs = Signs(scenario, self._world, self._faults)
        self._lines = ConsoleLines(name, scenario.start, scenario.utc_offset_s)
        self._pressure: NDArray[np.float32] = np.empty(0, np.float32)
        self._pressure_second = -1
        self._square = Levels(0.0, 0.0, 0.0, 0.0)  # in the second last asked for
        self._frame = 0
        self._power_us = 0  # when the power last came
        self._last_loud = -10.0
        self._warnings = 0
        self._frames: deque[tuple[int, bytes]] = deque(maxlen=_FRAMES_KEPT)

    def play(
        self,
        box: VirtualBox,
        until_s: int,
        tier: str,
        pace: float,
        progress: Callable[[int], None],
    ) -> Iterator[dict[str, Any]]:
        """The lines of the trace, in order of time. Raises BoxDiedError when the firmware ends."""
        cause = POWER_ON
        try:
            while cause:
                start = self._scenario.start + self._power_us // 1_000_000
                self._lines.power_came(start)
                box.power_on(
                    start,
                    tier=tier,
                    pace=pace,
                    cause=cause,
                    clock_set_us=max([end for _, end in self._of_box(CLOCK)], default=0),
                    busy_us=[(begin, end - begin) for begin, end in self._of_box(GAP)],
                )
                cause = yield from self._serve(box, until_s, pace, progress)
                box.power_off()
                if words := box.last_words():
                    raise BoxDiedError(words)
        finally:
            box.power_off()
        yield from self._lines.rest()

    def _serve(
        self, box: VirtualBox, until_s: int, pace: float, progress: Callable[[int], None]
    ) -> Generator[dict[str, Any], None, int]:
        """Answer the box and tell what happens; returns the cause of its reset, 0 at the end."""
        end = until_s * 1_000_000
        said: list[bytes] = []
        for happening in box.happenings():
            us = self._power_us + happening.us
            if happening.kind in "msbg":
                if us <= end:
                    # Nobody paces a box that is told ahead.
                    left_s = 0 if pace else (end - us) // 1_000_000
                    box.answer(self._answer(happening, left_s))
                # The box goes on while we read what it said.
                self._listen(said)
                if us > end:
                    return 0
                progress(us // 1_000_000)
                # Only then has the world told of all that was before.
                if happening.kind in "ms":
                    for event in self._world.truth():
                        self._lines.world(event)
                    yield from self._lines.settled()
            elif happening.kind == "c":
                said.append(happening.body)
            elif happening.kind in "wr":
                self._listen(said)
                # Power comes back with the next whole second.
                self._power_us = -(-us // 1_000_000) * 1_000_000
                box.answer(b"\0")
                return WATCHDOG if happening.kind == "w" else HARD_RESET
            else:
                self._notice(happening, us)
        raise BoxDiedError(box.last_words())

    def _listen(self, said: list[bytes]) -> None:
        for line in said:
            self._lines.said(line.decode("utf-8", "replace"))
        said.clear()

    def _answer(self, happening: Happening, left_s: int) -> bytes:
        if happening.kind == "m":
            return self._capture(*struct.unpack("<QI", happening.body))
        if happening.kind == "b":
            return self._blocks()
        if happening.kind == "g":
            (second,) = struct.unpack("<I", happening.body)
            return self._signs.at(second, self._power_us // 1_000_000)
        second, most = struct.unpack("<IB", happening.body)
        told = self._levels(self._power_us // 1_000_000 + second, min(most, 1 + left_s))
        return bytes((len(told) // 8,)) + told

    def _notice(self, happening: Happening, us: int) -> None:
        if happening.kind == "v":
            self._speak(us, happening.body)
        elif happening.kind == "p":
            self._frames.append((us // 1_000_000, happening.body))
        elif happening.kind == "o" and tuple(happening.body) == (self._spotlight, 1):
            self._warnings = 0
            self._world.hears(us // 1_000_000, "spotlight")

    def _speak(self, us: int, body: bytes) -> None:
        (rate,) = struct.unpack_from("<I", body)
        samples = np.frombuffer(body, "<i2", offset=4)
        self._own_voice.play(us * RATE // 1_000_000, samples, rate)
        if not samples.any():
            return
        t = us / 1e6
        if t - self._last_loud > _BETWEEN_INCIDENTS:
            self._warnings = 0
        if t - self._last_loud > _BETWEEN_MESSAGES:
            self._warnings += 1
            self._world.hears(int(t), f"warning:{self._warnings}")
        self._last_loud = t

    def _capture(self, first: int, n: int) -> bytes:
        """I2S words of the next frames; what the box came too late for is played to nobody."""
        first += self._power_us * RATE // 1_000_000
        if first > self._frame:
            self._record(first - self._frame)
        return self._record(n).tobytes()

    def _record(self, n: int) -> NDArray[np.int32]:
        parts = []
        at, end = self._frame, self._frame + n
        while at < end:
            second, offset = divmod(at, RATE)
            if second != self._pressure_second:
                self._pressure = self._world.sound(second)
                self._pressure_second = second
            part = self._pressure[offset : offset + end - at]
            parts.append(part)
            at += len(part)
        pressure = np.concatenate(parts) if len(parts) > 1 else parts[0]
        own = self._own_voice.sound(self._frame, n)
        words = self._microphone.capture(pressure if own is None else pressure + own)
        words = self._faults.words(words, self._frame)
        self._frame = end
        return words

    def _levels(self, second: int, most: int) -> bytes:
        """Of a second, and of those after it that the box may be told now: int16[4] each."""
        own = self._own_voice.levels(second)
        if own is None:
            ahead = self._world.levels_ahead(second, most)
            self._square, told = ahead[0], np.array(ahead)
        else:
            self._square = self._world.levels(second)
            told = decibels(10 ** (np.array([self._square]) / 10) + 10 ** (np.array(own) / 10))
        told = decibels(10 ** (told / 10) + 10 ** (self._self_noise / 10))
        told = self._faults.levels(told, second)
        return np.rint(10 * told).astype("<i2").tobytes()

    def _blocks(self) -> bytes:
        """LAeq and LAFmax of each block of the same second, in which the square is steady."""
        square = 10 ** (np.array([self._square.LAeq, self._square.LAFmax]) / 10)
        heard = decibels(square + np.array(self._own_voice.blocks))
        return np.rint(10 * heard).astype("<i2").tobytes()

    def _of_box(self, kind: str) -> list[tuple[int, int]]:
        """When the box itself is at fault: us after the last power-on."""
        return [
            (max(us + 1_000_000 * begin, 0), us + 1_000_000 * end)
            for fault in self._scenario.faults
            if fault.kind == kind
            for us in [1_000_000 * self._lag - self._power_us]
            for begin, end in fault.on
            if us + 1_000_000 * end > 0
        ]

    def panel_at(self, second: int) -> bytes | None:
        """What the panel showed in a recent second, as sent to its chain of LEDs."""
        return next((frame for at, frame in reversed(self._frames) if at == second), None)
