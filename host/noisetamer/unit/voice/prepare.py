"""From any recording of speech to a message: 16 kHz, trimmed, checked, as loud as the others."""

from typing import NamedTuple

import numpy as np
import soxr
from numpy.typing import NDArray

from noisetamer.unit.voice import check
from tamer.board import VOICE_RATE as RATE

# Integrated loudness of every message (ITU-R BS.1770-4), LUFS: about as loud as speech can be
# made with its highest peaks taken down by a few dB.
LOUDNESS = -18.0

# No peak is higher, re full scale: what the code of four bits adds must still fit.
_HIGHEST_PEAK = 10 ** (-1 / 20)

# A peak is taken down together with what is so near to it, s, so that it keeps its shape.
_NEAR_S = 0.005

# Windows of the trimming, s; what is this far below the loudest window is silence, dB.
_WINDOW_S = 0.01
_SILENT_DB = 40


class Prepared(NamedTuple):
    """int16 `samples` at 16 kHz, their `length` in s and `loudness` in LUFS."""

    samples: NDArray[np.int16]
    length: float
    loudness: float


def prepare(sound: NDArray[np.floating], rate: int, where: str) -> Prepared:
    """The message made of `sound`, float[n], mono, re full scale, at `rate` Hz.

    `where`: its source, for error messages. Raises UserError where it is clipped, too long or
    too short, silent, or not in the band of speech.
    """
    check.must_not_be_clipped(sound, where)
    heard = soxr.resample(np.asarray(sound, np.float64), rate, RATE, quality="VHQ")
    heard = _trimmed(heard - heard.mean(), where)
    check.must_last_as_long_as_a_message(len(heard) / RATE, where)
    check.must_be_in_the_band_of_speech(heard, RATE, where)
    heard = _at_the_loudness(heard)
    samples = np.round(32767 * heard).astype(np.int16)
    return Prepared(samples, round(len(samples) / RATE, 2), round(loudness(heard), 1))


def loudness(sound: NDArray[np.float64]) -> float:
    """Integrated loudness in LUFS (ITU-R BS.1770-4) of float64[n], mono, 16 kHz, re full scale."""
    # On demand: it brings scipy.signal, which takes as long to load as the rest of a hub.
    import pyloudnorm

    return float(pyloudnorm.Meter(RATE).integrated_loudness(sound))


def _at_the_loudness(heard: NDArray[np.float64]) -> NDArray[np.float64]:
    gain = 10 ** ((LOUDNESS - loudness(heard)) / 20)
    # Taking peaks down costs a little; the second time makes up for it.
    limited = _limited(heard * gain)
    return _limited(heard * gain * 10 ** ((LOUDNESS - loudness(limited)) / 20))


def _limited(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """With every peak below the highest: the gain falls and rises smoothly around it."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d  # on demand, as above

    near = 2 * round(_NEAR_S * RATE / 2) + 1
    gain = np.minimum(1, _HIGHEST_PEAK / np.maximum(np.abs(sound), _HIGHEST_PEAK))
    lowest = minimum_filter1d(gain, 2 * near - 1, mode="constant", cval=1)
    return sound * uniform_filter1d(lowest, near, mode="constant", cval=1)


def _trimmed(heard: NDArray[np.float64], where: str) -> NDArray[np.float64]:
    """Without the silence before and after, but with one window of it at either end."""
    window = round(_WINDOW_S * RATE)
    whole = len(heard) // window * window
    powers = np.square(heard[:whole]).reshape(-1, window).mean(axis=1)
    check.must_sound(powers, where)
    loud = np.flatnonzero(powers > powers.max() / 10 ** (_SILENT_DB / 10))
    return heard[max(loud[0] - 1, 0) * window : (loud[-1] + 2) * window]
