"""A recording as the microphone would have delivered it: 48 kHz, 24 bits left-aligned in 32."""

import numpy as np
from numpy.typing import NDArray

from noisetamer.sound.kernels.signal import RATE as METER_RATE
from noisetamer.sound.recording.blocks import WHOLE
from noisetamer.sound.recording.plain import Kind
from noisetamer.sound.recording.recording import Recording

_FULL_SCALE = 1 << 23


def at_48k(recording: Recording) -> NDArray[np.float32]:
    """float32[n] at 48 kHz, by soxr's "very high quality" (pass band to 0.9 of Nyquist)."""
    if recording.rate == METER_RATE:
        return recording.samples
    import soxr

    return soxr.resample(recording.samples, recording.rate, METER_RATE, quality="VHQ")


def as_microphone_words(samples: NDArray[np.floating]) -> tuple[NDArray[np.int32], int]:
    """Return (words, saturated): int32[n] with 24 bits left-aligned, as I2S delivers them.

    `samples` are re full scale: a sine that reaches 1.0 is a full-scale sine, whose level the
    user states (`--full-scale-db`, dB re 20 µPa). Rounded to the nearest step; what does
    not fit saturates, and `saturated` says how many samples that were.
    """
    steps = np.rint(np.asarray(samples, np.float64) * _FULL_SCALE)
    # +1.0 itself loses one step of 2**23 and is no overload.
    saturated = int(np.count_nonzero(np.abs(steps) > _FULL_SCALE))
    words = np.clip(steps, -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int32)
    return words << np.int32(8), saturated


class At48k:
    """`at_48k` of blocks as they come, to the bit."""

    def __init__(self, rate: int) -> None:
        self._resampler = None
        if rate != METER_RATE:
            # Most are at 48 kHz already, and need not wait for it.
            import soxr

            self._resampler = soxr.ResampleStream(rate, METER_RATE, 1, "float32", "VHQ")

    def samples(self, samples: NDArray[np.float32], last: bool = False) -> NDArray[np.float32]:
        """float32[n] of the next block; last: no sample is to stay behind."""
        if self._resampler is None:
            return samples
        return self._resampler.resample_chunk(samples, last)


class MicrophoneWords:
    """Blocks as they come: bit for bit what `at_48k` and `as_microphone_words` make of the whole.

    kind: what `words` wants its blocks as; saturated: as of `as_microphone_words`, so far.
    """

    def __init__(self, rate: int, subtype: str):
        """subtype: libsndfile's. 24 bits and less at 48 kHz are words as they are."""
        self.kind: Kind = "int32" if rate == METER_RATE and subtype in WHOLE else "float32"
        self.saturated = 0
        self._at_48k = At48k(rate)

    def words(self, samples: NDArray, last: bool = False) -> NDArray[np.int32]:
        """int32[n] of the next block; last: no sample is to stay behind."""
        if self.kind == "int32":
            return samples
        words, saturated = as_microphone_words(self._at_48k.samples(samples, last))
        self.saturated += saturated
        return words

    def rest(self) -> NDArray[np.int32]:
        """int32[n] of what stayed behind of all blocks."""
        return self.words(np.empty(0, self.kind), last=True)
