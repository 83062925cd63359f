"""C-weighted peak of one cycle and of half cycles: IEC 61672-1:2013, 5.13 and Table 5."""

import numpy as np

from noisetamer.sound.kernels.signal import Signal
from noisetamer.sound.standards.signals import RATE, Samples, level, quantised, sine
from noisetamer.sound.verify.check import Check, Section, about
from noisetamer.sound.verify.kernels import Kernel

LEVEL = -10.0

ROWS = (
    (31.5, 1.0, 2.5, 2.0),
    (500.0, 1.0, 3.5, 1.0),
    (8000.0, 1.0, 3.4, 2.0),
    (500.0, 0.5, 2.4, 1.0),
)
"""Hz, cycles, reference LCpeak - LC in dB, class 1 limit in dB."""

# A sampled cycle's highest sample depends on where between two samples it begins.
STARTS = (0.0, 0.25, 0.5, 0.75)


def peak(kernel: Kernel) -> Section:
    """Each begun at four places between two samples, half cycles in both polarities."""
    checks: list[Check] = []
    for hertz, cycles, reference, class1 in ROWS:
        ((_, steady),) = kernel.hear([Signal(sine(hertz, LEVEL, 2.0), [RATE, 2 * RATE])])
        continuous = level(steady.C / steady.n)
        shapes = {"one cycle": 1} if cycles == 1 else {"positive half": 1, "negative half": -1}
        cases = [(shape, start) for shape in shapes for start in STARTS]
        sounds = [shapes[shape] * _cycle(hertz, cycles, start) for shape, start in cases]
        founds = kernel.hear([Signal(s, [len(s)]) for s in sounds])
        checks += [
            Check(
                f"LCpeak - LC, {shape} of {hertz:g} Hz, {start:g} sample late",
                level(found.C_peak) - continuous,
                about(reference, class1 / 2.0),
                about(reference, class1),
            )
            for (shape, start), (found,) in zip(cases, founds, strict=True)
        ]
    return Section(
        "peak",
        "C-weighted peak",
        "5.13, Table 5",
        "One cycle and half cycles against the steady tone's LC. The peak is that of the "
        "samples: of 8 kHz there are six a cycle, so it depends on where they fall.",
        checks,
    )


def _cycle(hertz: float, cycles: float, start: float) -> Samples:
    """Half a second that begins with the cycle, `start` of a sample after its first."""
    t = (np.arange(RATE // 2) - start) / RATE
    within = (t >= 0) & (t * hertz < cycles - 1e-9)
    wave = np.sin(2.0 * np.pi * hertz * t) * 10.0 ** (LEVEL / 20.0)
    return quantised(np.where(within, wave, 0.0))
