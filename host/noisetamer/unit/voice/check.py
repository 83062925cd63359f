"""What a recording must be to become a message. Each check raises UserError."""

import numpy as np
from numpy.typing import NDArray

from noisetamer.base.errors import UserError

# The longest message that the shipped policy lets a box speak, s; the shortest that has a
# loudness (ITU-R BS.1770-4 needs one block of 0.4 s).
LONGEST_S = 15.0
SHORTEST_S = 0.4

# Where speech is understood: the telephone's band, Hz. At least so much of the energy lies there.
SPEECH_HZ = (300, 3400)
_LEAST_IN_BAND = 0.25

# Samples in a row that stand at the highest value: one run may be chance, many are not.
_FLAT = 3
_RUNS = 4

# Mean square of 10 ms below which all is silence: -60 dB re full scale.
_SILENCE = 1e-6


def must_not_be_clipped(sound: NDArray[np.floating], where: str) -> None:
    """`sound`: float[n]. Looks for flat tops at its highest value, whatever that is: it may have
    been turned down after it was clipped.
    """
    highest = np.abs(sound).max(initial=0)
    flat = np.abs(sound) >= 0.9995 * highest
    edges = np.diff(np.concatenate(([0], flat.astype(np.int8), [0])))
    lengths = np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)
    runs = lengths[lengths >= _FLAT]
    if highest > 0 and len(runs) >= _RUNS:
        raise UserError(
            f"{where}: is clipped ({runs.sum()} samples in {len(runs)} places stand at the same "
            "highest value); record it again more quietly"
        )


def must_sound(powers: NDArray[np.float64], where: str) -> None:
    """`powers`: float64[windows], mean squares re full scale."""
    if powers.max(initial=0) < _SILENCE:
        raise UserError(
            f"{where}: is silent (nothing above -60 dB re full scale); record it again"
        )


def must_last_as_long_as_a_message(length: float, where: str) -> None:
    """`length`: in s, without the silence around it."""
    if length > LONGEST_S:
        raise UserError(
            f"{where}: lasts {length:.1f} s; a message may last {LONGEST_S:g} s, so say it shorter"
        )
    if length < SHORTEST_S:
        raise UserError(
            f"{where}: lasts {length:.2f} s; a message lasts at least {SHORTEST_S:g} s"
        )


def must_be_in_the_band_of_speech(sound: NDArray[np.float64], rate: int, where: str) -> None:
    """`sound`: float64[n] at `rate` Hz."""
    power = np.square(np.abs(np.fft.rfft(sound)))
    frequency = np.fft.rfftfreq(len(sound), 1 / rate)
    low, high = SPEECH_HZ
    share = power[(frequency >= low) & (frequency <= high)].sum() / power.sum()
    if share < _LEAST_IN_BAND:
        raise UserError(
            f"{where}: has only {100 * share:.0f} % of its energy between {low} and {high} Hz, "
            f"where speech is understood ({100 * _LEAST_IN_BAND:.0f} % are needed); "
            "record a voice close to the microphone"
        )
