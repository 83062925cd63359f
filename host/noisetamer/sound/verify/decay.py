"""Time weightings F and S: IEC 61672-1:2013, 5.8."""

from math import e, log10

import numpy as np

from noisetamer.sound.kernels.signal import Signal
from noisetamer.sound.standards.signals import RATE, TONEBURST_HZ, level, sine
from noisetamer.sound.verify.check import Axis, Bound, Check, Section, Trace, about
from noisetamer.sound.verify.kernels import Kernel

LEVEL = -10.0
FAST_RATE = 10.0 * log10(e) / 0.125
SLOW_RATE = 10.0 * log10(e) / 1.0
_FAST_CLASS_1 = Bound(34.7, -3.7, 3.8)
_SLOW_CLASS_1 = Bound(4.3, -0.7, 0.8)


def decay(kernel: Kernel) -> Section:
    """How fast F and S fall after a tone, and that both agree with Leq on a steady one."""
    limits = kernel.limits
    fast = _fall(kernel, "fast_min", settle=2, every=0.05, until=1.0)
    slow = _fall(kernel, "slow_min", settle=10, every=0.2, until=4.0)
    checks = [
        Check(
            "F, decay rate",
            _rate(fast),
            about(FAST_RATE, limits.fast_decay),
            _FAST_CLASS_1,
            "dB/s",
        ),
        Check(
            "S, decay rate",
            _rate(slow),
            about(SLOW_RATE, limits.slow_decay),
            _SLOW_CLASS_1,
            "dB/s",
        ),
    ]
    tone = sine(1000.0, LEVEL, 12.0)
    ((_, found),) = kernel.hear([Signal(tone, [10 * RATE, 12 * RATE])])
    equivalent = level(found.A / found.n)
    for name, quantity in (
        ("LAFmax", found.fast_max),
        ("LAFmin", found.fast_min),
        ("LASmax", found.slow_max),
        ("LASmin", found.slow_min),
    ):
        checks.append(
            Check(
                f"{name} less LAeq, steady 1 kHz",
                level(quantity) - equivalent,
                about(0.0, limits.detectors),
                about(0.0, 0.1),
            )
        )
    return Section(
        "decay",
        "Time weighting F and S",
        "5.8",
        "A tone of 4 kHz ends; the rate is that of a straight line through the level from "
        "0.1 s on. On a steady tone of 1 kHz F, S and LAeq must agree.",
        checks,
        Axis("time since the tone ended, s"),
        [fast, slow],
    )


def _fall(kernel: Kernel, quantity: str, settle: int, every: float, until: float) -> Trace:
    """The detector's level after the tone's end, 0 dB just before it."""
    stop, step = settle * RATE, round(every * RATE)
    takes = list(range(stop, stop + round(until * RATE) + 1, step))
    silence = np.zeros(takes[-1] - stop, np.int32)
    sound = np.concatenate((sine(TONEBURST_HZ, LEVEL, settle), silence))
    founds = kernel.hear([Signal(sound, takes)])[0]
    # While it falls, the least value since the last take is the value now.
    levels = [level(getattr(found, quantity)) for found in founds]
    steady = level(getattr(founds[0], quantity.replace("min", "max")))
    name = "F" if quantity == "fast_min" else "S"
    seconds = [(take - stop) / RATE for take in takes[1:]]
    return Trace(name, seconds, [found - steady for found in levels[1:]], _corridor(name, seconds))


def _corridor(name: str, seconds: list[float]) -> tuple[list[float], list[float]]:
    """Levels after the tone's end at the fastest and the slowest rate of class 1."""
    bound = _FAST_CLASS_1 if name == "F" else _SLOW_CLASS_1
    fastest, slowest = bound.reference + bound.high, bound.reference + bound.low
    return [-fastest * t for t in seconds], [-slowest * t for t in seconds]


def _rate(fall: Trace) -> float:
    """dB/s, from 0.1 s on."""
    x, y = np.array(fall.x), np.array(fall.y)
    later = x >= 0.1 - 1e-9
    return float(-np.polyfit(x[later], y[later], 1)[0])
