"""Level linearity: IEC 61672-1:2013, 5.6."""

import numpy as np
from numpy.typing import NDArray

from noisetamer.sound.verify.check import Axis, Check, Section, Trace, about
from noisetamer.sound.verify.kernels import Kernel
from noisetamer.sound.verify.stimulus import DEEP_HZ, HIGH_HZ, settled, tone

REFERENCE = -20
BELOW = 20  # how far the plot goes on below what is judged
CLASS_1, CLASS_1_STEP = 0.8, 0.3
_COLUMN = {"A": 0, "C": 1}

# A-weighting takes 39.5 dB from 31.5 Hz: below -65 dB it is the rounding to 24 bits that is
# measured.
_DEEP_A_SPAN = 65


def linearity(kernel: Kernel) -> Section:
    """1 kHz, 8 kHz and 31.5 Hz: every 5 dB, and every 1 dB near both ends."""
    span = kernel.limits.linear_span
    series = (
        ("LA, 1 kHz", 1000.0, "A", span),
        ("LA, 8 kHz", HIGH_HZ, "A", span),
        ("LC, 31.5 Hz", DEEP_HZ, "C", span),
        ("LA, 31.5 Hz", DEEP_HZ, "A", _DEEP_A_SPAN),
    )
    checks: list[Check] = []
    traces: list[Trace] = []
    for curve, hertz, weighting, range_dB in series:
        below = BELOW if range_dB == span else 0
        levels = _levels(range_dB, below)
        read = settled(kernel, [tone(hertz, float(dB)) for dB in levels])[:, _COLUMN[weighting]]
        error = read - levels
        error -= error[levels == REFERENCE]
        judged = levels >= -range_dB
        checks += [
            Check(
                f"{curve} at {dB:g} dB",
                float(deviation),
                about(0.0, kernel.limits.linear),
                about(0.0, CLASS_1),
                curve=curve,
                at=float(dB),
            )
            for dB, deviation in zip(levels[judged], error[judged], strict=True)
        ]
        checks.append(
            Check(
                f"{curve}, worst change of 1 dB to 10 dB",
                _worst_change(levels[judged], error[judged]),
                None,
                about(0.0, CLASS_1_STEP),
            )
        )
        if below:
            traces.append(Trace(curve, levels.tolist(), error.tolist()))
    return Section(
        "linearity",
        "Level linearity",
        "5.6",
        f"Deviation from a straight line through {REFERENCE} dB, from full scale down; "
        f"A-weighted at 31.5 Hz to {-_DEEP_A_SPAN} dB, where it reads {-_DEEP_A_SPAN - 39} dB. "
        "What is dotted is not judged: there the tone itself is only a few steps of 24 bits.",
        checks,
        Axis("level of the tone, dB re a full-scale sine"),
        traces,
        [f"judged over {span} dB"],
    )


def _levels(span: int, below: int) -> NDArray[np.int64]:
    every_5 = range(0, -span - below - 1, -5)
    ends = [*range(-5, 1), *range(-span, -span + 6)]
    return np.array(sorted({*every_5, *ends, REFERENCE}, reverse=True))


def _worst_change(levels: NDArray[np.int64], error: NDArray[np.float64]) -> float:
    """The largest error of a change of level by 1 dB to 10 dB."""
    step = np.abs(levels[:, None] - levels[None, :])
    with np.errstate(invalid="ignore"):  # nothing was read: the change is no number, and fails
        change = np.where((step >= 1) & (step <= 10), error[:, None] - error[None, :], 0.0)
    return float(np.max(change))
