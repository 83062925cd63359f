"""A sound level meter as a person writes it with scipy: what the meter is measured beside.

python -m noisetamer.bench.scipy_meter FILE
"""

import sys

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy import signal

from noisetamer.bench.peers import RATE, a_weighting

FULL_SCALE_DB = 100.0
# Time constants (IEC 61672-1:2013, 5.8), s.
FAST, SLOW = 0.125, 1.0
# Poles of C at the low and the high end, Hz.
LOW, HIGH = 20.599, 12194.217


def quantities(sound: NDArray[np.float64]) -> dict[str, float]:
    """Levels, dB, a full-scale sine being FULL_SCALE_DB."""
    A = np.asarray(signal.sosfilt([[*b, *a] for b, a in a_weighting()], sound))
    w = np.array([LOW, LOW, HIGH, HIGH]) * 2 * np.pi
    s = 2j * np.pi * 1000
    gain = np.abs(s**2 / np.prod(s + w))
    sections = signal.zpk2sos(*signal.bilinear_zpk([0, 0], -w, 1 / gain, RATE))
    C = np.asarray(signal.sosfilt(sections, sound))
    found = {
        "LAeq": _dB(np.mean(A**2)),
        "LCeq": _dB(np.mean(C**2)),
        "LZeq": _dB(np.mean(sound**2)),
    }
    for name, constant in (("F", FAST), ("S", SLOW)):
        k = 1 - np.exp(-1 / (constant * RATE))
        level = np.asarray(signal.lfilter([k], [1, k - 1], A**2))[RATE:]
        found[f"LA{name}max"], found[f"LA{name}min"] = _dB(level.max()), _dB(level.min())
        if name == "F":
            for n in (10, 50, 90, 95):
                found[f"LAF{n}"] = _dB(np.percentile(level[:: RATE // 100], 100 - n))
    found["LCpeak"] = _dB(np.max(np.abs(C)) ** 2)
    found["LZpeak"] = _dB(np.max(np.abs(sound)) ** 2)
    return found


def _dB(power: float | np.floating) -> float:
    return FULL_SCALE_DB + 10 * float(np.log10(2 * power))


if __name__ == "__main__":
    for name, level in quantities(np.asarray(soundfile.read(sys.argv[1])[0], float)).items():
        print(f"{name:8}{level:7.2f}")
