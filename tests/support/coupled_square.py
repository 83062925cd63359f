"""A box that hears itself: coupling, echo, the box's own rule and its ladder, block by block.

The square's levels are made, the own voice's are the simulated loudspeaker's with a shipped
message; what is marked and what is decided is the firmware's.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import soundfile

from noisetamer.base.paths import FIRMWARE
from noisetamer.square.own_voice import OwnVoice
from noisetamer.square.scenario_parts import Box
from tamer.hear.validity.echo import Echo
from tamer.judge import ladder, policy, rules
from tamer.judge.ladder import Say
from tamer.record.reading import OWN_VOICE, VALID, Second, reason

EVENING = 1795521600  # 2026-11-24 20:00 in China
LIMIT = 65.0  # of the shipped policy

_BLOCKS = 8  # a second
_FRAMES = 48_000  # a second
_RATE = 16_000  # of a message

# The driver takes samples so long before they sound, s: from then on it may sound.
_AHEAD = 0.25


class Heard(NamedTuple):
    """One second as the box told it, and what the square alone would have been, dB."""

    second: Second
    LAeq: float
    LAFmax: float
    stage: str


class CoupledSquare:
    """Its voice is `above` dB over the limit at the box's microphone; `reverberation` in s.

    `level(square)`: the square's own in the second that begins, dB; `spread` of its blocks, dB.
    """

    def __init__(
        self,
        above: float,
        reverberation: float,
        level: Callable[["CoupledSquare"], float],
        spread: float = 2.0,
    ):
        seed = round(100 * above + 10 * reverberation)
        self._level, self._spread = level, spread
        self._rng = np.random.default_rng(seed)
        self._voice = OwnVoice(Box({}, LIMIT + above, reverberation, 0), seed)
        self._echo = Echo(1000 // _BLOCKS)
        self._policy = policy.read({})
        self._ruling = rules.ruling(self._policy, EVENING)
        self._state = ladder.START
        self._fast = 0.0
        self.heard: list[Heard] = []
        self.spoken: list[tuple[float, float]] = []  # from when to when, s
        self.decided: list[tuple[int, tuple]] = []  # after so many seconds: an effect

    def lives(self, seconds: int) -> None:
        for _ in range(seconds):
            self._second()

    def says(self, message: str) -> None:
        """A message begins, as the box begins it: its echo will end with a second."""
        decoded, _ = soundfile.read(FIRMWARE / "voices" / f"{message}.wav", dtype="int16")
        samples = np.asarray(decoded, np.int16)
        length = len(samples) / _RATE
        begin = len(self.heard) + -(length + self._echo.lasts_ms() / 1000) % 1
        self._voice.play(round(begin * _FRAMES), samples, _RATE)
        self.spoken.append((begin, begin + length))

    def is_own(self, number: int) -> bool:
        return reason(self.heard[number].second) == OWN_VOICE

    def said(self) -> list[int]:
        """After how many seconds each message was decided on."""
        return [after for after, effect in self.decided if isinstance(effect, Say)]

    def _second(self) -> None:
        now, level = len(self.heard), self._level(self)
        self._voice.levels(now)
        together, alone, fastest, alone_fastest = 0.0, 0.0, 0.0, 0.0
        for number, own in enumerate(self._voice.blocks):
            square = 10 ** ((level + self._spread * self._rng.standard_normal()) / 10)
            # A detector's value at the block's end: a block is its time constant.
            self._fast += (square - self._fast) * (1 - np.exp(-1))
            fast = self._fast + own.fast
            sounding = self._sounds(now + number / _BLOCKS)
            if sounding or self._echo.lingers():
                fast = self._echo.weigh(square + own.a, fast, sounding)
            together += (square + own.a) / _BLOCKS
            alone += square / _BLOCKS
            fastest = max(fastest, fast)
            alone_fastest = max(alone_fastest, self._fast)
        why = OWN_VOICE if self._echo.end_second() else VALID
        LAeq, LAFmax = (round(100 * np.log10(energy)) for energy in (together, fastest))
        second = Second(EVENING + now, LAeq, LAFmax, LAeq + 50, LAFmax + 100, why)
        self._state, effects = ladder.step(self._state, second, self._ruling, self._policy)
        alone_dB, alone_fastest_dB = (10 * np.log10(one) for one in (alone, alone_fastest))
        self.heard.append(Heard(second, alone_dB, alone_fastest_dB, self._state.stage))
        for effect in effects:
            self.decided.append((now + 1, effect))
            if isinstance(effect, Say):
                self.says(effect.message)

    def _sounds(self, begin: float) -> bool:
        """Whether a message may sound at any time in the block that begins then."""
        end = begin + 1 / _BLOCKS
        return any(first - _AHEAD < end and begin < last for first, last in self.spoken)
