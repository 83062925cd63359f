"""What a microphone adds, and what must not move a reading: direct current, deep tones."""

from noisetamer.sound.design.weighting import analytic
from noisetamer.sound.verify.check import Check, Section, about
from noisetamer.sound.verify.kernels import Kernel
from noisetamer.sound.verify.stimulus import DEEP_HZ, FULL_SCALE_SPL, settled, tone

QUIET, LOUD = 33.0, 114.0
OFFSET = round(0.01 * 2**23)
SETTLE = 4.0


def disturbance(kernel: Kernel) -> Section:
    """A direct current of 1 % under a quiet tone; a loud deep tone on its own."""
    quiet = tone(1000.0, QUIET - FULL_SCALE_SPL, SETTLE)
    without, with_offset = settled(kernel, [quiet, quiet + OFFSET], SETTLE)
    (loud,) = settled(kernel, [tone(DEEP_HZ, LOUD - FULL_SCALE_SPL)]) + FULL_SCALE_SPL
    limit = kernel.limits.disturbed
    checks = [
        Check(
            f"{QUIET:g} dB at 1 kHz with 1 % direct current, change of {name}",
            float(with_offset[column] - without[column]),
            about(0.0, limit),
        )
        for column, name in enumerate(("LA", "LC"))
    ]
    checks += [
        Check(
            f"{LOUD:g} dB at 31.5 Hz, L{name}",
            float(loud[column]),
            about(LOUD + float(analytic(name, DEEP_HZ)), limit),
            about(LOUD + float(analytic(name, DEEP_HZ)), 1.5),
        )
        for column, name in enumerate(("A", "C", "Z"))
    ]
    return Section(
        "disturbance",
        "Direct current and loud deep tones",
        "",
        "MEMS microphones deliver a direct current with the sound, and wind is deep and loud: "
        "filters of low precision turn both into a noise floor. Full scale is "
        f"{FULL_SCALE_SPL:g} dB here.",
        checks,
    )
