"""Tonebursts of 4 kHz, one and many: IEC 61672-1:2013, 5.9 and 5.10, Table 4."""

import numpy as np

from noisetamer.sound.kernels.signal import Signal
from noisetamer.sound.standards.iec61672 import ToneburstRow, tonebursts
from noisetamer.sound.standards.signals import (
    RATE,
    TONEBURST_HZ,
    Samples,
    burst,
    level,
    quantised,
    sine,
)
from noisetamer.sound.verify.check import Axis, Bound, Check, Section, about
from noisetamer.sound.verify.kernels import Kernel
from tamer.hear.kernel.block_sums import BlockSums

LEVELS = (-3.0, -50.0)
REPEATED_SECONDS = 2.0
REPEATED = ((200.0, 2), (50.0, 5), (10.0, 20), (1.0, 100), (0.25, 200))
"""(Duration of a burst in ms, how many in REPEATED_SECONDS)."""

_TAU = {"LAFmax-LA": 0.125, "LASmax-LA": 1.0}


def single(kernel: Kernel) -> Section:
    """LAFmax, LASmax and LAE of bursts from 1 s down to 0.25 ms."""
    durations = sorted({row.milliseconds for row in tonebursts()})
    checks: list[Check] = []
    for dB in LEVELS:
        sounds = [burst(TONEBURST_HZ, dB, _cycles(ms), 1.5) for ms in durations]
        steady = _steady(kernel, dB)
        founds = [found for (found,) in kernel.hear([Signal(s, [len(s)]) for s in sounds])]
        heard = dict(zip(durations, founds, strict=True))
        checks += [
            Check(
                f"{row.quantity}, {row.milliseconds:g} ms at {dB:g} dB",
                _reading(row, heard[row.milliseconds]) - steady,
                about(_reference(row), kernel.limits.tonebursts),
                Bound(row.reference, *row.class1),
                curve=row.quantity if dB == LEVELS[0] else "",
                at=row.milliseconds,
            )
            for row in tonebursts()
        ]
    return Section(
        "bursts",
        "Tonebursts",
        "5.9, Table 4",
        f"Single bursts of 4 kHz at {LEVELS[0]:g} dB (in the picture) and {LEVELS[1]:g} dB, "
        "relative to the same tone going on. Our limit holds against 10 lg(1 - exp(-T/tau)) for "
        "Fast and Slow and 10 lg(T / 1 s) for LAE, class 1 against the table's rounded values.",
        checks,
        Axis("duration of the burst, ms", logarithmic=True),
    )


def repeated(kernel: Kernel) -> Section:
    """LAeq of trains of bursts, the limits being those of LAE for one such burst."""
    dB = LEVELS[0]
    steady = _steady(kernel, dB)
    sounds = [_train(ms, count, dB) for ms, count in REPEATED]
    class1 = {r.milliseconds: r.class1 for r in tonebursts() if r.quantity == "LAE-LA"}
    checks = []
    for (ms, count), (found,) in zip(
        REPEATED, kernel.hear([Signal(s, [len(s)]) for s in sounds]), strict=True
    ):
        reference = float(10.0 * np.log10(count * ms / 1000.0 / REPEATED_SECONDS))
        checks.append(
            Check(
                f"LAeq - LA, {count} bursts of {ms:g} ms in {REPEATED_SECONDS:g} s",
                level(found.A / found.n) - steady,
                about(reference, kernel.limits.tonebursts),
                Bound(reference, *class1[ms]),
            )
        )
    return Section(
        "repeated",
        "Repeated tonebursts",
        "5.10",
        "Trains of equal bursts of 4 kHz; the reference is 10 lg(n Tb / Tm).",
        checks,
    )


def _cycles(milliseconds: float) -> float:
    return milliseconds * TONEBURST_HZ / 1000.0


def _steady(kernel: Kernel, dB: float) -> float:
    ((_, found),) = kernel.hear([Signal(sine(TONEBURST_HZ, dB, 3.0), [RATE, 3 * RATE])])
    return level(found.A / found.n)


def _reading(row: ToneburstRow, found: BlockSums) -> float:
    return level(
        {"LAFmax-LA": found.fast_max, "LASmax-LA": found.slow_max, "LAE-LA": found.A / RATE}[
            row.quantity
        ]
    )


def _reference(row: ToneburstRow) -> float:
    """Before rounding: 10 lg(1 - exp(-T/tau)) and 10 lg(T / 1 s)."""
    seconds = row.milliseconds / 1000.0
    if row.quantity == "LAE-LA":
        return float(10.0 * np.log10(seconds))
    return float(10.0 * np.log10(1.0 - np.exp(-seconds / _TAU[row.quantity])))


def _train(milliseconds: float, count: int, dB: float) -> Samples:
    """Bursts from a rising zero crossing each, evenly over the time, silence at the end."""
    n, each = round(REPEATED_SECONDS * RATE), round(milliseconds / 1000.0 * RATE)
    wave = np.zeros(n)
    t = np.arange(each) / RATE
    one = np.sin(2.0 * np.pi * TONEBURST_HZ * t) * 10.0 ** (dB / 20.0)
    for i in range(count):
        start = i * (n // count)
        wave[start : start + each] = one
    return quantised(wave)
