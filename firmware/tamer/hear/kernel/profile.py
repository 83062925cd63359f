"""The constants of a kind of microphone, as boards/microphones/ states them. Pure.

`Profile`:

| field | what |
|---|---|
| name | of the part |
| tolerance | of its sensitivity, dB |
| full_scale | level of a full-scale sine of 1 kHz, dB |
| floor | its own noise, dB(A) |
| overload | highest peak level it hears undistorted, dB |
| equaliser | (gain, shelves (k, g)) for a kernel |
| bits | of a word that carry sound |
| late_bits | how far its words are shifted up in their slot |
| start_ms | from power-on until it gives sound |
"""

import math
from collections import namedtuple

Profile = namedtuple(
    "Profile",
    (
        "name",
        "tolerance",
        "full_scale",
        "floor",
        "overload",
        "equaliser",
        "bits",
        "late_bits",
        "start_ms",
    ),
)

# Of an equaliser, as many as the FPU kernel has room for.
MOST_SHELVES = 3

# Data sheets state sensitivity at 1 Pa, and overload as the level of a sine.
_SENSITIVITY_AT = 94.0
_CREST = 10 * math.log10(2)


def must_be_equaliser(gain, shelves):
    """ValueError unless every kernel can run it. `shelves`: (k, g) of each, of minimum phase."""
    if not 0.01 < gain < 100:
        raise ValueError("gain %g: give 0.01 < gain < 100" % gain)
    if len(shelves) > MOST_SHELVES:
        raise ValueError("an equaliser has at most three shelves, not %d" % len(shelves))
    for k, g in shelves:
        if not (1e-4 < k < 1 and 0 < k * (1 + g) < 2 and abs(g) < 16):
            raise ValueError(
                "shelf k=%g g=%g: give 0.0001 < k < 1, k*(1 + g) < 2, -1 < g < 16" % (k, g)
            )


def profile(
    name,
    sensitivity,
    tolerance,
    noise,
    acoustic_overload,
    start_ms,
    equaliser=(1.0, ()),
    bits=24,
    late_bits=0,
):
    """A profile from what a data sheet states.

    sensitivity: dBFS at 94 dB and 1 kHz, 0 dBFS being a full-scale sine. noise: equivalent
    input noise, dB(A). acoustic_overload: level of a sine, dB.
    """
    return Profile(
        name,
        tolerance,
        _SENSITIVITY_AT - sensitivity,
        noise,
        acoustic_overload + _CREST,
        equaliser,
        bits,
        late_bits,
        start_ms,
    )
