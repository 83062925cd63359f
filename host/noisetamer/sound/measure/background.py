"""A background above a microphone's own noise: how loud, what it is like, and what to do.

Whatever its shape: the level is what a meter reads, LAeq over all of it; hum, whine, hiss, bursts
and slow swells differ only in the words.
"""

from typing import NamedTuple

import numpy as np
import scipy  # loads a part of itself when it is first used
from numpy.typing import NDArray

from noisetamer.sound.design.weighting import analytic

MOST_ABOVE_OWN_NOISE = 8.0
"""dB: what is further above the microphone's own noise, dB(A), is named. Makes of one type differ
by 2 or 3 dB, and a quiet room adds as much."""

_BLOCK_S, _TAPER_S = 0.125, 0.1

# Of a block's level over the median, dB: from here on it comes in bursts, or swells.
_BURST = 6.0
# A line this much above its surroundings stands for a tone; of the whole, so much must be tones.
_STANDS_OUT, _MOSTLY = 10.0, 0.5
_SURROUNDINGS_HZ = 400.0
# Mains, Hz, and how far from a multiple of it a line is still its own, besides the resolution.
_MAINS = (50.0, 60.0)
_INAUDIBLE, _LOW, _HUM_UP_TO, _WHINE_FROM = 45.0, 100.0, 1000.0, 2000.0
# Of the power of all lines, what the highest has where there is one tone: a Hann window gives it
# two thirds or less.
_ONE_TONE = 0.3

_QUIETER = "try again in a quieter place"


class Likeness(NamedTuple):
    """like: what it sounds like, a clause; do: what to do about it."""

    like: str
    do: str


_BURSTS = Likeness(
    "it comes and goes: people, a telephone, or the data of LEDs and Wi-Fi",
    f"{_QUIETER}, telephones away; where it stays so, keep the microphone's wires short and away "
    "from the LEDs' and the antenna",
)
_RUMBLE = Likeness(
    "it rumbles: wind, a draught, doors, or something that touches the box",
    f"{_QUIETER}, without draught, the box on something soft; where it stays so, put a capacitor "
    "to the microphone's supply",
)
_HISS = Likeness(
    "it hisses without a tone: a fan, a street, or the microphone's supply",
    f"{_QUIETER}; where it stays so, feed the microphone from a linear 3V3 regulator of its own, "
    "away from the LED supply",
)


def likeness(wave: NDArray[np.float64], rate: int, levels: NDArray[np.float64]) -> Likeness:
    """What a background is like.

    wave: any unit, some 0.1 s of it or more without a break, of which one second is looked at;
    rate: Hz; levels: of successive blocks, dB, of the same span or a longer one.
    """
    if levels.max() - np.median(levels) > _BURST:
        return _BURSTS
    begin = max(0, (len(wave) - rate) // 2)
    wave = wave[begin : begin + rate]
    frequency, power = _spectrum(wave, rate)
    around = _surroundings(power, frequency[1] - frequency[0])
    tones = power > 10 ** (_STANDS_OUT / 10) * around
    total = power.sum()
    if power[tones].sum() > _MOSTLY * total:
        return _of_tones(frequency, np.where(tones, power, 0.0), rate / len(wave))
    if power[frequency < _LOW].sum() > _MOSTLY * total:
        return _RUMBLE
    return _HISS


def levels(wave: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """A-weighted levels of blocks of 125 ms, dB re a sine of amplitude 1; without both ends.

    wave: at least half a second without a break.
    """
    taper = round(_TAPER_S * rate)
    window = scipy.signal.windows.tukey(len(wave), 2 * taper / len(wave))
    spectrum = np.fft.rfft((wave - wave.mean()) * window)
    frequency = np.fft.rfftfreq(len(wave), 1 / rate)
    spectrum[0] = 0.0
    spectrum[1:] *= 10 ** (analytic("A", frequency[1:]) / 20)
    weighted = np.fft.irfft(spectrum, len(wave))[taper:-taper]
    block = round(_BLOCK_S * rate)
    blocks = weighted[: len(weighted) // block * block].reshape(-1, block)
    return 10 * np.log10(np.maximum(2 * np.mean(blocks**2, axis=1), 1e-18))


def _of_tones(
    frequency: NDArray[np.float64], power: NDArray[np.float64], resolution: float
) -> Likeness:
    highest = _top(frequency, power)
    for mains in _MAINS:
        off = np.abs(frequency - mains * np.maximum(1, np.round(frequency / mains)))
        hums = (off <= max(2.0, resolution)) & (frequency < _HUM_UP_TO)
        if highest < _HUM_UP_TO and power[hums].sum() > 0.8 * power.sum():
            of = mains * max(1, round(highest / mains))
            return Likeness(
                f"it hums at {of:.0f} Hz, a multiple of the mains' {mains:.0f} Hz",
                "move power supplies and mains cables away, feed the box from another supply; "
                "where it stays so, look at the microphone's GND",
            )
    if highest < _INAUDIBLE:
        return _RUMBLE
    if power.max() < _ONE_TONE * power.sum():
        return Likeness(
            f"it buzzes, strongest at {highest:.0f} Hz: a telephone, the LEDs' data, or a machine",
            _BURSTS.do,
        )
    if highest >= _WHINE_FROM:
        return Likeness(
            f"it whines at {highest:.0f} Hz, as a switching supply does",
            "feed the box from another supply; where it stays so, feed the microphone from a "
            "linear 3V3 regulator of its own",
        )
    return Likeness(
        f"a tone of {highest:.0f} Hz sounds: something plays, or a machine runs",
        f"switch it off, take a calibrator off, or {_QUIETER}",
    )


def _top(frequency: NDArray[np.float64], power: NDArray[np.float64]) -> float:
    """Hz of the highest line, between its neighbours by a parabola through the three in dB."""
    at = int(power.argmax())
    if not 0 < at < len(power) - 1:
        return float(frequency[at])
    left, top, right = 10 * np.log10(np.maximum(power[at - 1 : at + 2], power[at] * 1e-6))
    beside = (left - right) / (2 * (left - 2 * top + right))
    return float(frequency[at] + beside * (frequency[1] - frequency[0]))


def _spectrum(
    wave: NDArray[np.float64], rate: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(Hz, A-weighted power) of each line but the first."""
    spectrum = np.abs(np.fft.rfft((wave - wave.mean()) * np.hanning(len(wave)))) ** 2
    frequency = np.fft.rfftfreq(len(wave), 1 / rate)[1:].astype(np.float64)
    return frequency, spectrum[1:] * 10 ** (analytic("A", frequency) / 10)


def _surroundings(power: NDArray[np.float64], resolution: float) -> NDArray[np.float64]:
    """The usual power around each line: the median, which a few tones do not raise."""
    lines = max(5, round(_SURROUNDINGS_HZ / resolution))
    return scipy.ndimage.median_filter(power, lines, mode="nearest")
