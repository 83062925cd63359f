"""Overload and under-range indication: IEC 61672-1:2013, 5.11 and 5.12."""

from dataclasses import dataclass

import numpy as np

from noisetamer.sound.kernels.signal import Signal
from noisetamer.sound.standards.signals import RATE, Samples, burst, quantised, sine
from noisetamer.sound.verify.check import Bound, Check, Section, about
from noisetamer.sound.verify.kernels import Kernel
from noisetamer.sound.verify.stimulus import FULL_SCALE_SPL, settled, tone
from tamer.hear.kernel.block_sums import BlockSums
from tamer.hear.kernel.meter import levels
from tamer.hear.validity import reasons
from tamer.record.reading import OVERLOAD, UNDER_RANGE, VALID

HERTZ = 4000.0
FLOOR = 30.0  # dB(A)


@dataclass(frozen=True)
class _Microphone:
    """Only the words themselves can overload."""

    overload: float = np.inf
    floor: float = FLOOR


def overload(kernel: Kernel) -> Section:
    """Clipped sound is flagged, sound below is not, and what is not flagged reads right."""
    clipped = [_flag(f) for f in _heard(kernel, [_sine(dB) for dB in (0.5, 1.0, 3.0, 6.0, 20.0)])]
    below = [_flag(f) for f in _heard(kernel, [_sine(dB) for dB in (-0.5, -3.0, -20.0, -60.0)])]
    one = [
        _flag(f)
        for f in _heard(kernel, [burst(HERTZ, 6.0, 0.5, 1.0), -burst(HERTZ, 6.0, 0.5, 1.0)])
    ]
    quiet = [_flag(f) for f in _heard(kernel, [_sine(dB - FULL_SCALE_SPL) for dB in (10.0, 25.0)])]
    up, down = _first_flagged(kernel, 1), _first_flagged(kernel, -1)
    highest = min(up, down) - 0.1
    ((at_highest, _, _), (reference, _, _)) = settled(
        kernel, [tone(1000.0, highest), tone(1000.0, -20.0)]
    )
    checks = [
        _counted("tones of 0.5 dB to 20 dB above full scale flagged", clipped, OVERLOAD),
        _counted("one half cycle above full scale flagged, either polarity", one, OVERLOAD),
        _counted("tones of 0.5 dB to 60 dB below full scale not flagged", below, VALID),
        _counted("tones of 10 dB(A) and 25 dB(A) flagged as under range", quiet, UNDER_RANGE),
        Check(
            "first flagged level, positive less negative half cycle",
            up - down,
            about(0.0, kernel.limits.half_cycles),
            about(0.0, 1.5),
        ),
        Check(
            f"linearity at {highest:.1f} dB, the highest level not flagged",
            float(at_highest - highest - (reference + 20.0)),
            about(0.0, kernel.limits.linear),
            about(0.0, 0.8),
        ),
    ]
    return Section(
        "overload",
        "Overload and under-range",
        "5.11, 5.12",
        "The firmware's guard judges what the kernel found in one second: a second with "
        f"clipped sound must be flagged as overload, one below {FLOOR:g} dB(A) as under range "
        f"(a full-scale sine taken as {FULL_SCALE_SPL:g} dB), others must not.",
        checks,
    )


def _counted(name: str, flags: list[int], wanted: int) -> Check:
    """As many as there are, or it fails."""
    expected = float(len(flags))
    return Check(name, float(flags.count(wanted)), Bound(expected, 0.0, 0.0), unit="sounds")


def _first_flagged(kernel: Kernel, sign: int) -> float:
    """Level in dB re a full-scale sine, to 0.1 dB, from which a half cycle is flagged."""
    candidates = np.arange(-20, 21) / 10.0
    sounds = [sign * burst(1000.0, float(dB), 0.5, 0.25) for dB in candidates]
    founds = _heard(kernel, sounds)
    flagged = [_flag(found) == OVERLOAD for found in founds]
    return float(candidates[flagged.index(True)]) if any(flagged) else np.inf


def _sine(dB: float) -> Samples:
    if dB <= 0:
        return sine(HERTZ, dB, 1.0)
    t = np.arange(RATE) / RATE
    return quantised(np.sin(2.0 * np.pi * HERTZ * t) * 10.0 ** (dB / 20.0))


def _heard(kernel: Kernel, sounds: list[Samples]) -> list[BlockSums]:
    return [found for (found,) in kernel.hear([Signal(s, [len(s)]) for s in sounds])]


def _flag(found: BlockSums) -> int:
    heard = levels(found, FULL_SCALE_SPL)
    LAeq, _, _, LCpeak = heard
    return reasons.first_reason(
        power=False,
        gap=False,
        faulty=False,
        spoke=False,
        overload=reasons.is_overloaded(found, LCpeak, _Microphone()),
        under_range=LAeq < 10 * FLOOR,
        weather=VALID,
        clock_known=True,
    )
