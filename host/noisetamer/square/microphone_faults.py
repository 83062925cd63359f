"""A microphone that fails: what its faults make of the words on its wire, or of its levels."""

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.fault import FaultKind, ScenarioFault
from noisetamer.square.filters import butterworth, filtered
from noisetamer.square.levels import RATE
from noisetamer.square.microphone import FULL_SCALE, Microphone
from noisetamer.square.scenario_parts import MicrophoneSettings
from noisetamer.square.seeds import stream

# A film of water: third-order low-pass. Behind it the electronics still hiss, by so much less
# than the microphone with its capsule.
_FILM_HZ = 600
_ELECTRONICS_dB = -14.0

# Noise of the electronics without a capsule, steps of 24 bits.
_DEAD_STEPS = 1.5

# A knuckle on the lid, four times a second: 100 Hz that dies away in 10 ms.
_KNOCKS = 4

# LAeq, LAFmax, LCeq, LCpeak as the meter finds them, dB, where the square no longer matters; and
# what a film of water takes off traffic.
_LEVELS = {
    FaultKind.STUCK: (-47.0, 7.0, -51.0, -15.0),
    FaultKind.DEAD: (-14.0, 7.0, -15.0, -3.0),
    FaultKind.OVERLOAD: (89.6, 92.7, 107.0, 124.0),
}
_BEHIND_A_FILM = np.array([-6.0, -6.0, -2.0, -1.0])


class MicrophoneFaults:
    """All of one microphone's. Use either `words` or `levels` in a run, in ascending order."""

    def __init__(
        self, faults: tuple[ScenarioFault, ...], lag_s: int, usual: MicrophoneSettings, seed: int
    ):
        """`lag_s`: how much later than the scenario says. `usual`: the microphone as it was."""
        self.spans = sorted(
            (begin + lag_s, end + lag_s, fault.kind)
            for fault in faults
            if fault.kind.of_microphone
            for begin, end in fault.on
        )
        self._all_over = max((end for _, end, _ in self.spans), default=0)
        self._rng = stream(seed, -1, "microphone faults")
        self._film = butterworth(3, _FILM_HZ, "lowpass")
        self._film_state = np.zeros((2, 2))
        floor = usual.noise_floor_dBA + _ELECTRONICS_dB
        quiet = MicrophoneSettings(usual.sensitivity_dBFS, floor, dc_offset=0.0)
        self._electronics = Microphone(quiet, seed + 1)
        self._last = 0

    def at(self, second: int) -> FaultKind | None:
        """The fault in a second, or None."""
        return next((kind for begin, end, kind in self.spans if begin <= second < end), None)

    def words(self, words: NDArray[np.int32], first_frame: int) -> NDArray[np.int32]:
        """What is read instead of healthy words, int32[n], from a frame on."""
        if first_frame >= self._all_over * RATE:
            return words
        words = words.copy()
        for begin, end, kind in self.spans:
            low = max(begin * RATE - first_frame, 0)
            high = min(end * RATE - first_frame, len(words))
            if low < high:
                before = words[low - 1] if low else self._last
                words[low:high] = self._failed(kind, words[low:high], before, first_frame + low)
        self._last = words[-1]
        return words

    def levels(self, levels: NDArray[np.float64], first_second: int) -> NDArray[np.float64]:
        """Levels in dB, [second][LAeq, LAFmax, LCeq, LCpeak], with what is wrong in each."""
        if first_second >= self._all_over:
            return levels
        levels = levels.copy()
        for number in range(len(levels)):
            kind = self.at(first_second + number)
            if kind == FaultKind.DULL:
                levels[number] += _BEHIND_A_FILM
            elif kind:
                levels[number] = _LEVELS[kind]
        return levels

    def _failed(
        self, kind: FaultKind, words: NDArray[np.int32], before: int, frame: int
    ) -> NDArray[np.int32]:
        if kind == FaultKind.STUCK:
            return np.full(len(words), before, dtype=np.int32)
        if kind == FaultKind.DEAD:
            noise = self._rng.standard_normal(len(words))
            return np.rint(_DEAD_STEPS * noise - 3).astype(np.int32) << 8
        if kind == FaultKind.DULL:
            behind, self._film_state = filtered(self._film, words / 256, self._film_state)
            hiss = self._electronics.capture(np.zeros(len(words), dtype=np.float32))
            return (np.rint(behind).astype(np.int32) << 8) + hiss
        since = (frame + np.arange(len(words))) % (RATE // _KNOCKS) / RATE
        knock = 2 * np.exp(-since / 0.01) * np.sin(2 * np.pi * 100 * since)
        loud = np.clip((words >> 8) + FULL_SCALE * knock, -FULL_SCALE, FULL_SCALE - 1)
        return loud.astype(np.int32) << 8


def self_noise(usual: MicrophoneSettings) -> NDArray[np.float64]:
    """Self-noise in the levels tier: LAeq, LAFmax, LCeq and LCpeak of white noise, dB."""
    return usual.noise_floor_dBA + np.array([0.0, 0.5, -1.4, 11.0])


def low_end(usual: MicrophoneSettings) -> float:
    """What the microphone takes off at 4 to 14 Hz, dB (negative); first order as its corner is."""
    return float(-10 * np.log10(1 + (usual.low_corner_Hz / 6.2) ** 2))
