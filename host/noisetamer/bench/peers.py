"""Other programs that can say how loud a recording is, told to weight it as IEC 61672-1 does."""

import importlib.util
import math
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.polynomial import polynomial

from noisetamer.base.errors import UserError
from noisetamer.bench.turns import said

RATE = 48_000
# IEC 61672-1:2013, annex E: the poles of A, Hz.
_POLES = ((20.599, 20.599), (107.653, 737.862), (12194.217, 12194.217))
# Zeros at 0 Hz, of each pair of poles.
_ZEROS = (2, 2, 0)

# A sine at full scale has half of full scale's power.
_SINE = 10 * math.log10(2)
# {program: (where it says its level, what makes that dB below a full-scale sine)}
_SAYS = {
    "ffmpeg": (r"RMS level dB: (\S+)", _SINE),
    "sox": (r"RMS lev dB +(\S+)", _SINE),
    "scipy": (r"LAeq +(\S+)", -100.0),
}

# {program: (option, where it then says its version)}
_VERSIONS = {"ffmpeg": ("-version", r"version (\S+)"), "sox": ("--version", r"v(\d\S*)")}

Biquad = tuple[list[float], list[float]]


def a_weighting() -> list[Biquad]:
    """(b, a) of three biquads by the bilinear transform, together 1 at 1 kHz."""
    z = np.exp(-2j * np.pi * 1000 / RATE)
    found: list[Biquad] = []
    for poles, zeros in zip(_POLES, _ZEROS, strict=True):
        a = np.array([1.0])
        for pole in poles:
            w = 2 * np.pi * pole / (2 * RATE)
            a = polynomial.polymul(a, [1 + w, w - 1])
        b = polynomial.polypow([1.0, -1.0 if zeros else 1.0], 2)
        b = b * abs(polynomial.polyval(z, a) / polynomial.polyval(z, b))
        found.append(((b / a[0]).tolist(), (a / a[0]).tolist()))
    return found


def commands(recording: Path) -> tuple[dict[str, Sequence[str]], dict[str, str]]:
    """({peer and how many quantities it tells: its command}, {peer: why it is left out})."""
    found: dict[str, Sequence[str]] = {}
    missing: dict[str, str] = {}
    weighting = a_weighting()
    if program := shutil.which("ffmpeg"):
        chain = ",".join(
            "biquad="
            + ":".join(
                f"{n}{i}={v:.15g}" for n, c in (("b", b), ("a", a)) for i, v in enumerate(c)
            )
            for b, a in weighting
        )
        found["ffmpeg (3 quantities)"] = [
            *(program, "-hide_banner", "-nostdin", "-i", str(recording)),
            *("-af", f"aformat=sample_fmts=dbl,{chain},astats", "-f", "null", "-"),
        ]
    else:
        missing["ffmpeg"] = "not installed"
    if program := shutil.which("sox"):
        effects = [
            word for b, a in weighting for word in ("biquad", *(f"{v:.15g}" for v in (*b, *a)))
        ]
        found["sox (3 quantities)"] = [program, str(recording), "-n", *effects, "stats"]
    else:
        missing["sox"] = "not installed"
    if importlib.util.find_spec("scipy"):
        found["scipy (13 quantities)"] = [
            *(sys.executable, "-m", "noisetamer.bench.scipy_meter", str(recording)),
        ]
    else:
        missing["scipy"] = "not installed"
    return found, missing


def versions(names: Iterable[str]) -> list[str]:
    """Of peers of `commands` that are programs of their own."""
    found = []
    for name in (name.split()[0] for name in names):
        if name in _VERSIONS:
            option, where = _VERSIONS[name]
            told = re.search(where, said([name, option]))
            found.append(f"{name} {told[1] if told else '?'}")
    return found


def LAeq(name: str, heard: str) -> float:
    """dB re a full-scale sine, out of what a peer of `commands` said. Raises UserError."""
    where, above = _SAYS[name.split()[0]]
    found = re.findall(where, heard)
    try:
        return float(found[-1]) + above
    except (IndexError, ValueError):
        raise UserError(f"{name} says no level where it is looked for: {where}") from None
