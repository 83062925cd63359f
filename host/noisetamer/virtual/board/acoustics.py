"""What the microphone of a virtual board hears: the sound it is given, and its own loudspeaker."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.levels import RATE, REFERENCE_PA
from noisetamer.square.microphone import Microphone
from noisetamer.square.own_voice import OwnVoice
from noisetamer.square.scenario_parts import Box, MicrophoneSettings
from noisetamer.virtual.board.faults import BoardFaults
from noisetamer.virtual.board.sound import Sound

# A room with carpets; the loudspeaker is as loud as on the pole.
_BENCH = Box(policy={}, voice_at_microphone_dB=95.0, reverberation_s=0.3, stagger_s=0)

_QUIET_S = 5

_STUCK = 0x00123400


class Acoustics:
    """A board on a technician's bench, from the start of its interpreter on."""

    def __init__(self, seed: int, faults: BoardFaults):
        self._seed = seed
        self._faults = faults
        self._hiss = np.random.default_rng(seed)
        self._own_voice: OwnVoice | None = None
        self._microphone: Microphone | None = None
        self._first_frame: int | None = None

    def play(self, us: int, samples: NDArray[np.int16], rate: int) -> None:
        """What the amplifier is given, from a time on."""
        if "mute" in self._faults:
            return
        if self._own_voice is None:
            self._own_voice = OwnVoice(_BENCH, self._seed)
        self._own_voice.play(us * RATE // 1_000_000, samples, rate)

    def capture(self, us: int, first: int, n: int, sound: Sound | None) -> bytes:
        """I2S words of the n frames that end now; `first` counts from the receiver's start."""
        if "stuck-microphone" in self._faults:
            return np.full(n, _STUCK, np.int32).tobytes()
        if "dead-microphone" in self._faults:
            return (self._hiss.integers(-2, 3, n, np.int32) << 8).tobytes()
        if self._first_frame is None:
            self._first_frame = max(0, us * RATE // 1_000_000 - n - first)
        first += self._first_frame
        own = self._own_voice and self._own_voice.sound(first, n)
        if sound is None and own is None:
            begin = first % (_QUIET_S * RATE)
            return _quiet()[begin : begin + n].tobytes()
        pressure = np.zeros(n, np.float32) if sound is None else sound(first, n)
        if own is not None:
            pressure = pressure + own
        if self._microphone is None:
            self._microphone = Microphone(MicrophoneSettings(), self._seed)
        return self._microphone.capture(pressure).tobytes()


@cache
def _quiet() -> NDArray[np.int32]:
    """A quiet room, the same for all boards: most of them never hear anything else. Twice, so that
    a block that goes over its end is one piece."""
    once = Microphone(MicrophoneSettings(), 1).capture(np.zeros(_QUIET_S * RATE, np.float32))
    return np.tile(once, 2)


def tone(frequency_Hz: float, level_dB: float) -> Sound:
    """A steady sine at the microphone, such as a calibrator's; the level is its SPL."""
    amplitude = np.sqrt(2) * REFERENCE_PA * 10 ** (level_dB / 20)

    def sound(first: int, n: int) -> NDArray[np.float32]:
        phase = 2 * np.pi * frequency_Hz / RATE * np.arange(first, first + n)
        return (amplitude * np.sin(phase)).astype(np.float32)

    return sound
