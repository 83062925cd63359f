"""One unit in its square: powers its box, answers it, and notes what it says."""

import struct
from collections.abc import Callable, Generator, Iterator
from typing import Any

from noisetamer.simulate.audio_tier import AudioTier
from noisetamer.simulate.box_output import BoxOutput
from noisetamer.simulate.console_lines import ConsoleLines
from noisetamer.simulate.levels_tier import LevelsTier
from noisetamer.simulate.onlooker import Onlooker
from noisetamer.square.fault import FaultKind
from noisetamer.square.levels import RATE
from noisetamer.square.levels_side_channel import LevelsSideChannel
from noisetamer.square.microphone import Microphone
from noisetamer.square.microphone_faults import MicrophoneFaults, self_noise
from noisetamer.square.own_voice import OwnVoice
from noisetamer.square.scenario import Scenario
from noisetamer.square.world import World
from noisetamer.virtual import pipe
from noisetamer.virtual.box_message import BoxMessage
from noisetamer.virtual.firmware_process import (
    RESETS,
    BoxDiedError,
    FirmwareProcess,
    ResetCause,
    Tier,
    crystal_gain_us,
)

# What the chip's clock shows at power-on, Unix time: 2000-01-01, and where NTP's first era ends.
_CLOCKS = {FaultKind.CLOCK_2000: pipe.EPOCH_2000, FaultKind.CLOCK_2036: 2_085_978_496}


class UnitSimulator:
    """Plays a scenario to one virtual box, once."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        unit: int,
        name: str,
        spotlight: int | None,
        lines: ConsoleLines | None = None,
    ):
        """`spotlight`: the GPIO it is wired to; without one the people see no lamp. `lines`: makes
        those of the trace; of its own where there is none."""
        self._scenario = scenario
        self._chance = seed + unit
        self._lag = scenario.box.stagger_s * unit
        self._world = World(scenario, seed, unit)
        own_voice = OwnVoice(scenario.box, seed + unit)
        faults = MicrophoneFaults(scenario.faults, self._lag, scenario.microphone, seed + unit)
        self._audio = AudioTier(
            self._world, own_voice, Microphone(scenario.microphone, seed + unit), faults
        )
        self._levels = LevelsTier(
            self._world,
            own_voice,
            self_noise(scenario.microphone),
            faults,
            LevelsSideChannel(scenario, self._world, faults),
        )
        self._output = BoxOutput(self._world, own_voice, spotlight)
        self._lines = lines or ConsoleLines(name, scenario.start, scenario.utc_offset_s)
        self._power_us = 0  # when the power last came, from the start of the story

    def play(
        self,
        box: FirmwareProcess,
        until_s: int,
        tier: Tier,
        pace: float,
        progress: Callable[[int], None],
        ahead: Callable[[int], int] | None = None,
        onlooker: Onlooker | None = None,
    ) -> Iterator[dict[str, Any]]:
        """The lines of the trace, in order of time; the box has power until the last is out.

        `progress` gets each simulated second. `ahead(second)`: of how many s the box may then be
        told more than it asks for, where others keep pace with it; None: as many as it likes.
        `onlooker`: sees the box and has a hand at the music. Raises BoxDiedError when the firmware
        ends.
        """
        cause: ResetCause | None = ResetCause.POWER_ON
        try:
            while cause:
                if cause == ResetCause.POWER_ON:
                    self._wait_for_power()
                if self._power_us >= 1_000_000 * until_s:
                    break
                start = self._scenario.start + self._power_us // 1_000_000
                self._lines.power_came(start)
                box.power_on(
                    start,
                    tier=tier,
                    pace=pace,
                    cause=cause,
                    chance=self._chance + start,
                    clock=self._clock_at_power_on(),
                    clock_set_us=max([end for _, end in self._faulty(FaultKind.CLOCK)], default=0),
                    **self._of_this_boot(),
                )
                cause = yield from self._serve(box, until_s, pace, progress, ahead, onlooker)
                box.power_off()
                if words := box.last_words():
                    raise BoxDiedError(words)
        finally:
            box.power_off()
        yield from self._lines.rest()

    def panel_at(self, second: int) -> bytes | None:
        """What the panel showed in a recent second, as sent to its chain of LEDs."""
        return self._output.panel_at(second)

    def _serve(
        self,
        box: FirmwareProcess,
        until_s: int,
        pace: float,
        progress: Callable[[int], None],
        ahead: Callable[[int], int] | None,
        onlooker: Onlooker | None,
    ) -> Generator[dict[str, Any], None, ResetCause | None]:
        """Answer the box until it resets itself, and say why; None at the end of the run."""
        end = until_s * 1_000_000
        said: list[bytes] = []
        for message in box.messages():
            us = self._power_us + message.us
            match message.kind:
                case pipe.CONSOLE:
                    said.append(message.body)
                    self._output.said(message.body)
                case pipe.SAMPLES | pipe.LEVELS | pipe.BLOCKS | pipe.SIDE_CHANNEL:
                    if onlooker:
                        self._world.turn_music(onlooker.music_dB())
                    if us <= end:
                        # Look-ahead only works unpaced, and while no hand is at the music.
                        left_us = 0 if pace or onlooker else end - us
                        if ahead:
                            left_us = min(left_us, 1_000_000 * ahead(us // 1_000_000))
                        box.answer(*self._answer(message, left_us, box.answer_bytes))
                    # The box goes on while we read what it said, and work ahead.
                    if message.kind == pipe.SAMPLES:
                        self._audio.prepare()
                    self._listen(said)
                    if us > end:
                        return None
                    progress(us // 1_000_000)
                    # Only now has the world been asked for all that was before.
                    if message.kind in (pipe.SAMPLES, pipe.LEVELS):
                        for event in self._world.truth():
                            self._lines.world(event)
                        yield from self._lines.settled()
                case pipe.RESET | pipe.WATCHDOG | pipe.POWER_CUT:
                    self._listen(said)
                    # Power comes back with the next whole second.
                    us -= crystal_gain_us(self._faulty(FaultKind.FAST_CRYSTAL), message.us)
                    self._power_us = -(-us // 1_000_000) * 1_000_000
                    box.answer(b"\0")
                    return RESETS[message.kind]
                case _:
                    self._output.take(message, us)
                    if onlooker:
                        onlooker.sees(message)
        raise BoxDiedError(box.last_words())

    def _listen(self, said: list[bytes]) -> None:
        for line in said:
            self._lines.said(line.decode("utf-8", "replace"))
        said.clear()

    def _answer(
        self, message: BoxMessage, left_us: int, most_bytes: int
    ) -> tuple[bytes | memoryview, ...]:
        """In pieces. It holds what was asked for, and for `left_us` more what is certain."""
        power_on = self._power_us // 1_000_000
        match message.kind:
            case pipe.SAMPLES:
                first, n = message.samples_wanted()
                most = min(1 + left_us * RATE // 1_000_000 // n, most_bytes // (4 * n), 255)
                words = self._audio.capture(power_on * RATE + first, n, most)
                blocks = sum(map(len, words)) // n
                return bytes((blocks,)), *(some.data for some in words)
            case pipe.LEVELS:
                second, most = struct.unpack(pipe.LEVELS_QUERY, message.body)
                most = min(most, 1 + left_us // 1_000_000)
                return (self._levels.levels(power_on + second, most),)
            case pipe.BLOCKS:
                return (self._levels.blocks(),)
        (second,) = struct.unpack(pipe.SIDE_CHANNEL_QUERY, message.body)
        return (self._levels.side_channel(power_on + second, power_on),)

    def _wait_for_power(self) -> None:
        """Until the fault that holds it back is over."""
        while gone := [end for begin, end in self._faulty(FaultKind.POWER) if begin == 0]:
            self._power_us += max(gone)

    def _clock_at_power_on(self) -> int | None:
        """What the chip's clock shows if the power comes now, Unix time; None: the right time."""
        for kind, shows in _CLOCKS.items():
            if any(begin == 0 for begin, _ in self._faulty(kind)):
                return shows
        return None

    def _of_this_boot(self) -> dict[str, Any]:
        """What goes wrong until the power goes: more would fill the memory of the box."""
        cuts = [begin for begin, _ in self._faulty(FaultKind.POWER)]
        cut = min(cuts, default=None)

        def until_then(kind: FaultKind) -> list[tuple[int, int]]:
            return [span for span in self._faulty(kind) if cut is None or span[0] < cut]

        def lasting(kind: FaultKind) -> list[tuple[int, int]]:
            return [(begin, end - begin) for begin, end in until_then(kind)]

        kinds = {fault.kind for fault in self._scenario.faults}
        return {
            "busy_us": lasting(FaultKind.GAP),
            "hangs_us": lasting(FaultKind.HANG),
            "power_cut_us": cut,
            "faults_us": {kind.value: until_then(kind) for kind in kinds if kind.of_drivers},
        }

    def _faulty(self, kind: FaultKind) -> list[tuple[int, int]]:
        """When the box itself is at fault: us after the last power-on, begin and end.

        What is so from the story's begin on is so before it, too, for a unit whose story is late.
        """
        return [
            (max(us + 1_000_000 * begin, 0) if begin else 0, us + 1_000_000 * end)
            for fault in self._scenario.faults
            if fault.kind == kind
            for us in [1_000_000 * self._lag - self._power_us]
            for begin, end in fault.on
            if us + 1_000_000 * end > 0
        ]
