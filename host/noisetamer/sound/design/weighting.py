"""Frequency weightings A, C and Z and time weightings F and S, designed for sampled sound.

All poles of A and C are real (IEC 61672-1:2013, Annex E). Those at low frequencies become
leaky first-order sections `y = x - s; s += k*y`, whose float32 rounding stays small where a
direct-form biquad with its poles near z = 1 would add a noise floor. The pole pair at
12.2 kHz becomes one biquad fitted to the analytic curve, because a bilinear transform bends
it by 6 dB at 16 kHz.

    x -> 1 Hz -> [Z] -> 20.6 Hz, 20.6 Hz, pole pair -> [C] -> 107.7 Hz, 737.9 Hz -> [A]
"""

from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from math import exp, pi, sqrt
from typing import Literal

import numpy as np
import scipy  # loads a part of itself when it is first used
from numpy.typing import ArrayLike, NDArray

Weighting = Literal["A", "C", "Z"]
Decibels = NDArray[np.float64]
"""dB, in the shape of the frequencies asked about."""

RATE = 48_000
FAST_SECONDS = 0.125
SLOW_SECONDS = 1.0
DIRECT_CURRENT_HZ = 1.0

THIRD_OCTAVES_HZ = 1000.0 * 10.0 ** (np.arange(-20, 14) / 10.0)
"""The 34 exact frequencies of IEC 61672-1:2013, Table 3: 10 Hz to 20 kHz."""


@dataclass(frozen=True)
class Poles:
    """Pole frequencies in Hz; `low` and `high` are double, the other two are A's own."""

    low: float
    a_low: float
    a_high: float
    high: float


def poles() -> Poles:
    """IEC 61672-1:2013, Annex E.3: from fL = 10^1.5 Hz, fH = 10^3.9 Hz, fA = 10^2.45 Hz."""
    reference, low, high, a_low = 1000.0, 10.0**1.5, 10.0**3.9, 10.0**2.45
    d = sqrt(0.5)
    b = (reference**2 + (low * high / reference) ** 2 - d * (low**2 + high**2)) / (1.0 - d)
    c = (low * high) ** 2
    root = sqrt(b * b - 4.0 * c)
    return Poles(
        low=sqrt((-b - root) / 2.0),
        a_low=(3.0 - sqrt(5.0)) / 2.0 * a_low,
        a_high=(3.0 + sqrt(5.0)) / 2.0 * a_low,
        high=sqrt((-b + root) / 2.0),
    )


def analytic(weighting: Weighting, frequencies: ArrayLike) -> Decibels:
    """The standard's curve in dB at `frequencies` in Hz, 0 dB at 1 kHz (formulas E.1, E.6)."""
    return _unnormalised(weighting, frequencies) - _unnormalised(weighting, 1000.0)


def _unnormalised(weighting: Weighting, frequencies: ArrayLike) -> Decibels:
    squared = np.square(np.asarray(frequencies, np.float64))
    if weighting == "Z":
        return np.zeros_like(squared)
    p = poles()
    gain = squared / (squared + p.low**2) / (squared + p.high**2)
    if weighting == "A":
        gain = gain * squared / np.sqrt((squared + p.a_low**2) * (squared + p.a_high**2))
    return 20.0 * np.log10(gain)


@dataclass(frozen=True)
class Chain:
    """Every constant of the sampled chain.

    `..._k` are the leaks per sample. The pole pair is
    y[n] = x[n] + b1 x[n-1] + b2 x[n-2] + a1 y[n-1] + a2 y[n-2].
    `C_gain` and `A_gain` multiply the squares of its outputs so that 1 kHz reads 0 dB.
    """

    rate: float
    direct_current_k: float
    low_k: float
    a_low_k: float
    a_high_k: float
    fast_k: float
    slow_k: float
    b1: float = 0.0
    b2: float = 0.0
    a1: float = 0.0
    a2: float = 0.0
    C_gain: float = 1.0
    A_gain: float = 1.0


def leak(frequency: float, rate: float) -> float:
    """k of `s += k*(x - s)` whose pole is at `frequency` Hz."""
    return 1.0 - exp(-2.0 * pi * frequency / rate)


@cache
def design(rate: float = RATE) -> Chain:
    """The chain for a sampling rate in Hz, its pole pair fitted, its gains set."""
    p = poles()
    chain = Chain(
        rate=rate,
        direct_current_k=leak(DIRECT_CURRENT_HZ, rate),
        low_k=leak(p.low, rate),
        a_low_k=leak(p.a_low, rate),
        a_high_k=leak(p.a_high, rate),
        fast_k=1.0 - exp(-1.0 / (FAST_SECONDS * rate)),
        slow_k=1.0 - exp(-1.0 / (SLOW_SECONDS * rate)),
    )
    return with_gains(_with_fitted_pole_pair(chain))


def response(chain: Chain, weighting: Weighting, frequencies: ArrayLike) -> Decibels:
    """Response of the sampled chain in dB at `frequencies` in Hz, gains applied."""
    energy_gain = {"Z": 1.0, "C": chain.C_gain, "A": chain.A_gain}[weighting]
    amplitude = np.abs(_transfer(chain, weighting, frequencies))
    return 20.0 * np.log10(amplitude) + 10.0 * np.log10(energy_gain)


def worst_error(chain: Chain, weighting: Weighting, frequencies: ArrayLike) -> float:
    """Largest distance in dB between the chain and the standard's curve."""
    difference = response(chain, weighting, frequencies) - analytic(weighting, frequencies)
    return float(np.max(np.abs(difference)))


def shelf_response(k: float, g: float, frequencies: ArrayLike, rate: float = RATE) -> Decibels:
    """Response in dB of one equaliser shelf `y = x + g*s; s += k*(x - s)`."""
    z = _delay(frequencies, rate)
    return 20.0 * np.log10(np.abs(1.0 + g * k * z / (1.0 - (1.0 - k) * z)))


def with_gains(chain: Chain) -> Chain:
    """The same chain with the gains that make 1 kHz read 0 dB."""
    return replace(
        chain,
        C_gain=float(1.0 / np.abs(_transfer(chain, "C", 1000.0)) ** 2),
        A_gain=float(1.0 / np.abs(_transfer(chain, "A", 1000.0)) ** 2),
    )


def _delay(frequencies: ArrayLike, rate: float) -> NDArray[np.complex128]:
    return np.exp(-2j * pi * np.asarray(frequencies, np.float64) / rate)


def _transfer(
    chain: Chain, weighting: Weighting, frequencies: ArrayLike
) -> NDArray[np.complex128]:
    z = _delay(frequencies, chain.rate)

    def high_pass(k: float) -> NDArray[np.complex128]:
        return (1.0 - z) / (1.0 - (1.0 - k) * z)

    out = high_pass(chain.direct_current_k)
    if weighting == "Z":
        return out
    pole_pair = (1.0 + chain.b1 * z + chain.b2 * z * z) / (1.0 - chain.a1 * z - chain.a2 * z * z)
    out = out * high_pass(chain.low_k) ** 2 * pole_pair
    if weighting == "C":
        return out
    return out * high_pass(chain.a_low_k) * high_pass(chain.a_high_k)


_FIT_HZ = np.concatenate((np.geomspace(1000.0, 5000.0, 40), np.linspace(5100.0, 20_000.0, 150)))


def _with_fitted_pole_pair(chain: Chain) -> Chain:
    """b2, a1 and a2 of least worst error in A and C from 1 kHz to 20 kHz.

    With b1 = 0 the worst error grows by 0.001 dB and each sample costs one multiplication
    less. Least squares, reweighted by the error until it is even (Lawson's method).
    """
    curves = np.concatenate([analytic(w, _FIT_HZ) for w in ("A", "C")])

    def error(b2: float, a1: float, a2: float) -> Decibels:
        trial = with_gains(replace(chain, b2=b2, a1=a1, a2=a2))
        return np.concatenate([response(trial, w, _FIT_HZ) for w in ("A", "C")]) - curves

    weights = np.ones(curves.shape)
    fitted = np.array([-0.14, 0.69, -0.12])
    for _ in range(60):
        fitted = scipy.optimize.least_squares(lambda p, w=weights: w * error(*p), fitted).x
        size = np.abs(error(*fitted))
        weights *= 0.5 + size / size.max()
        weights /= weights.mean()
    b2, a1, a2 = (float(value) for value in fitted)
    return replace(chain, b2=b2, a1=a1, a2=a2)


@dataclass(frozen=True)
class WholeNumbers:
    """Constants of an integer kernel: k = `multiplier` / 2**`shift`; the pole pair over 2**10.

    `firmware/tamer/hear/kernel/kernel_int.py` has them as literals; tests hold it to these.
    """

    direct_current: tuple[int, int]
    low: tuple[int, int]
    a_low: tuple[int, int]
    a_high: tuple[int, int]
    fast: tuple[int, int]
    slow: tuple[int, int]
    b0: int
    b2: int
    a1: int
    a2: int


POLE_PAIR_BITS = 10


@cache
def whole_numbers(rate: float = RATE) -> WholeNumbers:
    """The design rounded to short integers, the pole pair to the best of its neighbours."""
    chain = design(rate)
    one = 1 << POLE_PAIR_BITS
    steps = (-1, 0, 1)
    nearest = [round(value * one) for value in (chain.a1, chain.a2)]
    b0 = round(one * sqrt(chain.C_gain))
    candidates = [
        replace(chain, b2=(round(chain.b2 * b0) + i) / b0, a1=a1 / one, a2=a2 / one)
        for i, a1, a2 in product(
            steps, (nearest[0] + step for step in steps), (nearest[1] + step for step in steps)
        )
    ]
    best = min(candidates, key=lambda c: worst_error(with_gains(c), "C", _FIT_HZ))
    return WholeNumbers(
        direct_current=_fraction(chain.direct_current_k, bits=1),
        low=_fraction(chain.low_k, bits=9),
        a_low=_fraction(chain.a_low_k, bits=10),
        a_high=_fraction(chain.a_high_k, bits=9),
        fast=_fraction(chain.fast_k, bits=8),
        slow=_fraction(chain.slow_k, bits=8),
        b0=b0,
        b2=round(best.b2 * b0),
        a1=round(best.a1 * one),
        a2=round(best.a2 * one),
    )


def _fraction(k: float, bits: int) -> tuple[int, int]:
    """k as multiplier and shift, the multiplier of exactly `bits` bits."""
    shift = 0
    while round(k * 2 ** (shift + 1)).bit_length() <= bits:
        shift += 1
    return round(k * 2**shift), shift


def chain_of(numbers: WholeNumbers, rate: float = RATE) -> Chain:
    """The chain an integer kernel with these constants computes: for tests of its error."""

    def k(fraction: tuple[int, int]) -> float:
        return fraction[0] / 2 ** fraction[1]

    one = 1 << POLE_PAIR_BITS
    return with_gains(
        Chain(
            rate=rate,
            direct_current_k=k(numbers.direct_current),
            low_k=k(numbers.low),
            a_low_k=k(numbers.a_low),
            a_high_k=k(numbers.a_high),
            fast_k=k(numbers.fast),
            slow_k=k(numbers.slow),
            b2=numbers.b2 / numbers.b0,
            a1=numbers.a1 / one,
            a2=numbers.a2 / one,
        )
    )
