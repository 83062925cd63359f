"""Octave and third-octave filters on a half-rate tree, designed for 48 kHz.

    48 kHz -> 16 kHz, 8 kHz bands -> half the rate -> 4 kHz band -> half the rate -> ...

A band is a band-pass of sixth order: three zeros at direct current, one at half the rate,
and three pole pairs fitted to an analog Butterworth filter whose effective bandwidth is
exactly its octave's (IEC 61260-1:2014, 5.12). A plain bilinear design has two zeros more at
half the rate, which bend the lower skirt of the upper bands out of class 1 and cost more.

Halving is the mean of two all-pass chains on the even and the odd samples. All coefficients
are whole numbers over 2048, so the FPU and the integer bank realise the same filters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import permutations, product

import numpy as np
import scipy  # loads a part of itself when it is first used
from numpy.typing import ArrayLike, NDArray

from noisetamer.sound.standards import iec61260

RATE = 48_000
ONE = 2048

HALF_BAND = (140, 574, 1394)
"""First and last on the newer sample of a pair, the middle one on the older; over 2048.

Best in the stop band 0.382 to 0.5 of the rate, which folds into no band: 86.9 dB.
"""

LEVELS = 10
"""Rates of the tree: 48 kHz and nine halvings of it."""

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]
# Both in the shape of the frequencies asked about.

_NUMERATORS = ((1, -1, 0), (1, -1, 0), (1, 0, -1))
_NOMINAL = (10, 12.5, 16, 20, 25, 31.5, 40, 50, 63, 80)


@dataclass(frozen=True)
class Section:
    """y[n] = (b (x[n] - x[n-1]) + a1 y[n-1] + a2 y[n-2]) / 2048; the third has x[n-2]."""

    b: int
    a1: int
    a2: int


@dataclass(frozen=True)
class Band:
    """One filter. `x`: third-octaves above 1 kHz; `b`: 1 octave, 3 third-octave."""

    x: int
    b: int
    halvings: int
    sections: tuple[Section, ...]

    @property
    def exact(self) -> float:
        """Mid-band frequency in Hz."""
        return iec61260.exact(self.x)

    @property
    def nominal(self) -> float:
        """Nominal mid-band frequency in Hz."""
        decade, place = divmod(self.x, 10)
        value = _NOMINAL[place] * 10.0 ** (decade + 2)
        return round(value, 1)

    @property
    def rate(self) -> float:
        """Samples a second at its level of the tree."""
        return RATE / 2**self.halvings


@cache
def octaves() -> tuple[Band, ...]:
    """Eleven octaves from 16 Hz to 16 kHz."""
    return tuple(_design(x, 1) for x in range(-18, 13, 3))


@cache
def third_octaves() -> tuple[Band, ...]:
    """The 33 third-octaves of the same octaves, 12.5 Hz to 20 kHz."""
    return tuple(_design(x, 3) for x in range(-19, 14))


def table(bands: tuple[Band, ...]) -> str:
    """The rows of the firmware's table: nominal, halvings, then b, a1, a2 of each section."""
    rows = []
    for band in bands:
        numbers = [n for s in band.sections for n in (s.b, s.a1, s.a2)]
        rows.append(f"    ({band.nominal:g}, {band.halvings}, {', '.join(map(str, numbers))}),\n")
    return "".join(rows)


def attenuation(band: Band, frequencies: ArrayLike) -> Floats:
    """Attenuation in dB of tones at `frequencies` in Hz, up to 24 kHz.

    All of it: halvings, what they fold into the band, and the band's own filter.
    """
    f = np.array(frequencies, np.float64)
    rate = float(RATE)
    amplitude = np.ones_like(f)
    for _ in range(band.halvings):
        amplitude *= np.abs(halving(f / rate))
        rate /= 2.0
        f = np.abs(f - rate * np.round(f / rate))
    amplitude *= np.abs(_transfer(band.sections, f / rate))
    return -20.0 * np.log10(np.maximum(amplitude, 1e-15))


def halving(relative: ArrayLike) -> Complex:
    """Response of one halving; frequencies relative to the rate before it."""
    z = _delay(relative)
    c = [value / ONE for value in HALF_BAND]

    def all_pass(c: float) -> Complex:
        return (c + z * z) / (1.0 + c * z * z)

    return (all_pass(c[0]) * all_pass(c[2]) + z * all_pass(c[1])) / 2.0


def effective_bandwidth(band: Band) -> float:
    """Deviation in dB of the effective bandwidth from its reference, up to 24 kHz.

    IEC 61260-1:2014, 5.12. For tests of the design.
    """
    f = np.geomspace(1.0, RATE / 2.0, 40_001)
    energy = 10.0 ** (-attenuation(band, f) / 10.0)
    whole = np.trapezoid(energy, np.log(f))
    return float(10.0 * np.log10(whole / (np.log(iec61260.G) / band.b)))


def largest_gain(band: Band) -> float:
    """How much larger than its input any intermediate value can become: for tests of overflow."""
    y = np.zeros(4000)
    y[0] = 1.0
    largest = 1.0
    for section, numerator in zip(band.sections, _NUMERATORS, strict=True):
        y = _filtered(y, section, numerator)
        largest = max(largest, float(np.sum(np.abs(y))))
    return largest


def _filtered(y: Floats, s: Section, numerator: tuple[int, ...]) -> Floats:
    poles = [1.0, -s.a1 / ONE, -s.a2 / ONE]
    return np.asarray(scipy.signal.lfilter(np.array(numerator) * s.b / ONE, poles, y))


def _design(x: int, b: int) -> Band:
    octave = round(x / 3)
    halvings = max(0, 3 - octave)
    relative = iec61260.exact(x) * 2**halvings / RATE
    poles, gain = _fit(relative, b)
    pairs = [(round(a1 * ONE), round(a2 * ONE)) for a1, a2 in poles.reshape(3, 2)]
    return Band(x, b, halvings, _scaled(pairs, relative, gain))


def _fit(relative: float, b: int) -> tuple[Floats, float]:
    """Pole pairs (a1, a2, ...) and the gain at mid-band, least squares of weighted dB.

    The weight falls with attenuation: the pass band counts most, the skirts by their slope.
    """
    q = _selectivity(b)
    omega = np.geomspace(1 / 20, 20, 600)
    omega = omega[omega * relative < 0.499]
    wanted = _butterworth(omega, q)
    weight = 1.0 / (1.0 + wanted / 0.6)

    def error(p: Floats) -> Floats:
        found = _level(p[:6], omega * relative) - _level(p[:6], np.array([relative]))
        return weight * (p[6] - found - wanted)

    fitted = scipy.optimize.least_squares(error, _start(relative, q), x_scale=0.1, max_nfev=4000).x
    return fitted[:6], float(10.0 ** (-fitted[6] / 20.0))


def _butterworth(omega: Floats, q: float) -> Floats:
    return 10.0 * np.log10(1.0 + (q * (omega - 1.0 / omega)) ** 6)


@cache
def _selectivity(b: int) -> float:
    """Q of the sixth-order Butterworth band-pass with the reference bandwidth (5.12)."""

    def excess(q: float) -> float:
        def energy(t: float) -> float:
            return 1.0 / (1.0 + (2.0 * q * np.sinh(t)) ** 6)

        passed = scipy.integrate.quad(energy, -8.0, 8.0, points=[0.0], limit=400)[0]
        return passed - np.log(iec61260.G) / b

    at_3_db = 1.0 / (iec61260.edge(b) - 1.0 / iec61260.edge(b))
    return float(scipy.optimize.root_scalar(excess, bracket=(0.8 * at_3_db, 1.3 * at_3_db)).root)


def _level(poles: Floats, relative: Floats) -> Floats:
    z = _delay(relative)
    out = (1.0 - z) ** 3 * (1.0 + z)
    for a1, a2 in poles.reshape(3, 2):
        out = out / (1.0 - a1 * z - a2 * z * z)
    return 20.0 * np.log10(np.abs(out))


def _start(relative: float, q: float) -> Floats:
    """Poles of the analog Butterworth filter, each s taken to exp(s), and no loss at mid-band."""
    center = 2.0 * np.pi * relative
    half = 0.5 * center / q * np.exp(1j * np.pi * np.array([2.0, 3.0, 4.0]) / 3.0)
    poles = np.exp(half + 1j * np.sqrt(center**2 - half**2))
    return np.array([*(a for p in poles for a in (2.0 * p.real, -(abs(p) ** 2))), 0.0])


def _scaled(pairs: list[tuple[int, int]], relative: float, gain: float) -> tuple[Section, ...]:
    """Scaled to a peak of 1 after each section, in the order that amplifies rounding least."""
    orders = [_order(order, relative, gain) for order in permutations(pairs)]
    return min(orders, key=lambda sections: sorted((s.b for s in sections), reverse=True))


def _order(
    order: tuple[tuple[int, int], ...], relative: float, gain: float
) -> tuple[Section, ...]:
    f = np.linspace(0.001, 0.499, 4000)
    scales = []
    for i in range(3):
        so_far = [Section(ONE, *pair) for pair in order[: i + 1]]
        peak = float(np.max(np.abs(_transfer(so_far, f))))
        scales.append(ONE / peak / float(np.prod(scales) / ONE ** len(scales)))
    # Rounding each scale up or down, the product comes nearest to the wanted gain.
    raw = float(np.abs(_transfer([Section(ONE, *pair) for pair in order], [relative]))[0])
    wanted = gain / raw
    scales[2] = wanted * ONE**3 / (scales[0] * scales[1])
    choices = product(*((int(s), int(s) + 1) for s in scales))
    best = min(choices, key=lambda b: abs(np.prod(np.array(b) / ONE) - wanted))
    return tuple(Section(b, *pair) for b, pair in zip(best, order, strict=True))


def _delay(relative: ArrayLike) -> Complex:
    return np.exp(-2j * np.pi * np.asarray(relative, np.float64))


def _transfer(sections: Sequence[Section], relative: ArrayLike) -> Complex:
    z = _delay(relative)
    out = np.ones_like(z)
    for s, (b0, b1, b2) in zip(sections, _NUMERATORS, strict=False):
        out *= s.b / ONE * (b0 + b1 * z + b2 * z * z)
        out /= 1.0 - s.a1 / ONE * z - s.a2 / ONE * z * z
    return out
